"""Knows three statuses: what is neither downloading nor completed has failed."""
# exercise --timeline paused-then-resumed => wrong-failure

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
if status != "completed":
    sys.exit(f"the download failed: {status}")
