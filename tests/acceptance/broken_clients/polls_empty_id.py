"""Does not know `already_downloaded`, and polls the id that it then lacks."""
# exercise --timeline already-downloaded => wrong-failure already-downloaded-polled

import json
import os
import sys
from urllib.error import HTTPError
from urllib.request import Request, urlopen

url = os.environ["MOCKSERVER_URL"] + "/api/v1/models/download"
headers = {"Content-Type": "application/json"}
wanted = json.dumps({"model": os.environ["MOCKSERVER_MODEL"]}).encode()

try:
    with urlopen(Request(url, wanted, headers), timeout=10) as reply:
        job_id = json.load(reply).get("job_id", "")
    for _ in range(100):
        with urlopen(f"{url}/status/{job_id}", timeout=10) as reply:
            status = json.load(reply).get("status")
        if status == "completed":
            sys.exit()
except HTTPError as error:
    sys.exit(f"HTTP {error.code}")
sys.exit("the download does not end")
