"""Takes every HTTP error for one that passes, and a lost job with them."""
# exercise --timeline forgotten-job --deadline 2s --step 30s => hang poll-forgotten-job

import json
import os
import sys
from urllib.error import HTTPError
from urllib.request import urlopen

url = os.environ["MOCKSERVER_URL"] + "/api/v1/models/download/status/"
url += os.environ["MOCKSERVER_JOB_ID"]

while True:
    try:
        with urlopen(url, timeout=10) as reply:
            job = json.load(reply)
    except HTTPError as error:
        sys.stderr.write(f"HTTP {error.code}, trying again\n")
        continue
    if job["status"] == "completed":
        sys.exit()
    if job["status"] == "failed":
        sys.exit("the download failed")
