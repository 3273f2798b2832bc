"""Waits for a `progress` of 1, a member that the API never had."""
# exercise --timeline unknown-fields --deadline 2s --step 30s => hang poll-after-end

import json
import os
from urllib.request import urlopen

url = os.environ["MOCKSERVER_URL"] + "/api/v1/models/download/status/"
url += os.environ["MOCKSERVER_JOB_ID"]

progress = 0.0
while progress < 1:
    with urlopen(url, timeout=10) as reply:
        progress = json.load(reply).get("progress", 0.0)
