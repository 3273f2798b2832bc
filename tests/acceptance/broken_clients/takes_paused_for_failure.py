"""Knows three statuses: what is neither downloading nor completed has failed."""
# exercise --timeline paused-then-resumed => wrong-failure

import sys

from api import poll

status = "downloading"
while status == "downloading":
    status = poll()["status"]
if status != "completed":
    sys.exit(f"the download failed: {status}")
