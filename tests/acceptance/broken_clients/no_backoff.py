"""Repeats at once what was refused for the moment, whatever Retry-After says."""
# exercise --timeline rate-limited --clock wall --speed 8 => no-backoff

import json
import os
import sys
import time
from urllib.error import HTTPError
from urllib.request import urlopen

url = os.environ["MOCKSERVER_URL"] + "/api/v1/models/download/status/"
url += os.environ["MOCKSERVER_JOB_ID"]

status = "downloading"
while status in ("downloading", "paused"):
    try:
        with urlopen(url, timeout=10) as reply:
            status = json.load(reply)["status"]
    except HTTPError as error:
        if error.code != 429:
            sys.exit(f"HTTP {error.code}")
    else:
        time.sleep(0.12)
sys.exit(0 if status == "completed" else "the download failed")
