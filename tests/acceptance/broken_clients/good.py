"""A client without a mistake: good.py [--model MODEL] [--job JOB_ID] [--patience POLLS].

The rest is in MOCKSERVER_*. Given a model, it asks for it first; given a job's id alone, it polls
at once. It leaves no pause between two polls, and gives up after 60, or as many as it is told, that
brought nothing new.
"""

import argparse
import json
import os
import sys
import urllib.error
import urllib.request
from http.client import HTTPException
from typing import Any

MOST_ERRORS = 5
TRIES = 3


class Failed(Exception):
    """It makes no sense to go on."""


class Client:
    def __init__(self, patience: int) -> None:
        self.url = os.environ["MOCKSERVER_URL"] + "/api/v1/models/download"
        self.headers = {"Content-Type": "application/json"}
        if token := os.environ.get("MOCKSERVER_TOKEN"):
            self.headers["Authorization"] = f"Bearer {token}"
        self.patience = patience
        self.errors = 0

    def download(self, model: str | None, job_id: str | None) -> str:
        for _ in range(TRIES if model else 1):
            job: dict[str, Any] = {"status": "unknown", "job_id": job_id}
            if model:
                job = self.ask(model)
            if job["status"] == "already_downloaded":
                return "already downloaded"
            if self.follow(job["job_id"]) == "completed":
                return "completed"
        raise Failed("the download failed")

    def ask(self, model: str) -> dict[str, Any]:
        for _ in range(self.patience):
            job = self.call(self.url, {"model": model})
            if job and (job["status"] == "already_downloaded" or "job_id" in job):
                return job
        raise Failed("the server does not begin the download")

    def follow(self, job_id: str) -> str:
        """Gives `completed` or `failed`."""
        seen, still = None, 0
        while still < self.patience:
            still += 1
            job = self.call(f"{self.url}/status/{job_id}")
            if job is None:
                continue
            status, done, total = (
                job.get(key) for key in ("status", "downloaded_bytes", "total_size_bytes")
            )
            if status in ("completed", "failed"):
                return str(status)
            if (status, done) != seen:
                seen, still = (status, done), 0
            sys.stdout.write(f"{status} {share(done, total)}\n")
        raise Failed("nothing new for a long time")

    def call(self, url: str, data: Any = None) -> dict[str, Any] | None:
        """The job; None when it is worth asking again."""
        body = None if data is None else json.dumps(data).encode()
        try:
            request = urllib.request.Request(url, body, self.headers)
            with urllib.request.urlopen(request, timeout=10) as reply:
                job = json.load(reply)
        except urllib.error.HTTPError as error:
            with error:
                said = error.read(200).decode("utf-8", "replace")
            if error.code in (408, 425, 429) or error.code >= 500:
                return None
            raise Failed(f"HTTP {error.code}: {said}") from None
        except (OSError, ValueError, HTTPException):  # no reply, half of one, or no JSON
            return None
        if isinstance(job, dict) and "status" in job:
            self.errors = 0
            return job
        self.errors += 1  # an error can come with 200, too
        if self.errors > MOST_ERRORS:
            raise Failed(f"no job, but {job}")
        return None


def share(done: Any, total: Any) -> str:
    """In percent, or "?" where that cannot be worked out."""
    try:
        return f"{done / total:.0%}"
    except (TypeError, ZeroDivisionError, OverflowError):
        return "?"


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--model")
    parser.add_argument("--job")
    parser.add_argument("--patience", type=int, default=60)
    given = parser.parse_args()
    try:
        sys.stdout.write(Client(given.patience).download(given.model, given.job) + "\n")
    except Failed as failure:
        sys.exit(f"failed: {failure}")
