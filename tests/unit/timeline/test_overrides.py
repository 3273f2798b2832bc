"""What a step says in place of the truth: taken where the contract allows it, refused elsewhere."""

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
from support.cases import MarkedText, marked

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
    assert json.dumps(alone) == (
        '{"job_id": "job_1", "status": "downloading", "bytes_per_second": 7.5, '
        '"estimated_completion": "2025-10-03T15:33:33.496Z", "total_size_bytes": 1000, '
        f'"downloaded_bytes": 0, "started_at": "{START}", "progress": 0.4}}'
    )
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
    assert first_reply(step, "2026-01")[1]["status"] == "failed"
    with pytest.raises(TimelineError, match="/paused/0/status: const"):
        first_reply(step, "2025-10")


@pytest.mark.parametrize("case", marked(__file__, "refused-overrides", SCRIPT))
def test_what_breaks_the_contract_is_refused_with_its_place(case: MarkedText) -> None:
    with pytest.raises(TimelineError) as caught:
        load(Source("t.yaml", case.text))
    case.assert_marks(caught.value)


def test_replies_with_reports_are_json() -> None:
    step = "paused: {report: {x: {a: [1, 1.5, null, true, é]}}}"
    assert json.loads(json.dumps(first_reply(step)[1]))["x"] == {"a": [1, 1.5, None, True, "é"]}
