"""However a session ends, its server ends with it."""

import errno
import gc
import socket
from http.client import HTTPConnection

import pytest

from mockserver.server.mock_server import MockServer
from mockserver.server.session import Session
from support.inner import run
from support.leaks import leaving_nothing
from support.process import DEADLINE_S

STARTS = 300
ENDS = """\
from helpers import *
import os
import pathlib
import signal
import pytest

def test_it(mock_server):
    pathlib.Path("port").write_text(str(mock_server.port))
    assert status(mock_server) == "downloading"
    {ending}
"""


def is_refused(port: int) -> bool:
    with socket.socket() as client:
        client.settimeout(DEADLINE_S)
        return client.connect_ex(("127.0.0.1", port)) == errno.ECONNREFUSED


@pytest.mark.parametrize(
    ("ending", "code", "arguments"),
    [
        ("pass", 0, []),
        ("raise SystemExit(3)", 1, []),
        ("os.kill(os.getpid(), signal.SIGINT)", 2, []),
        ("pytest.exit('enough')", 2, []),
        ("os._exit(9)", 9, []),
        ("os._exit(9)", 1, ["-n", "1", "--max-worker-restart=0"]),
        ("pytest.fail('for good')", 1, ["-n", "1"]),
    ],
)
def test_no_server_is_left(
    pytester: pytest.Pytester, ending: str, code: int, arguments: list[str]
) -> None:
    result = run(pytester, *arguments, test_ends=ENDS.replace("{ending}", ending))
    assert result.ret == code
    assert is_refused(int((pytester.path / "port").read_text()))


def ask(server: MockServer) -> None:
    connection = HTTPConnection("127.0.0.1", server.port, timeout=DEADLINE_S)
    connection.request("GET", "/api/v1/models/download/status")
    with connection.getresponse() as reply:
        assert reply.status == 200
    connection.close()


def test_many_servers_leave_nothing() -> None:
    with MockServer() as first:
        ask(first)
    with leaving_nothing():
        sessions = alive()
        for number in range(STARTS):
            with MockServer("instant", clock="manual") as server:
                if number % 20 == 0:
                    ask(server)
        assert is_refused(server.port)
        del server
    assert alive() <= sessions


def test_one_server_started_many_times_leaves_nothing() -> None:
    server = MockServer("instant", clock="manual")
    with server:
        ask(server)
    port = server.port
    with leaving_nothing():
        for number in range(STARTS):
            server.start()
            if number % 20 == 0:
                ask(server)
            server.stop()
            server.stop()
    assert server.port == port
    assert is_refused(port)


def alive() -> int:
    return sum(isinstance(thing, Session) for thing in gc.get_objects())
