"""Takes every HTTP error for one that passes, and a lost job with them."""
# exercise --timeline forgotten-job --deadline 2s --step 30s => hang poll-forgotten-job

import sys
from urllib.error import HTTPError

from api import poll

while True:
    try:
        job = poll()
    except HTTPError as error:
        sys.stderr.write(f"HTTP {error.code}, trying again\n")
        continue
    if job["status"] == "completed":
        sys.exit()
    if job["status"] == "failed":
        sys.exit("the download failed")
