"""Polls a fixed number of times, also when the job has long completed."""
# exercise --timeline healthy => poll-after-end

import sys

from api import poll

statuses = []
for _ in range(40):
    statuses.append(poll()["status"])
sys.exit(0 if "completed" in statuses else "the download does not end")
