"""Has a deadline for a stalled download, but none for a paused one."""
# exercise --timeline paused-for-ever --deadline 2s --step 30s => never-stopped

import sys

from api import poll

seen, still = None, 0
while still < 60:
    job = poll()
    if job["status"] == "completed":
        sys.exit()
    if job["status"] == "failed":
        sys.exit("the download failed")
    if job["status"] == "paused" or job["downloaded_bytes"] != seen:
        seen, still = job["downloaded_bytes"], 0
    still += 1
sys.exit("the download does not move")
