"""The fixture as a user has it: pytest inside pytest."""

from __future__ import annotations

import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

from mockserver.server.handle import MockServer
from mockserver.timeline.clock import WallClock

ROOT = Path(__file__).parents[2]
HEAVY = ("flask", "werkzeug", "jsonschema", "jsonschema_rs", "ruamel", "click", "rich")

USERS_TEST = """\
import json
import socket
import urllib.request
from pathlib import Path


def poll(url):
    with urllib.request.urlopen(url, timeout=10) as reply:
        return json.load(reply)


def test_my_client_sees_a_download(mock_server):
    Path("port").write_text(str(mock_server.port))
    jobs = poll(mock_server.url + "/api/v1/models/download/status")
    (job,) = jobs["downloading"]
    assert poll(mock_server.job_url(job["job_id"]))["status"] == "downloading"


def test_my_client_survives_a_server_that_goes_away(mock_server):
    mock_server.stop()
    try:
        poll(mock_server.url)
    except OSError:
        mock_server.start()
    assert poll(mock_server.url)


def test_that_fails(mock_server):
    with Path("port").open("a") as file:
        file.write(f" {mock_server.port}")
    raise AssertionError


def test_after_a_test_its_server_is_gone():
    for port in Path("port").read_text().split():
        try:
            socket.create_connection(("127.0.0.1", int(port)), 10)
        except ConnectionRefusedError:
            continue
        raise AssertionError(port)
"""


def test_a_users_test_gets_a_server_and_leaves_none(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    pytester.makepyfile(test_client=USERS_TEST)
    # Once by name, and once more by the entry point where the package is installed.
    result = pytester.runpytest_subprocess("-p", "mockserver.pytest_plugin", "-q", timeout=60)
    result.assert_outcomes(passed=3, failed=1)
    result.stdout.fnmatch_lines(["FAILED *::test_that_fails*"])
    assert len((pytester.path / "port").read_text(encoding="utf-8").split()) == 2


def test_the_fixture_says_what_it_is(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    result = pytester.runpytest_subprocess(
        "-p", "mockserver.pytest_plugin", "--fixtures", timeout=60
    )
    result.stdout.fnmatch_lines(["mock_server*", "*A server of the test's own*"])


def test_the_plugin_imports_nothing_heavy() -> None:
    code = "import sys, mockserver.pytest_plugin; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    assert {name.split(".")[0] for name in done.stdout.split()}.isdisjoint(HEAVY)


def test_the_fixture_is_the_handle(mock_server: MockServer) -> None:
    assert isinstance(mock_server, MockServer)
    assert mock_server.timeline.name == "healthy"
    assert isinstance(mock_server.clock, WallClock)
    job_url = mock_server.job_url(mock_server.timeline.jobs[0].job_id)
    with urllib.request.urlopen(job_url, timeout=10) as reply:
        assert reply.status == 200
