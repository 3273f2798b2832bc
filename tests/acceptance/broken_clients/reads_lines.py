"""Reads JSON line by line, though the reply to a POST has several."""
# exercise --timeline download-on-request => crash

import json
import sys

from api import post

jobs = [json.loads(line) for line in post().splitlines()]
sys.stdout.write(f"{jobs[0]['job_id']}\n")
