"""Polls as long as it hears `downloading`, whether a byte arrives or not."""
# exercise --timeline stalled-frozen-speed --deadline 2s --step 30s => never-stopped

import sys

from api import poll

status = "downloading"
while status == "downloading":
    status = poll()["status"]
sys.exit(0 if status == "completed" else f"the download is {status}")
