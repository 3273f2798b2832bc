"""Shows the speed as a whole number, which it need not be."""
# exercise --timeline fractional-speed => crash

import sys

from api import poll

status = "downloading"
while status in ("downloading", "paused"):
    job = poll()
    status = job["status"]
    sys.stdout.write(f"{job.get('bytes_per_second', 0):d} bytes per second\n")
sys.exit(0 if status == "completed" else "the download failed")
