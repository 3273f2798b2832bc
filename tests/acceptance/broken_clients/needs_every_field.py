"""Takes fields for granted that a reply may leave out."""
# exercise --timeline minimal-fields => crash

import sys

from api import poll

status = "downloading"
while status in ("downloading", "paused"):
    job = poll()
    status = job["status"]
    sys.stdout.write(f"{job['downloaded_bytes']} of {job['total_size_bytes']}\n")
sys.exit(0 if status == "completed" else "the download failed")
