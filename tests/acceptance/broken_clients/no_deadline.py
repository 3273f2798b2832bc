"""Polls as long as it hears `downloading`, whether a byte arrives or not."""
# exercise --timeline stalled-frozen-speed --deadline 2s --step 30s => never-stopped

import json
import os
import sys
from urllib.request import urlopen

url = os.environ["MOCKSERVER_URL"] + "/api/v1/models/download/status/"
url += os.environ["MOCKSERVER_JOB_ID"]

status = "downloading"
while status == "downloading":
    with urlopen(url, timeout=10) as reply:
        status = json.load(reply)["status"]
sys.exit(0 if status == "completed" else f"the download is {status}")
