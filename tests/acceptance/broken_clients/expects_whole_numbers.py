"""Shows the speed as a whole number, which it need not be."""
# exercise --timeline fractional-speed => crash

import json
import os
import sys
from urllib.request import urlopen

url = os.environ["MOCKSERVER_URL"] + "/api/v1/models/download/status/"
url += os.environ["MOCKSERVER_JOB_ID"]

status = "downloading"
while status in ("downloading", "paused"):
    with urlopen(url, timeout=10) as reply:
        job = json.load(reply)
    status = job["status"]
    sys.stdout.write(f"{job.get('bytes_per_second', 0):d} bytes per second\n")
sys.exit(0 if status == "completed" else "the download failed")
