"""Clients that never stop: the test ends all the same, and says what its client did."""

from __future__ import annotations

import pytest

from support.inner import run

HANGING = """\
from helpers import *
import pytest
import urllib.request

def wait_for(url):
    while True:
        with urllib.request.urlopen(url, timeout=30) as reply:
            if json.load(reply)["status"] in ("completed", "failed"):
                return

@pytest.mark.mock_server("paused-for-ever", clock="poll")
def test_on_a_poll_clock(mock_server):
    wait_for(mock_server.job_url(JOB))

@pytest.mark.mock_server("paused-for-ever", clock="manual")
def test_on_a_manual_clock(mock_server):
    wait_for(mock_server.job_url(JOB))

@pytest.mark.mock_server("paused-for-ever", clock="wall", speed=100_000)
def test_on_a_wall_clock(mock_server):
    wait_for(mock_server.job_url(JOB))

def test_the_next_is_answered(mock_server):
    assert status(mock_server) == "downloading"

@pytest.mark.mock_server("paused-for-ever", clock="poll", verdict="off")
def test_not_judged(mock_server):
    for _ in range(400):
        assert status(mock_server) in ("downloading", "paused")

@pytest.mark.mock_server("paused-for-ever", clock="poll", expect="never-stopped")
def test_allowed(mock_server):
    for _ in range(400):
        assert status(mock_server) in ("downloading", "paused")

@pytest.mark.mock_server("paused-for-ever", clock="manual")
def test_reset(mock_server):
    with pytest.raises(OSError):
        wait_for(mock_server.job_url(JOB))
    mock_server.reset()
    assert status(mock_server) == "downloading"
    mock_server.expect("never-stopped")
"""


def test_a_client_that_never_stops_comes_to_an_end(pytester: pytest.Pytester) -> None:
    result = run(pytester, "-p", "no:cacheprovider", test_hanging=HANGING)
    result.assert_outcomes(passed=4, failed=3)
    for name in ("poll", "manual", "wall"):
        result.stdout.fnmatch_lines([f"FAILED test_hanging.py::test_on_a_{name}_clock - *"])
    result.stdout.fnmatch_lines(
        [
            "*never-stopped*: the client made 1 mistake in *",
            "error: never-stopped *",
            "    polled job_493c7c9ded * times in * in which nothing moved: 'paused' at 40 %*",
            "From then on the mock reset its connections, so that it comes to an end.",
        ]
    )
