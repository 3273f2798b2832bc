"""`mockserver exercise` on sample clients: it names the mistake of each, and finds none in one."""

import pytest

from mockserver import resources
from support.exercising import CLIENTS, client, exercise
from support.process import Run

TOKEN = "a-token-of-some-length"

# How a client's mistake is revealed, and how it is called then, is in the second line of its file.
MISTAKES = [
    (path.stem, *line.removeprefix("# exercise ").split(" => "))
    for path in sorted(CLIENTS.glob("*.py"))
    for line in path.read_text("utf-8").splitlines()
    if line.startswith("# exercise ")
]


@pytest.mark.parametrize(("name", "options", "ids"), MISTAKES, ids=[name for name, *_ in MISTAKES])
def test_a_mistake_is_named_at_the_incident_that_reveals_it(
    run: Run, name: str, options: str, ids: str
) -> None:
    done = exercise(run, *options.split(), "--", *client(name))
    findings = done.incident["findings"]
    errors = [finding["id"] for finding in findings if finding["severity"] == "error"]
    assert errors == ids.split()
    assert done.finished.code == 1
    assert not done.report["has_passed"]


def test_each_sample_client_is_tried() -> None:
    stems = {path.stem for path in CLIENTS.glob("*.py")}
    assert stems - {name for name, *_ in MISTAKES} == {"good"}


def test_a_good_client_passes_every_incident(run: Run) -> None:
    done = exercise(run, "--token", TOKEN, "--", *client("good"), "--model", "{model}")
    assert {name: ids for name, ids in done.found.items() if ids} == {}
    assert done.finished.code == 0
    assert sorted(done.found) == sorted(resources.timeline_files())
    assert TOKEN not in done.finished.out + done.finished.err
    incidents = done.report["incidents"]
    assert {incident["outcome"] for incident in incidents} == {"success", "failure"}
    for incident in incidents:
        if incident["outcome"] == "success":  # a client that asks once a second is in time
            assert incident["requests"] < 50, incident["incident"]


def test_one_that_knows_only_the_jobs_id_passes_what_reveals_a_mistake(run: Run) -> None:
    revealing = sorted({options.split()[1] for _, options, _ in MISTAKES})
    given = [word for name in revealing for word in ("--timeline", name)]
    done = exercise(run, *given, "--", *client("good"), "--job", "{job_id}")
    assert done.found == {name: [] for name in revealing}
    outcomes = {case["incident"]: case["outcome"] for case in done.report["incidents"]}
    # What only a request begins is lost to one that never asks; one that does has completed.
    assert outcomes["download-on-request"] == "failure"


def test_success_before_any_reply_said_so_is_none(run: Run) -> None:
    incident = ("--timeline", "error-with-200")
    done = exercise(run, *incident, "--", *client("takes_200_for_success"))
    assert done.found == {"error-with-200": ["wrong-success"]}
    assert "no reply had said so" in done.incident["findings"][0]["message"]


def test_who_is_slower_than_the_deadline_allows_is_told_so(run: Run) -> None:
    incident = ("--timeline", "slow-but-moving", "--clock", "wall")
    done = exercise(run, *incident, "--deadline", "2s", "--", *client("no_deadline"))
    (finding,) = (found for found in done.incident["findings"] if found["severity"] == "error")
    assert finding["id"] == "unfinished"
    assert "of the 10 min had been played" in finding["message"]
    assert done.finished.code == 1
