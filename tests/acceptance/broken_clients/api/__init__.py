"""How the sample clients ask: for their job, and for their model."""

import json
import os
from typing import Any
from urllib.request import Request, urlopen


def poll(job_id: str | None = None, path: str = "download/status") -> Any:
    """The job, its own unless told which; a reply without success is raised."""
    job_id = os.environ["MOCKSERVER_JOB_ID"] if job_id is None else job_id
    return json.loads(_asked(f"{path}/{job_id}", None, {}))


def post(**headers: str) -> bytes:
    """The reply to a request for the model."""
    wanted = json.dumps({"model": os.environ["MOCKSERVER_MODEL"]}).encode()
    return _asked("download", wanted, {"Content-Type": "application/json", **headers})


def _asked(path: str, data: bytes | None, headers: dict[str, str]) -> bytes:
    url = f"{os.environ['MOCKSERVER_URL']}/api/v1/models/{path}"
    with urlopen(Request(url, data, headers), timeout=10) as reply:
        body: bytes = reply.read()
    return body
