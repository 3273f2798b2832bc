"""Does not know `already_downloaded`, and polls the id that it then lacks."""
# exercise --timeline already-downloaded => wrong-failure already-downloaded-polled

import json
import sys
from urllib.error import HTTPError

from api import poll, post

try:
    job_id = json.loads(post()).get("job_id", "")
    for _ in range(100):
        status = poll(job_id).get("status")
        if status == "completed":
            sys.exit()
except HTTPError as error:
    sys.exit(f"HTTP {error.code}")
sys.exit("the download does not end")
