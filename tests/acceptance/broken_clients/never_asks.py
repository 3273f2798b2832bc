"""Succeeds without a request, as one does that talks to something else."""
# exercise --timeline healthy => not-observed

import sys

sys.stdout.write("the model is there\n")
