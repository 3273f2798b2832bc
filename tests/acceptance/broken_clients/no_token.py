"""Sends its token with the request for the model, and with no poll."""
# exercise --timeline healthy --token a-token-of-some-length => wrong-failure no-token

import json
import os
import sys
from urllib.error import HTTPError
from urllib.request import Request, urlopen

url = os.environ["MOCKSERVER_URL"] + "/api/v1/models/download"
headers = {
    "Content-Type": "application/json",
    "Authorization": f"Bearer {os.environ['MOCKSERVER_TOKEN']}",
}
wanted = json.dumps({"model": os.environ["MOCKSERVER_MODEL"]}).encode()

with urlopen(Request(url, wanted, headers), timeout=10) as reply:
    job_id = json.load(reply)["job_id"]
status = "downloading"
while status in ("downloading", "paused"):
    try:
        with urlopen(f"{url}/status/{job_id}", timeout=10) as reply:
            status = json.load(reply)["status"]
    except HTTPError as error:
        sys.exit(f"HTTP {error.code}")
