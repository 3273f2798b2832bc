"""Takes the last byte for the end, whatever the status is."""
# exercise --timeline stuck-at-100-percent => wrong-success

import json
import os
import sys
from urllib.request import urlopen

url = os.environ["MOCKSERVER_URL"] + "/api/v1/models/download/status/"
url += os.environ["MOCKSERVER_JOB_ID"]

done, total = 0, 1
while done < total:
    with urlopen(url, timeout=10) as reply:
        job = json.load(reply)
    if job["status"] == "failed":
        sys.exit("the download failed")
    done, total = job["downloaded_bytes"], job["total_size_bytes"]
sys.stdout.write("the model is there\n")
