"""Download a model and wait for it: python download.py URL MODEL [INTERVAL_S [DEADLINE_S]].

Exit code 0 when it is there, 1 when it is not.
"""

from __future__ import annotations

import sys
import time
from typing import Any

import requests

ASK_AGAIN = 3
"""How often one asks for the model again, after a failure or a reply that names no job."""
STRANGE = 5
"""How many replies of 200 in a row may be something else than a job."""


class Failed(Exception):
    """It makes no sense to go on."""


class Client:
    def __init__(self, base: str, interval_s: float, deadline_s: float) -> None:
        self.url = f"{base}/api/v1/models/download"
        self.interval_s = interval_s
        self.ends_s = time.monotonic() + deadline_s

    def download(self, model: str) -> str:
        for tries in range(1 + ASK_AGAIN):
            self.wait(tries)
            job = self.call("POST", self.url, {"model": model})
            if job["status"] == "already_downloaded":
                return "already downloaded"
            job_id = job.get("job_id")
            if not job_id:
                why = "the reply names no job"
                continue
            while job["status"] not in ("completed", "failed"):  # a paused job may go on
                self.wait(1)
                job = self.call("GET", f"{self.url}/status/{job_id}")
            if job["status"] == "completed":
                return f"completed: {job_id}"
            why = f"{job_id} has failed"
        raise Failed(f"{why}, asked for {1 + ASK_AGAIN} times")

    def call(self, method: str, url: str, data: Any = None) -> dict[str, Any]:
        """The job; asks again while the server is away, busy, or does not answer with one."""
        strange = 0
        while True:
            try:
                reply = requests.request(method, url, json=data, timeout=10)
                answer = reply.json()
            except requests.RequestException:  # also for a body that is no JSON
                answer, reply = None, None
            if isinstance(answer, dict) and "status" in answer:  # an error can come with 200, too
                return answer
            if reply is not None and 400 <= reply.status_code < 500 and reply.status_code != 429:
                raise Failed(f"HTTP {reply.status_code}: {reply.text[:200]}")
            if reply is not None and reply.status_code == 200:
                strange += 1
                if strange == STRANGE:
                    raise Failed(f"this is no server that downloads: {reply.text[:200]}")
            self.wait(1)

    def wait(self, intervals: int) -> None:
        time.sleep(self.interval_s * intervals)
        if time.monotonic() > self.ends_s:
            raise Failed("no end in sight")


def main(base: str, model: str, interval_s: str = "1", deadline_s: str = "3600") -> None:
    try:
        words = Client(base, float(interval_s), float(deadline_s)).download(model)
    except Failed as failure:
        sys.exit(f"failed: {failure}")
    sys.stdout.write(f"{words}\n")


main(*sys.argv[1:])
