"""The verdict on a client: which tests it fails, when, and what it says."""

from __future__ import annotations

import os

import pytest

from support.inner import run

VERDICTS = """\
from helpers import *
import os

import pytest

def hurry(server):
    for _ in range(30):
        status(server)

@pytest.fixture
def late(mock_server):
    yield
    misbehave(mock_server)

@pytest.fixture
def broken():
    yield
    raise RuntimeError("on its way out")

def test_fine(mock_server):
    assert status(mock_server) == "downloading"

def test_mistaken(mock_server):
    assert status(mock_server) == "downloading"
    misbehave(mock_server)

def test_mistaken_late(late):
    pass

def test_allowed(mock_server):
    mock_server.expect("unknown-path")
    misbehave(mock_server)

@pytest.mark.mock_server(expect="unknown-path")
def test_allowed_by_its_marker(mock_server):
    misbehave(mock_server)
    assert mock_server.verdict().expected

def test_unknown_rule(mock_server):
    mock_server.expect("unknown-pth")

def test_hurried(mock_server):
    hurry(mock_server)

@pytest.mark.mock_server(verdict="warning")
def test_hurried_where_warnings_count(mock_server):
    hurry(mock_server)

@pytest.mark.mock_server(verdict="off")
def test_not_judged(mock_server):
    misbehave(mock_server)

@pytest.mark.mock_server("healthy")
def test_never_asked(mock_server):
    pass

@pytest.mark.mock_server("healthy", strict=False)
def test_never_asked_and_allowed(mock_server):
    pass

def test_failed(mock_server):
    misbehave(mock_server)
    raise AssertionError("by itself")

def test_failed_without_a_mistake(mock_server):
    status(mock_server)
    raise AssertionError("by itself, too")

def test_broken(broken, mock_server):
    misbehave(mock_server)

def test_skipped(mock_server):
    misbehave(mock_server)
    pytest.skip("not here")

@pytest.mark.xfail(strict=True)
def test_expected_to_fail(mock_server):
    misbehave(mock_server)

@pytest.mark.xfail(strict=True)
def test_expected_to_fail_and_does(mock_server):
    misbehave(mock_server)
    raise AssertionError

@pytest.mark.xfail
def test_expected_to_fail_and_does_not(mock_server):
    status(mock_server)

@pytest.mark.xfail
def test_gives_up(mock_server):
    misbehave(mock_server)
    pytest.xfail("not yet")
"""


def test_which_tests_fail(pytester: pytest.Pytester) -> None:
    result = run(pytester, "-ra", "--junitxml=report.xml", test_verdicts=VERDICTS)
    result.assert_outcomes(passed=11, failed=3, errors=5, skipped=1, xfailed=3, xpassed=1)
    shown = result.stdout
    for name in (
        "mistaken",
        "mistaken_late",
        "hurried_where_warnings_count",
        "never_asked",
        "broken",
    ):
        shown.fnmatch_lines([f"ERROR test_verdicts.py::test_{name} - *"])
    shown.fnmatch_lines(["E *unknown rule 'unknown-pth'; did you mean unknown-path?*"])
    shown.fnmatch_lines(
        [
            "*ERROR at teardown of test_mistaken _*",
            "*1 mistake*",
            "error: unknown-path ?#2?",
            "    → Ask at the documented path*",
            "  #1 * GET …/status/job_493c7c9ded * 200 downloading*",
            "> #2 * GET /download-status * 200 *",
            'To allow one of these in a test: mock_server.expect("unknown-path")',
        ]
    )
    shown.fnmatch_lines(["*ERROR at teardown of test_never_asked _*", "*", "*not-observed*"])
    shown.fnmatch_lines(["* mock_server -*", "*nothing to say*", "*#1 * GET */job_493c7c9ded *"])
    report = (pytester.path / "report.xml").read_text(encoding="utf-8")
    assert report.count('name="test_mistaken"') == 1
    assert "Ask at the documented path" in report
    assert "mistake" in report


def test_expected_failures_count_as_others_with_runxfail(pytester: pytest.Pytester) -> None:
    result = run(pytester, "--runxfail", "-k", "expected_to_fail", test_verdicts=VERDICTS)
    result.assert_outcomes(passed=2, failed=1, errors=1, deselected=16)


def test_options_of_pytest(pytester: pytest.Pytester) -> None:
    run(pytester, "-x", test_verdicts=VERDICTS).assert_outcomes(passed=2, errors=1)
    again = run(pytester, "--lf", "-q", "-s")
    again.assert_outcomes(passed=1, errors=1)
    again.stdout.fnmatch_lines(["*1 mistake*"])
    wide = run(pytester, "--maxfail=2", "--mock-server-verdict=warning", "-k", "hurried")
    wide.assert_outcomes(passed=2, errors=2, deselected=17)
    run(pytester, "--mock-server-verdict=off", "-k", "mistaken").assert_outcomes(
        passed=2, deselected=17
    )


FILE = """\
[pytest]
mock_server_strict = false
mock_server_verdict = off
"""


def test_the_ini_file_says_it_for_all(pytester: pytest.Pytester) -> None:
    pytester.makeini(FILE)
    names = "mistaken or never_asked"
    result = run(pytester, "-k", names, test_verdicts=VERDICTS)
    result.assert_outcomes(passed=4, deselected=15)
    result = run(pytester, "-k", names, "--mock-server-verdict=error")
    result.assert_outcomes(passed=4, errors=2, deselected=15)


