"""Reports success once a reply of 200 does not say that there is more to come."""
# exercise --timeline old-server => wrong-success

import sys
from urllib.error import HTTPError

from api import poll

is_busy = True
while is_busy:
    try:
        job = poll()
    except HTTPError as error:
        sys.exit(f"HTTP {error.code}")
    if job.get("status") == "failed":
        sys.exit("the download failed")
    is_busy = job.get("status") in ("downloading", "paused")
sys.stdout.write("the model is there\n")
