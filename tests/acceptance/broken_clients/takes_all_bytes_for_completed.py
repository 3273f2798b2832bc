"""Takes the last byte for the end, whatever the status is."""
# exercise --timeline stuck-at-100-percent => wrong-success

import sys

from api import poll

done, total = 0, 1
while done < total:
    job = poll()
    if job["status"] == "failed":
        sys.exit("the download failed")
    done, total = job["downloaded_bytes"], job["total_size_bytes"]
sys.stdout.write("the model is there\n")
