"""Polls a fixed number of times, also when the job has long completed."""
# exercise --timeline healthy => poll-after-end

import json
import os
import sys
from urllib.request import urlopen

url = os.environ["MOCKSERVER_URL"] + "/api/v1/models/download/status/"
url += os.environ["MOCKSERVER_JOB_ID"]

statuses = []
for _ in range(40):
    with urlopen(url, timeout=10) as reply:
        statuses.append(json.load(reply)["status"])
sys.exit(0 if "completed" in statuses else "the download does not end")
