"""Takes fields for granted that a reply may leave out."""
# exercise --timeline minimal-fields => crash

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
    sys.stdout.write(f"{job['downloaded_bytes']} of {job['total_size_bytes']}\n")
sys.exit(0 if status == "completed" else "the download failed")
