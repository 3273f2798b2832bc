"""Polls as long as it hears `downloading`, whether a byte arrives or not."""

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
