"""Reads JSON line by line, though the reply to a POST has several."""
# exercise --timeline download-on-request => crash

import json
import os
import sys
from urllib.request import Request, urlopen

url = os.environ["MOCKSERVER_URL"] + "/api/v1/models/download"
headers = {"Content-Type": "application/json"}
wanted = json.dumps({"model": os.environ["MOCKSERVER_MODEL"]}).encode()

with urlopen(Request(url, wanted, headers), timeout=10) as reply:
    jobs = [json.loads(line) for line in reply]
sys.stdout.write(f"{jobs[0]['job_id']}\n")
