"""Reports success once a reply of 200 does not say that there is more to come."""
# exercise --timeline old-server => wrong-success

import json
import os
import sys
from urllib.error import HTTPError
from urllib.request import urlopen

url = os.environ["MOCKSERVER_URL"] + "/api/v1/models/download/status/"
url += os.environ["MOCKSERVER_JOB_ID"]

is_busy = True
while is_busy:
    try:
        with urlopen(url, timeout=10) as reply:
            job = json.load(reply)
    except HTTPError as error:
        sys.exit(f"HTTP {error.code}")
    if job.get("status") == "failed":
        sys.exit("the download failed")
    is_busy = job.get("status") in ("downloading", "paused")
sys.stdout.write("the model is there\n")
