"""Figures for the live server, its sessions and `serve`: `python tests/bench/server.py`."""

import gc
import http.client
import json
import logging
import signal
import statistics
import subprocess
import sys
import threading
import time
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from werkzeug.serving import WSGIRequestHandler, make_server

import figures
from mockserver.http.message import Body, Headers, Request, Response
from mockserver.server.app import create_app
from mockserver.server.config import ServerConfig
from mockserver.server.journal import Journal
from mockserver.server.mock_server import MockServer
from mockserver.server.session import Session
from mockserver.server.sessions import Sessions
from mockserver.timeline.clock import ManualClock

DOWNLOAD = "/api/v1/models/download"
JOB = f"{DOWNLOAD}/status/job_493c7c9ded"
MODEL = json.dumps({"model": "ibm/granite-4-micro"})
AS_JSON = {"Content-Type": "application/json"}
CLIENTS = 100
OPEN = 1_000


class Asking:
    """One connection that is kept."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)

    def ask(self, path: str = JOB, method: str = "GET", body: str | None = None) -> Any:
        self.connection.request(method, path, body, AS_JSON if body else {})
        reply = self.connection.getresponse()
        data = reply.read()
        assert reply.status < 300, data
        return json.loads(data)


def microseconds(function: Callable[[], object]) -> float:
    return figures.per_call(function, seconds=1.0) * 1e6


@contextmanager
def werkzeugs_own() -> Iterator[int]:
    """The same app on werkzeug's server, which keeps connections too if it is told HTTP/1.1."""

    class Handler(WSGIRequestHandler):
        protocol_version = "HTTP/1.1"

    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    app = create_app("healthy", clock=ManualClock())
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server.port
    server.shutdown()
    thread.join()
    server.server_close()


def requests() -> None:
    with MockServer("healthy", clock="manual", with_download=True) as server:
        client = Asking(server.port)
        opened = client.ask("/_mock/sessions", "POST")
        below = f"/_session/{opened['id']}{JOB}"
        poll = microseconds(client.ask)
        figures.line("a poll on a kept connection", f"{poll:.0f} µs")
        with werkzeugs_own() as port:
            other = Asking(port)
            theirs = microseconds(other.ask)
            other.connection.close()
        ratio = f"{theirs / poll:.2f} x ours"
        figures.line("  the same app on werkzeug's own server", f"{theirs:.0f} µs", ratio)
        inside = microseconds(lambda: client.ask(below))
        figures.line("  in a session", f"{inside:.0f} µs", f"{inside / poll:.2f} x the root")
        post = microseconds(lambda: client.ask(DOWNLOAD, "POST", MODEL))
        figures.line("POST for a model", f"{post:.0f} µs", f"{post / poll:.2f} x a poll")

        def opening() -> None:
            made = client.ask("/_mock/sessions", "POST")
            client.ask(f"/_mock/sessions/{made['id']}", "DELETE")

        figures.line("a session opened and closed over HTTP", f"{microseconds(opening):.0f} µs")
        client.connection.close()


def journal() -> None:
    headers = Headers((("Host", "127.0.0.1:1234"), ("Accept", "*/*"), ("User-Agent", "x")))
    for what, body in (("without bodies", b""), ("with 2 kB each way", b"x" * 2048)):
        kept = Journal()
        request = Request("POST", DOWNLOAD, "", headers, Body.of(body))
        reply = Response(200, headers, Body.of(body))

        def entry(
            kept: Journal = kept, request: Request = request, reply: Response = reply
        ) -> None:
            opened = kept.open(lambda: 0, request)
            kept.close(opened, response=reply, replied_ms=0, took_s=0.0)

        figures.line(f"a journal's entry, {what}", f"{microseconds(entry):.1f} µs")


def memory() -> None:
    config = ServerConfig("healthy", clock="manual")
    sessions = Sessions(Session(config))
    sessions.open(config)
    gc.collect()
    tracemalloc.start()
    for _ in range(OPEN - 1):
        sessions.open(config)
    taken, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    each = f"{taken / OPEN / 1e3:.1f} kB each"
    figures.line(f"{OPEN:,} sessions", f"{taken / 1e6:.1f} MB", each)


def stopping() -> None:
    times = []
    for _ in range(7):
        server = MockServer("healthy", clock="manual")
        server.start()
        clients = [Asking(server.port) for _ in range(CLIENTS)]
        for client in clients:
            client.ask()
        began = time.perf_counter()
        server.stop()
        times.append(time.perf_counter() - began)
        for client in clients:
            client.connection.close()
    stop_ms = statistics.median(times) * 1e3
    figures.line(f"stop with {CLIENTS} idle clients", f"{stop_ms:.0f} ms")


def idle(client: Asking) -> None:
    client.ask()


def half_sent(client: Asking) -> None:
    client.connection.connect()
    client.connection.sock.sendall(b"GET / HT")
    Asking(client.port).ask()


def delayed(client: Asking) -> None:
    client.ask("/_mock/faults", "POST", '{"operation": "job_status", "delay": "1h"}')
    client.connection.request("GET", JOB)
    other = Asking(client.port)
    while not other.ask("/_mock/journal")["entries"]:
        pass
    other.connection.close()


def dripping(client: Asking) -> None:
    client.ask("/_mock/faults", "POST", '{"operation": "job_status", "drip": "10s"}')
    client.connection.request("GET", JOB)
    client.connection.sock.recv(1)


def nobody(client: Asking) -> None:
    client.connection.close()


def exits() -> None:
    """From SIGTERM to the exit of `mockserver serve`, whatever a client is doing."""
    for occupy in (nobody, idle, half_sent, delayed, dripping):
        times = [_exit_s(occupy) for _ in range(5)]
        ended_ms = statistics.median(times) * 1e3
        what = f"serve, SIGTERM to exit: {occupy.__name__.replace('_', ' ')}"
        figures.line(what, f"{ended_ms:.0f} ms", "limit 100 ms")


def _exit_s(occupy: Callable[[Asking], None]) -> float:
    command = [sys.executable, "-m", "mockserver", "serve", "--port", "0", "--log-json", "-q"]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        url = json.loads(process.stdout.readline())["url"]
        client = Asking(int(url.rpartition(":")[2]))
        occupy(client)
        began = time.perf_counter()
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=60) == 0
        took_s = time.perf_counter() - began
        client.connection.close()
    return took_s


def main() -> None:
    requests()
    journal()
    memory()
    stopping()
    exits()


if __name__ == "__main__":
    main()
