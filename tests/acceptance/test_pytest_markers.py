"""What tests play, as markers say: layer upon layer, and what none of them can say."""

from __future__ import annotations

import pytest

from support.inner import run, sections

LAYERS = """\
from helpers import *
import pytest
from mockserver import Job, timeline_of

pytestmark = pytest.mark.mock_server(clock="poll", step="2s", strict=False)
HALF = Job("job_half").downloading("2s", to="50%").paused()
DONE = Job("job_done").downloading("1ms", to="100%").completed()

def test_of_the_module(mock_server):
    assert mock_server.timeline.name == "slow-start"
    began = mock_server.clock.now()
    status(mock_server)
    assert mock_server.clock.now() - began == 2000

@pytest.mark.mock_server("failed-at-once", edition="2026-01")
class TestClass:
    def test_of_the_class(self, mock_server):
        assert mock_server.timeline.name == "failed-at-once"
        assert "download" in mock_server.schemas
        assert type(mock_server.clock).__name__ == "PollClock"

    @pytest.mark.mock_server(timeline="instant", clock="manual")
    def test_of_its_own(self, mock_server):
        assert mock_server.timeline.name == "instant"
        assert "download" in mock_server.schemas
        assert type(mock_server.clock).__name__ == "ManualClock"

@pytest.mark.mock_server(HALF)
def test_a_job(mock_server):
    assert mock_server.run_until("paused").downloaded_bytes == HALF.total_size_bytes // 2

@pytest.mark.mock_server([HALF, DONE])
def test_jobs(mock_server):
    mock_server.clock.advance("1s")
    assert [status(mock_server, job_id) for job_id in ("job_half", "job_done")] == [
        "downloading", "completed"]

@pytest.mark.mock_server(timeline_of(DONE, faults=[{"operation": "job_status", "when":
    {"request": 1}, "reply": {"status": 503, "body": {"error": "busy"}}}]))
def test_faults(mock_server):
    assert get(mock_server.job_url("job_done"))["error"] == "busy"
    mock_server.run_until("completed")
    assert status(mock_server, "job_done") == "completed"
    assert [request.status for request in mock_server.requests] == [503, 200]

@pytest.mark.mock_server({"jobs": [{"job_id": "job_1", "total_size_bytes": 9,
    "script": ["paused"]}]})
def test_data(mock_server):
    assert status(mock_server, "job_1") == "paused"

@pytest.mark.mock_server("mine.yaml")
def test_a_file_beside_the_test(mock_server):
    assert mock_server.timeline.jobs[0].job_id == "job_beside"

@pytest.mark.mock_server("mine")
def test_a_name_in_the_users_folder(mock_server):
    assert mock_server.timeline.jobs[0].job_id == "job_named"

@pytest.mark.parametrize("name", [
    pytest.param(name, marks=pytest.mark.mock_server(name)) for name in ("instant", "flapping")])
def test_parameters(mock_server, name):
    assert mock_server.timeline.name == name
"""
FILE = "jobs: [{job_id: %s, total_size_bytes: 9, script: [paused]}]\n"


def test_markers_merge_and_the_nearest_wins(pytester: pytest.Pytester) -> None:
    pytester.makeini(
        "[pytest]\nmock_server_timeline = slow-start\nmock_server_speed = 9\n"
        "mock_server_folder = own\n"
    )
    for folder, job in (("own", "job_named"), ("below", "job_beside")):
        pytester.mkdir(folder)
        (pytester.path / folder / "mine.yaml").write_text(FILE % job, encoding="utf-8")
    run(pytester, "-p", "no:cacheprovider", test_nothing="def test(): pass")
    (pytester.path / "below" / "test_layers.py").write_text(LAYERS, encoding="utf-8")
    result = run(pytester, "below", "-p", "no:cacheprovider")
    result.assert_outcomes(passed=11)


