"""Polls /download-status, which does not exist, and shows 0 % until it gives up."""
# exercise --timeline healthy => unknown-path

import json
import os
import sys
from urllib.error import HTTPError
from urllib.request import urlopen

url = os.environ["MOCKSERVER_URL"] + "/api/v1/models/download-status/"
url += os.environ["MOCKSERVER_JOB_ID"]

for _ in range(30):
    try:
        with urlopen(url, timeout=10) as reply:
            job = json.load(reply)
    except HTTPError:
        job = {}
    if job.get("status") == "completed":
        sys.exit()
    share = 100 * job.get("downloaded_bytes", 0) / job.get("total_size_bytes", 1)
    sys.stdout.write(f"{share:.0f} %\n")
sys.exit("the download does not begin")
