"""Repeats at once what was refused for the moment, whatever Retry-After says."""
# exercise --timeline rate-limited --clock wall --speed 8 => no-backoff

import sys
import time
from urllib.error import HTTPError

from api import poll

status = "downloading"
while status in ("downloading", "paused"):
    try:
        status = poll()["status"]
    except HTTPError as error:
        if error.code != 429:
            sys.exit(f"HTTP {error.code}")
    else:
        time.sleep(0.12)
sys.exit(0 if status == "completed" else "the download failed")
