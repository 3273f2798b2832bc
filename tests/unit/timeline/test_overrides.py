"""What a step says in place of the truth: taken where the contract allows it, refused elsewhere."""

from __future__ import annotations

import json
from typing import Any

import pytest

from mockserver import contract
from mockserver.documents.source import Source
from mockserver.errors import TimelineError
from mockserver.timeline.model import Overrides
from mockserver.timeline.payloads import job_payload, list_payload
from mockserver.timeline.playback import Playback
from mockserver.timeline.reader import load

START = "2025-10-03T15:33:23.496Z"
SCRIPT = "jobs:\n- total_size_bytes: 1000\n  job_id: job_1\n  script:\n"


def first_reply(step: str, edition: str = "2025-10") -> tuple[Overrides, Any, Any]:
    """A step's report, and what its job and the list say when it begins."""
    text = f"{SCRIPT}  - {step}\n" + ("" if "paused" in step else "  - failed\n")
    timeline = load(Source("t.yaml", f"{text}edition: {edition}\n"))
    playback = Playback.of(timeline)
    (state,) = playback.at(playback.epoch_ms)
    (item,) = list_payload([state])[state.status]
    return timeline.jobs[0].steps[0].overrides, job_payload(state), item


def test_a_value_is_replaced_where_it_stands_and_a_new_one_comes_last() -> None:
    step = "downloading: {for: 1s, to: 10%, report: {progress: 0.4, bytes_per_second: 7.5}}"
    _, alone, item = first_reply(step)
    assert list(alone.items()) == [
        ("job_id", "job_1"),
        ("status", "downloading"),
        ("bytes_per_second", 7.5),
        ("estimated_completion", "2025-10-03T15:33:33.496Z"),
        ("total_size_bytes", 1000),
        ("downloaded_bytes", 0),
        ("started_at", START),
        ("progress", 0.4),
    ]
    assert item == alone
    assert list(item)[-2:] == ["status", "progress"]


@pytest.mark.parametrize(
    ("omit", "from_job", "from_list"),
    [
        ("started_at", {"started_at"}, {"started_at"}),
        ("total_size_bytes", {"total_size_bytes"}, set()),
        ("downloaded_bytes", {"downloaded_bytes"}, set()),
        (
            "started_at, total_size_bytes, started_at",
            {"started_at", "total_size_bytes"},
            {"started_at"},
        ),
    ],
)
def test_a_member_is_left_out_of_each_reply_whose_table_lets_it_miss(
    omit: str, from_job: set[str], from_list: set[str]
) -> None:
    report, alone, item = first_reply(f"paused: {{omit: [{omit}]}}")
    _, whole, whole_item = first_reply("paused")
    assert set(whole) - set(alone) == from_job == report.without
    assert set(whole_item) - set(item) == from_list == report.without_in_list
    assert contract.violations(alone, "job_status") == []


def test_a_member_can_be_replaced_in_the_list_and_left_out_alone() -> None:
    step = "paused: {report: {total_size_bytes: 5}, omit: [total_size_bytes]}"
    _, alone, item = first_reply(step)
    assert "total_size_bytes" not in alone
    assert item["total_size_bytes"] == 5


def test_off_contract_anything_goes() -> None:
    step = (
        "paused: {off_contract: true, report: {status: queued, total_size_bytes: null}, "
        "omit: [job_id, downloaded_bytes]}"
    )
    report, alone, item = first_reply(step)
    assert report.off_contract
    expected = {"status": "queued", "total_size_bytes": None, "started_at": START}
    assert alone == item == expected
    assert contract.violations(alone, "job_status") != []


def test_a_step_that_reports_the_truth_differs_in_nothing() -> None:
    for step in ("paused", "paused: {off_contract: false}"):
        assert first_reply(step)[0] == Overrides()


def test_the_report_is_held_to_the_editions_own_page() -> None:
    step = "paused: {report: {status: failed}}"
    assert first_reply_of_job(step, "2026-01")["status"] == "failed"
    with pytest.raises(TimelineError, match="/paused/0/status: const"):
        first_reply_of_job(step, "2025-10")


