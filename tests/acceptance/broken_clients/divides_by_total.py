"""Works out a percentage of a total that can be 0."""
# exercise --timeline zero-total => crash

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
    share = job["downloaded_bytes"] / job["total_size_bytes"]
    sys.stdout.write(f"{share:.0%}\n")
sys.exit(0 if status == "completed" else "the download failed")
