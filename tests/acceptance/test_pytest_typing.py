"""The fixture in an editor and under mypy: its names, their types, and what they are told to do."""

import inspect
import os
import subprocess
import sys
from pathlib import Path

import pytest

from mockserver import Job, MockServer
from support.inner import run
from support.process import DEADLINE_S

ROOT = Path(__file__).parents[2]


TYPED = """\
from collections.abc import Sequence
from urllib.request import urlopen

import pytest

from mockserver import Job, Limits, MockServer, MockServerSettings, timeline_of

SCRIPT = Job("job_1").downloading("8s", to="40%").paused(until="resume")
WHOLE = SCRIPT.downloading("9s", to="100%").completed()

@pytest.fixture(scope="session")
def mock_server_settings() -> MockServerSettings:
    return MockServerSettings(clock="manual", limits=Limits(polls_after_end=1))

@pytest.mark.mock_server(timeline_of(WHOLE))
def test_all_of_it(mock_server: MockServer) -> None:
    with urlopen(mock_server.job_url("job_1"), timeout=30) as reply:
        assert reply.status == 200
    url: str = mock_server.url
    port: int = mock_server.port
    assert url.endswith(str(port))
    now_ms: int = mock_server.clock.advance("8s")
    assert now_ms == mock_server.clock.now()
    changed: Sequence[str] = mock_server.fire("resume")
    assert changed == ("job_1",)
    state = mock_server.run_until("completed")
    assert state is not None and state.downloaded_bytes == state.total_size_bytes
    armed = mock_server.fault(operation="job_status", reply={"status": 503})
    assert armed.strikes == 0
    mock_server.clear_faults()
    first = mock_server.requests[0]
    method: str = first.method
    status: int | None = first.status
    assert (method, status, first.operation) == ("GET", 200, "job_status")
    assert mock_server.schemas["job_status"]["type"] == "object"
    mock_server.expect("poll-too-fast")
    assert not mock_server.verdict().errors
    mock_server.reset()
    assert mock_server.wsgi_client().get("/api/v1/models/download/status").status_code == 200
    assert mock_server.timeline.name == "inline"
"""
# As for an installed package, mypy says nothing of what is imported; what that imports in its turn
# is none of the test's, and takes half of the time.
MYPY = """\
[mypy]
strict = True
follow_imports = silent
[mypy-click.*,flask.*,h11.*,httpx.*,hypothesis.*,jinja2.*,jsonschema_rs.*,ruamel.*,werkzeug.*]
follow_imports = skip
"""
PUBLIC = """
clear_faults clock control_token edition expect fault fire job_url play port requests reset resets
run_until schemas serving serving_raw start stop text timeline url verdict wsgi_client
"""


def test_a_typed_test_runs(pytester: pytest.Pytester) -> None:
    run(pytester, test_typed=TYPED).assert_outcomes(passed=1)


def test_mypy_accepts_it(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(test_typed=TYPED, test_wrong=TYPED + "    mock_server.clok\n")
    pytester.makefile(".ini", mypy=MYPY)
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "test_typed.py", "test_wrong.py"],
        cwd=pytester.path,
        env={**os.environ, "MYPYPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=4 * DEADLINE_S,
        check=False,
    )
    *mistakes, _ = done.stdout.splitlines()
    assert (done.returncode, done.stderr, len(mistakes)) == (1, "", 1), done.stdout
    assert mistakes[0].startswith("test_wrong.py:")
    assert '"MockServer" has no attribute "clok"' in mistakes[0]


def test_completion_shows_what_there_is(mock_server: MockServer) -> None:
    assert dir(mock_server) == PUBLIC.split()
    assert repr(mock_server) == f"<MockServer {mock_server.url}, playing healthy>"
    for name in dir(mock_server):
        member = inspect.getattr_static(MockServer, name)
        assert inspect.getdoc(member), name
    for name, method in inspect.getmembers(Job, inspect.isfunction):
        assert name.startswith("_") or inspect.getdoc(method), name
