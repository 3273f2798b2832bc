"""`mockserver exercise` on sample clients: it names the mistake of each, and finds none in one."""

from __future__ import annotations

import pytest

from mockserver import resources
from support.exercising import CLIENTS, client, exercise
from support.process import Run

TOKEN = "a-token-of-some-length"

HANGS = ("--deadline", "2s", "--step", "30s")
"""Few polls are enough: each is half a minute."""

# Client -> the incident that reveals its mistake, how that is called, and what options it takes.
MISTAKES: dict[str, tuple[str, list[str], tuple[str, ...]]] = {
    "wrong_path": ("healthy", ["unknown-path"], ()),
    "reads_progress": ("unknown-fields", ["hang", "poll-after-end"], HANGS),
    "waits_for_paused": ("paused-for-ever", ["never-stopped"], HANGS),
    "takes_paused_for_failure": ("paused-then-resumed", ["wrong-failure"], ()),
    "takes_404_for_transient": (
        "forgotten-job",
        ["hang", "poll-forgotten-job"],
        HANGS,
    ),
    "takes_200_for_success": ("old-server", ["wrong-success"], ()),
    "takes_all_bytes_for_completed": ("stuck-at-100-percent", ["wrong-success"], ()),
    "polls_empty_id": (
        "already-downloaded",
        ["wrong-failure", "already-downloaded-polled"],
        (),
    ),
    "expects_whole_numbers": ("fractional-speed", ["crash"], ()),
    "needs_every_field": ("minimal-fields", ["crash"], ()),
    "divides_by_total": ("zero-total", ["crash"], ()),
    "no_deadline": ("stalled-frozen-speed", ["never-stopped"], HANGS),
    "no_token": ("healthy", ["wrong-failure", "no-token"], ("--token", TOKEN)),
    "reads_lines": ("download-on-request", ["crash"], ()),
    "polls_after_completion": ("healthy", ["poll-after-end"], ()),
    "no_backoff": ("rate-limited", ["no-backoff"], ("--clock", "wall", "--speed", "8")),
    "never_asks": ("healthy", ["not-observed"], ()),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_named_at_the_incident_that_reveals_it(run: Run, name: str) -> None:
    incident, ids, options = MISTAKES[name]
    done = exercise(run, "--timeline", incident, *options, "--", *client(name))
    errors = [one["id"] for one in done.incident["findings"] if one["severity"] == "error"]
    assert errors == ids
    assert done.finished.code == 1
    assert not done.report["has_passed"]


def test_each_sample_client_is_tried() -> None:
    assert {path.stem for path in CLIENTS.glob("*.py")} == {*MISTAKES, "good"}


@pytest.mark.parametrize(
    ("given", "options"),
    [
        (("--model", "{model}"), ()),
        (("--job", "{job_id}"), ("--token", TOKEN)),
    ],
    ids=["the model, no token", "the job's id, a token"],
)
def test_a_good_client_passes_every_incident(
    run: Run, given: tuple[str, ...], options: tuple[str, ...]
) -> None:
    done = exercise(run, *options, "--", *client("good"), *given)
    assert {name: ids for name, ids in done.found.items() if ids} == {}
    assert done.finished.code == 0
    assert sorted(done.found) == sorted(resources.timeline_files())
    assert TOKEN not in done.finished.out + done.finished.err
    outcomes = {one["outcome"] for one in done.report["incidents"]}
    assert outcomes == {"success", "failure"}
    for one in done.report["incidents"]:
        if one["outcome"] == "success":  # a client that asks once a second is in time
            assert one["requests"] < 50, one["incident"]


@pytest.mark.parametrize("given", [("--model", "{model}"), ("--job", "{job_id}")])
def test_what_only_a_request_begins_is_lost_to_one_that_never_asks(
    run: Run, given: tuple[str, ...]
) -> None:
    done = exercise(run, "--timeline", "download-on-request", "--", *client("good"), *given)
    ends = "success" if given[0] == "--model" else "failure"
    assert (done.incident["outcome"], done.incident["expected"]) == (ends, ends)
    assert done.finished.code == 0


def test_success_before_any_reply_said_so_is_none(run: Run) -> None:
    incident = ("--timeline", "error-with-200")
    done = exercise(run, *incident, "--", *client("takes_200_for_success"))
    assert done.found == {"error-with-200": ["wrong-success"]}
    assert "no reply had said so" in done.incident["findings"][0]["message"]


def test_who_is_slower_than_the_deadline_allows_is_told_so(run: Run) -> None:
    incident = ("--timeline", "slow-but-moving", "--clock", "wall")
    done = exercise(run, *incident, "--deadline", "2s", "--", *client("no_deadline"))
    (finding,) = (one for one in done.incident["findings"] if one["severity"] == "error")
    assert finding["id"] == "unfinished"
    assert "of the 10 min had been played" in finding["message"]
    assert done.finished.code == 1
