"""Polls /download-status, which does not exist, and shows 0 % until it gives up."""
# exercise --timeline healthy => unknown-path

import sys
from urllib.error import HTTPError

from api import poll

for _ in range(30):
    try:
        job = poll(path="download-status")
    except HTTPError:
        job = {}
    if job.get("status") == "completed":
        sys.exit()
    share = 100 * job.get("downloaded_bytes", 0) / job.get("total_size_bytes", 1)
    sys.stdout.write(f"{share:.0f} %\n")
sys.exit("the download does not begin")
