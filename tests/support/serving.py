"""`mockserver serve` as a process of its own, and small HTTP requests to it."""

import json
import re
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlsplit

from support.fork_server import Finished
from support.process import DEADLINE_S, Running, environment, started

DOWNLOAD = "/api/v1/models/download"
STATUS = f"{DOWNLOAD}/status"
ID = "job_493c7c9ded"
JOB = f"{STATUS}/{ID}"
MODEL = "ibm/granite-4-micro"
SIZE = 2279145003


def ask(url: str, method: str = "GET", data: Any = None, **headers: str | bytes) -> tuple[int, Any]:
    """Status and JSON data of one request; text where the reply is no JSON."""
    parts = urlsplit(url)
    assert parts.hostname is not None
    connection = HTTPConnection(parts.hostname, parts.port, timeout=DEADLINE_S)
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    if data is not None:
        named["Content-Type"] = "application/json"
    try:
        target = parts.path + (f"?{parts.query}" if parts.query else "")
        connection.request(method, target, None if data is None else json.dumps(data), named)
        reply = connection.getresponse()
        text = reply.read().decode()
    finally:
        connection.close()
    with suppress(ValueError):
        return reply.status, json.loads(text)
    return reply.status, text


class Serving:
    """A running server: where it is, what it said first, and how to end it."""

    def __init__(self, running: Running, opening: str, url: str) -> None:
        self.running = running
        self.opening = opening
        self.url = url

    @property
    def port(self) -> int:
        port = urlsplit(self.url).port
        assert port is not None
        return port

    def line(self, start: str) -> str:
        """The rest of the first line of the opening that begins so, spaces aside."""
        found = re.search(rf"^ *{re.escape(start)}(.*)$", self.opening, re.MULTILINE)
        assert found is not None, self.opening
        return found[1].strip()

    def control(self, path: str, data: Any = None, method: str | None = None) -> Any:
        """What the root session's control API answers, which must be no refusal."""
        method = method or ("GET" if data is None else "POST")
        status, answer = ask(f"{self.url}/_mock{path}", method, data)
        assert status < 300, answer
        return answer

    def stop(self, with_signal: signal.Signals = signal.SIGTERM) -> Finished:
        """End it by a signal: its exit code, and what it printed after the opening."""
        return self.running.stop(with_signal)


@contextmanager
def serving(*arguments: str, env: dict[str, str] | None = None) -> Iterator[Serving]:
    """A server on a free port, once it has said all that it says first."""
    unset = {"MOCKSERVER_TOKEN": "", "MOCKSERVER_CONTROL_TOKEN": ""}
    with started("serve", "--port", "0", *arguments, env={**unset, **(env or {})}) as running:
        opening, url = _opening(running, "--log-json" in arguments)
        yield Serving(running, opening, url)


def _opening(running: Running, is_json: bool) -> tuple[str, str]:
    opening = ""
    while True:
        line = running.out.readline()
        assert line, f"ended after {opening!r}: {running.err.read()}"
        opening += line
        if is_json:
            return opening, str(json.loads(line)["url"])
        if line.startswith("try: "):
            return opening, opening.split()[0]


def in_bash(line: str, **env: str) -> Any:
    """The JSON data that a printed command line gives, pasted into a shell."""
    done = subprocess.run(
        ["bash", "-c", f"{line} -sS"],
        capture_output=True,
        text=True,
        env=environment(**env),
        timeout=DEADLINE_S,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, ""), line
    return json.loads(done.stdout)