EXAMPLES = """\
from helpers import *
from hypothesis import given, settings, strategies

ASKED = []

@settings(max_examples=25, deadline=None, database=None)
@given(strategies.integers(0, 9))
def test_examples(mock_server, number):
    mock_server.reset()
    assert mock_server.requests == ()
    assert status(mock_server) == "downloading"
    assert [request.number for request in mock_server.requests] == [1]
    ASKED.append(number)
    if len(ASKED) in (7, 9):
        misbehave(mock_server)
    mock_server.run_until("completed")
    mock_server.fault(operation="job_status", reply={"status": 500})

@settings(max_examples=25, deadline=None, database=None)
@given(strategies.integers(0, 9))
def test_that_behaves(mock_server, number):
    mock_server.reset()
    assert status(mock_server) == "downloading"
"""


def test_examples_of_hypothesis_are_told_apart(pytester: pytest.Pytester) -> None:
    result = run(pytester, "-p", "no:schemathesis", test_examples=EXAMPLES)
    result.assert_outcomes(passed=2, errors=1)
    assert "HealthCheck" not in result.stdout.str()
    result.stdout.fnmatch_lines(
        [
            "*2 mistakes*",
            "The first of it is in part 8 of *; each reset begins one:",
            "*1 mistake*",
            "> #2 *",
        ]
    )


RERUN = """\
from helpers import *
import os

import pytest
from _pytest.runner import runtestprotocol

def pytest_runtest_protocol(item, nextitem):
    item.ihook.pytest_runtest_logstart(nodeid=item.nodeid, location=item.location)
    for _ in range(2):
        reports = runtestprotocol(item, nextitem=nextitem, log=False)
    for report in reports:
        item.ihook.pytest_runtest_logreport(report=report)
    return True
"""
TWICE = """\
from helpers import *

RUNS = []

def test_twice(mock_server):
    RUNS.append(1)
    misbehave(mock_server)
    assert len(RUNS) == 2
"""


def test_a_second_run_of_a_failed_test_is_judged(pytester: pytest.Pytester) -> None:
    result = run(pytester, conftest=RERUN, test_twice=TWICE)
    result.assert_outcomes(passed=1, errors=1)


ITS_OWN_MISTAKES = """\
from helpers import *
import os

import pytest
from hypothesis import given, settings, strategies

@pytest.mark.mock_server("healthy")
def test_ends_before_its_client_asks(mock_server):
    mock_server.fire("no-such-event")

@settings(max_examples=20, database=None)
@given(strategies.integers())
def test_examples(mock_server, number):
    mock_server.clock.advance("1m")
    status(mock_server)

@pytest.mark.mock_server("healthy", "flapping")
def test_two_timelines(mock_server):
    pass

@pytest.mark.mock_server(expect=[None])
def test_a_rule_that_is_none(mock_server):
    pass

@pytest.mark.mock_server(speed=10**400)
def test_a_speed_that_is_too_high(mock_server):
    pass

@pytest.mark.mock_server("healthy")
def test_stops_the_server(mock_server):
    status(mock_server)
    mock_server.stop()

def test_finds_it_as_new(mock_server):
    assert status(mock_server) == "downloading"
    with pytest.raises(TypeError, match="a job's id is text, not None"):
        mock_server.job_url(None)
    with pytest.raises(ValueError, match="1m 5s.*expected a duration such as 250ms.*did you mean"):
        mock_server.clock.advance("1m 5s")
    fault = mock_server.fault({"operation": "job_status", "when": {"request": 9}}, delay="1s")
    assert fault.strikes == 0
"""


def test_what_a_test_does_wrong_is_not_blamed_on_its_client(pytester: pytest.Pytester) -> None:
    result = run(pytester, "-p", "no:cacheprovider", test_own=ITS_OWN_MISTAKES)
    result.assert_outcomes(passed=3, failed=1, errors=4)
    shown = result.stdout.str()
    assert "not-observed" not in shown
    assert "in 0 requests" not in shown
    assert "Traceback" not in shown
    result.stdout.fnmatch_lines(["*call mock_server.reset() where it begins.*"])
    result.stdout.fnmatch_lines(["*for several, parametrize the test with*"])
    result.stdout.fnmatch_lines(["*unknown rule 'None'*"])


def test_nothing_is_judged_where_no_test_runs(pytester: pytest.Pytester) -> None:
    result = run(pytester, "--setup-only", test_verdicts=VERDICTS)
    assert "not-observed" not in result.stdout.str()


def test_timelines_of_the_rootdir_are_found_from_any_folder(pytester: pytest.Pytester) -> None:
    pytester.makeini("[pytest]\npythonpath = .")
    (pytester.mkdir("timelines") / "mine.yaml").write_text(
        "jobs: [{job_id: job_a, total_size_bytes: 9, script: [paused]}]"
    )
    below = pytester.mkdir("below")
    (below / "test_below.py").write_text(
        "from helpers import *\nimport pytest\n\n\n"
        "@pytest.mark.mock_server('mine')\n"
        "def test_it(mock_server):\n    assert status(mock_server, 'job_a') == 'paused'\n\n\n"
        "@pytest.mark.mock_server('mien')\ndef test_misspelt(mock_server):\n    pass\n"
    )
    result = run(pytester, "--rootdir", str(pytester.path), "below")
    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines(["*unknown timeline 'mien' in */timelines or among the bundled*"])
    os.chdir(below)
    result = run(pytester, "--rootdir", str(pytester.path), "-k", "test_it")
    result.assert_outcomes(passed=1, deselected=1)
