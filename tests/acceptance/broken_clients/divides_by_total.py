"""Works out a percentage of a total that can be 0."""
# exercise --timeline zero-total => crash

import sys

from api import poll

status = "downloading"
while status in ("downloading", "paused"):
    job = poll()
    status = job["status"]
    share = job["downloaded_bytes"] / job["total_size_bytes"]
    sys.stdout.write(f"{share:.0%}\n")
sys.exit(0 if status == "completed" else "the download failed")
