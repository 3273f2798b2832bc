"""Sends its token with the request for the model, and with no poll."""
# exercise --timeline healthy --token a-token-of-some-length => wrong-failure no-token

import json
import os
import sys
from urllib.error import HTTPError

from api import poll, post

job_id = json.loads(post(Authorization=f"Bearer {os.environ['MOCKSERVER_TOKEN']}"))["job_id"]
status = "downloading"
while status in ("downloading", "paused"):
    try:
        status = poll(job_id)["status"]
    except HTTPError as error:
        sys.exit(f"HTTP {error.code}")