WRONG = """\
import pytest

@pytest.mark.mock_server({said})
def test_wrong_{number}(mock_server):
    raise AssertionError("it ran")

def test_right(mock_server):
    assert mock_server.timeline.name == "healthy"

@pytest.mark.mock_server({said})
def test_nothing_of_it():
    pass

@pytest.mark.skip
@pytest.mark.mock_server({said})
def test_skipped(mock_server):
    pass
"""
SEVERAL = "the marker takes one timeline; for several, parametrize the test with pytest.param(..., "
WRONG_MARKERS = {
    "clok='manual'": "unknown argument 'clok' in mark.mock_server; did you mean clock?",
    "port=80": "unknown argument 'port' in mark.mock_server*",
    "clock='manul'": "unknown clock 'manul'; did you mean manual?*",
    "'helthy'": "unknown timeline 'helthy'; did you mean healthy?",
    "'healthy', 'instant'": f"{SEVERAL}marks=pytest.mark.mock_server(...))",
    "'no/such.yaml'": "*no?such.yaml: no such file or directory",
    "timeline=5": "timeline is 5: expected a name, a path, Job(...)*",
    "timeline=[]": "timeline is []: expected a name, a path, Job(...)*",
    "verdict='eror'": "unknown verdict 'eror'; did you mean error?*",
    "expect='poll-after-ends'": "unknown rule 'poll-after-ends'; did you mean poll-after-end?",
    "strict=1": "strict is 1: expected True or False",
    "speed='fast'": "speed is 'fast': expected a number",
    "speed=2, clock='manual'": "a manual clock has no speed*",
    "clock='poll', step='soon'": "*soon*",
    "edition='2025-11'": "unknown edition '2025-11'; did you mean 2025-10?*",
    "limits=5": "limits is 5: expected mockserver.Limits(...)",
    "timeline={'jobs': [{'total_size': 1}]}": "inline*total_size*",
}


def test_what_a_marker_cannot_say_is_told_in_words(pytester: pytest.Pytester) -> None:
    modules = {
        f"test_{number}": WRONG.format(said=said, number=number)
        for number, said in enumerate(WRONG_MARKERS)
    }
    result = run(pytester, **modules)
    cases = len(WRONG_MARKERS)
    result.assert_outcomes(passed=2 * cases, errors=cases, skipped=cases)
    shown = sections(result)
    for number, told in enumerate(WRONG_MARKERS.values()):
        shown[f"test_wrong_{number}"].fnmatch_lines([f"mock_server: {told}"])
    result.stdout.no_fnmatch_line("*Traceback*")
    result.stdout.no_fnmatch_line("*it ran*")


@pytest.mark.parametrize(
    ("ini", "arguments", "told"),
    [
        ("verdict = eror", [], "unknown verdict 'eror'; did you mean error?"),
        ("clock = manul", [], "unknown clock 'manul'; did you mean manual?"),
        ("speed = fast", [], "mock_server_speed is 'fast': expected a number above 0"),
        ("speed = -1", [], "mock_server_speed is '-1': expected a number above 0"),
        ("step = 1s", [], "a wall clock has no step"),
        ("strict = perhaps", [], "*perhaps*"),
        ("edition = 2025-11", [], "unknown edition '2025-11'; did you mean 2025-10?"),
        ("folder = nowhere", [], "mock_server_folder is no folder: *nowhere"),
        ("timeline = helthy", [], "unknown timeline 'helthy'; did you mean healthy?"),
        ("timeline = no/such.yaml", [], "there is no timeline *such.yaml"),
        ("", ["--mock-server-timeline", "helthy"], "unknown timeline 'helthy'; did you mean*"),
        ("", ["--mock-server-clock", "manul"], "*invalid choice: 'manul'*"),
        ("", ["--mock-server-verdict", "eror"], "*invalid choice: 'eror'*"),
    ],
)
def test_bad_settings_are_usage_errors(
    pytester: pytest.Pytester, ini: str, arguments: list[str], told: str
) -> None:
    pytester.makeini(f"[pytest]\n{f'mock_server_{ini}' if ini else ''}\n")
    result = run(pytester, *arguments, test_it="def test_it(): pass")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([f"*{told}*"])
    assert "Traceback" not in result.stderr.str() + result.stdout.str()