def first_reply_of_job(step: str, edition: str) -> Any:
    return first_reply(step, edition)[1]


# step, edition, column, words of the message
REFUSED: list[tuple[str, str, int, list[str]]] = [
    ("paused: {report: 5}", "2025-10", 22, ["`report` is 5", "{progress: 0.4}"]),
    ("paused: {report: {}}", "2025-10", 22, ["`report` is a mapping", "members and their values"]),
    ("paused: {report: }", "2025-10", 14, ["`report` is empty"]),
    ("paused: {omit: status}", "2025-10", 20, ["`omit` is 'status'", "one `- …` for each member"]),
    ("paused: {omit: []}", "2025-10", 20, ["an empty list", "at least one member"]),
    ("paused: {omit: [5]}", "2025-10", 21, ["member 1 is 5", "the name of a member"]),
    (
        "paused: {omit: [started_at, bytes_per_second]}",
        "2025-10",
        33,
        ["a job that is paused reports no 'bytes_per_second'", "one of job_id, status"],
    ),
    ("paused: {omit: [start_at]}", "2025-10", 21, ["no 'start_at'", "did you mean started_at?"]),
    (
        "paused: {omit: [started_at, status]}",
        "2025-10",
        33,
        ["breaks the contract: /status: required", "`off_contract: true` beside it"],
    ),
    ("paused: {omit: [job_id]}", "2026-01", 21, ["breaks the contract: /job_id: required"]),
    (
        "downloading: {for: 1s, to: 10%, omit: [bytes_per_second]}",
        "2025-10",
        44,
        ["/bytes_per_second: required"],
    ),
    (
        "paused: {report: {progress: 1, started_at: soon}}",
        "2025-10",
        48,
        ["`started_at` breaks the contract: /started_at: format", "(download-status.md:"],
    ),
    ("paused: {report: {status: queued}}", "2025-10", 31, ["/status: enum", '"queued"']),
    ("paused: {report: {status: failed}}", "2025-10", 31, ["/paused/0/status: const"]),
    (
        "paused: {report: {status: downloading}}",
        "2026-01",
        22,
        ["`report` breaks the contract: /bytes_per_second: required"],
    ),
    ("paused: {report: {total_size_bytes: null}}", "2025-10", 23, ["/total_size_bytes: type"]),
    ("paused: {report: {total_size_bytes: }}", "2025-10", 23, ["/total_size_bytes: type"]),
    ("paused: {report: {bytes_per_second: 0}}", "2025-10", 41, ["/bytes_per_second: absent"]),
    (
        f"paused: {{report: {{completed_at: '{START}'}}}}",
        "2025-10",
        37,
        ["/completed_at: absent", "what the page allows"],
    ),
    ("paused: {report: {x: .nan}}", "2025-10", 26, ["`x` is nan", "JSON can write"]),
    (
        "paused: {off_contract: true, report: {x: {y: [.inf]}}}",
        "2025-10",
        51,
        ["item 1 is inf", "JSON can write"],
    ),
    ("paused: {off_contract: yes}", "2025-10", 28, ["'yes'", "did you mean true?"]),
    (
        "paused: {off_contract: true, omit: [progress]}",
        "2025-10",
        41,
        ["reports no 'progress'"],
    ),
]


@pytest.mark.parametrize(("step", "edition", "column", "words"), REFUSED)
def test_what_breaks_the_contract_is_refused_with_its_place(
    step: str, edition: str, column: int, words: list[str]
) -> None:
    with pytest.raises(TimelineError) as caught:
        first_reply(step, edition)
    assert (caught.value.line, caught.value.column) == (5, column), str(caught.value)
    for word in words:
        assert word in caught.value.summary


def test_replies_with_reports_are_json() -> None:
    step = "paused: {report: {x: {a: [1, 1.5, null, true, é]}}}"
    assert json.loads(json.dumps(first_reply(step)[1]))["x"] == {"a": [1, 1.5, None, True, "é"]}
