"""Timeline files: what is read, what is refused and where, and that nothing else can happen."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver import contract, resources
from mockserver.errors import MockServerError, TimelineError, UnknownName, UnreadableFile
from mockserver.source import Source
from mockserver.timeline.load import find, load
from mockserver.timeline.model import Step, Timeline
from mockserver.timeline.reply import job_payload, list_payload

WHOLE = """\
description: Pauses at 40 %, resumes after five seconds, completes.
edition: 2026-01
starts_at: 2025-10-06T18:58:07.291Z
jobs:
  - job_id: job_493c7c9ded
    model: ibm/granite-4-micro
    total_size_bytes: 1001
    started_at: 2025-10-03T15:33:23.496Z
    listed: false
    script:
      - downloading: {for: 8s, to: 40%}
      - paused: {for: 5s}
      - downloading: {for: 1m12s, to: 1000}
      - failed
"""
SCRIPT = "jobs:\n- total_size_bytes: 1000\n  script:\n"
JOB = "jobs:\n- total_size_bytes: 1000\n  script: [paused]\n"


def read(text: str, path: str = "t.yaml") -> Timeline:
    return load(Source(path, text))


def test_everything_a_file_can_say_is_read() -> None:
    timeline = read(WHOLE, "some/folder/mine.yaml")
    assert timeline.name == "mine"
    assert timeline.description == "Pauses at 40 %, resumes after five seconds, completes."
    assert timeline.edition == "2026-01"
    assert timeline.epoch_ms == 1_759_777_087_291
    assert not timeline.floating
    (job,) = timeline.jobs
    assert (job.job_id, job.model, job.listed) == ("job_493c7c9ded", "ibm/granite-4-micro", False)
    assert (job.total_size_bytes, job.started_at_ms) == (1001, 1_759_505_603_496)
    assert job.steps == (
        Step("downloading", 0, 8_000, 0, 400),
        Step("paused", 8_000, 13_000, 400, 400),
        Step("downloading", 13_000, 85_000, 400, 1000),
        Step("failed", 85_000, None, 1000, 1000),
    )


def test_what_may_be_left_out_has_a_default() -> None:
    timeline = read(JOB)
    assert timeline.edition == resources.DEFAULT_EDITION
    assert timeline.description is None
    assert timeline.jobs[0].model is None
    assert timeline.jobs[0].listed


def test_json_is_fine_too() -> None:
    text = json.dumps({"jobs": [{"total_size_bytes": 0, "script": ["completed"]}]})
    assert read(text, "t.json").at(10**14)[0].status == "completed"


def test_ids_are_made_from_the_files_name_and_the_jobs_place() -> None:
    two = JOB + "- total_size_bytes: 1\n  script: [paused]\n"
    ids = [job.job_id for job in read(two, "a/b.yaml").jobs]
    assert ids == [job.job_id for job in read(two, "c\\b.yml").jobs]
    assert ids != [job.job_id for job in read(two, "other.yaml").jobs]
    assert len(set(ids)) == 2
    for job_id in ids:
        assert job_id.startswith("job_")
        assert len(job_id) == 14
        int(job_id[4:], 16)
    assert ids == ["job_d3aab31d0c", "job_b1a31359cc"]


@pytest.mark.parametrize("job_id", ["job_1", "Auftrag 7", "ü%20?#", "x" * 200, "..."])
def test_other_ids_are_fine(job_id: str) -> None:
    assert read(JOB + f"  job_id: {json.dumps(job_id)}\n").jobs[0].job_id == job_id


# text, line, column, words of the message
REFUSED: list[tuple[str, int, int, list[str]]] = [
    ("", 1, 1, ["the timeline is empty", "`jobs`"]),
    ("[]", 1, 1, ["the timeline is a list", "`jobs`"]),
    ("jobs:\n", 1, 1, ["`jobs` is empty", "a list"]),
    ("jobs: []\n", 1, 7, ["`jobs` is an empty list", "at least one job"]),
    ("jobs: {}\n", 1, 7, ["`jobs` is a mapping", "a list"]),
    ("job: []\n", 1, 1, ["unknown key 'job'", "did you mean jobs?"]),
    ("faults: []\n" + JOB, 1, 1, ["unknown key 'faults'", "`jobs`"]),
    ("jobs: [5]\n", 1, 8, ["job 1 is 5", "a mapping"]),
    ("jobs:\n- script: [paused]\n", 2, 3, ["job 1 has no `total_size_bytes`"]),
    ("jobs:\n- total_size_bytes: 1\n", 2, 3, ["job 1 has no `script`"]),
    (JOB.replace("bytes", "byte"), 2, 3, ["'total_size_byte'", "did you mean total_size_bytes?"]),
    (JOB.replace("1000", "1_000"), 2, 21, ["'1_000'", "whole number", "did you mean 1000?"]),
    (JOB.replace("1000", "-1"), 2, 21, ["is -1", "whole number"]),
    (JOB.replace("1000", "1e3"), 2, 21, ["1000.0", "whole number", "did you mean 1000?"]),
    (JOB.replace("1000", "9007199254740992"), 2, 21, ["9007199254740991"]),
    (JOB.replace("1000", "9" * 900), 2, 21, ["an enormous number"]),
    (JOB.replace("1000", "true"), 2, 21, ["is true", "whole number"]),
    (JOB.replace("1000", "2 GB"), 2, 21, ["'2 GB'", "whole number of bytes"]),
    (JOB + "  listed: no\n", 4, 11, ["'no'", "true or false", "did you mean false?"]),
    (JOB + "  listed: 1\n", 4, 11, ["true or false"]),
    (JOB + "  model: 5\n", 4, 10, ["`model` is 5", "text", '"5", in quotes']),
    (JOB + "  model:\n", 4, 3, ["`model` is empty", "text"]),
    (JOB + "  job_id: 1.5\n", 4, 11, ["`job_id` is 1.5", '"1.5", in quotes']),
    (JOB + "  job_id: ''\n", 4, 11, ["`job_id` is ''", "text"]),
    (JOB + "  job_id: a/b\n", 4, 11, ["cannot stand in a URL's path", "without slashes"]),
    (JOB + "  job_id: a\\b\n", 4, 11, ["cannot stand in a URL's path"]),
    (JOB + "  job_id: ..\n", 4, 11, ["`job_id` is '..'"]),
    (JOB + '  job_id: "a\\nb"\n', 4, 11, ["cannot stand in a URL's path"]),
    (JOB + "  job_id: ' a'\n", 4, 11, ["cannot stand in a URL's path"]),
    (JOB + f"  job_id: {'x' * 201}\n", 4, 11, ["201 characters", "at most 200"]),
    (
        JOB + "  job_id: x\n- {total_size_bytes: 1, script: [paused], job_id: x}\n",
        5,
        51,
        ["duplicate job id 'x'", "line 2"],
    ),
    (JOB + "  started_at: yesterday\n", 4, 15, ["'yesterday'", "a date-time such as"]),
    (
        JOB + "  started_at: 2025-10-03 15:33\n",
        4,
        15,
        ["a date-time", "did you mean 2025-10-03T15:33:00Z?"],
    ),
    (JOB + "  started_at: 2025-10-03T15:33:23.4967Z\n", 4, 15, ["finer than a millisecond"]),
    (JOB + "  started_at: 9999-01-01T00:00:00Z\n", 4, 15, ["too far away", "9899"]),
    (JOB + "  started_at: 1969-12-31T23:59:59Z\n", 4, 15, ["too far away", "1970"]),
    (JOB + "starts_at: 2025-02-30T00:00:00Z\n", 4, 12, ["`starts_at` is", "a date-time"]),
    (JOB + "starts_at: 5\n", 4, 12, ["`starts_at` is 5", "a date-time"]),
    (JOB + "edition: 2025-11\n", 4, 10, ["unknown edition", "2025-10", "did you mean"]),
    (JOB + "edition: 2025\n", 4, 10, ["`edition` is 2025", "2025-10"]),
    (JOB + "description: [a]\n", 4, 14, ["`description` is a list", "text"]),
    (JOB.replace("[paused]", "[]"), 3, 11, ["`script` is an empty list", "at least one step"]),
    (JOB.replace("[paused]", "paused"), 3, 11, ["`script` is 'paused'", "a list"]),
    (SCRIPT + "  - 5\n", 4, 5, ["step 1 is 5", "downloading: {for: 8s, to: 40%}"]),
    (SCRIPT + "  - {}\n", 4, 5, ["step 1 is a mapping", "a step such as"]),
    (SCRIPT + "  -\n", 4, 4, ["step 1 is empty", "a step such as"]),
    (SCRIPT + "  - finished\n", 4, 5, ["unknown step 'finished'", "completed, failed"]),
    (SCRIPT + "  - complete\n", 4, 5, ["unknown step 'complete'", "did you mean completed?"]),
    (SCRIPT + "  - pausd: {for: 1s}\n", 4, 5, ["unknown step 'pausd'", "did you mean paused?"]),
    (SCRIPT + "  - hold: {for: 1s}\n", 4, 5, ["unknown step 'hold'", "downloading, paused"]),
    (SCRIPT + "  - downloading\n", 4, 5, ["how long", "downloading: {for: 8s, to: 40%}"]),
    (SCRIPT + "  - downloading: 8s\n", 4, 18, ["is '8s'", "downloading: {for: 8s, to: 40%}"]),
    (
        SCRIPT + "  - downloading:\n    for: 8s\n    to: 40%\n",
        5,
        5,
        ["step 1 is more than one thing", "in braces"],
    ),
    (SCRIPT + "  - downloading: {for: 8s}\n", 4, 18, ["has no `to`"]),
    (SCRIPT + "  - downloading: {to: 8%}\n", 4, 18, ["has no `for`"]),
    (
        SCRIPT + "  - downloading: {for: 8s, to: 8%, until: x}\n",
        4,
        36,
        ["'until'", "`for` or `to`"],
    ),
    (SCRIPT + "  - downloading: {for: 8s, too: 8%}\n", 4, 28, ["'too'", "did you mean to?"]),
    (SCRIPT + "  - downloading: {for: 8, to: 8%}\n", 4, 24, ["is 8", "250ms", "did you mean 8s?"]),
    (SCRIPT + "  - downloading: {for: '8', to: 8%}\n", 4, 24, ["no unit", "did you mean 8s?"]),
    (SCRIPT + "  - downloading: {for: 8 sec, to: 8%}\n", 4, 24, ["'8 sec'", "did you mean 8s?"]),
    (SCRIPT + "  - downloading: {for: 0s, to: 8%}\n", 4, 24, ["no time at all", "1ms"]),
    (SCRIPT + "  - downloading: {for: 0.1ms, to: 8%}\n", 4, 24, ["finer than a millisecond"]),
    (SCRIPT + "  - downloading: {for: [], to: 8%}\n", 4, 24, ["`for` is a list", "a duration"]),
    (SCRIPT + "  - downloading: {for: 87601h, to: 8%}\n", 4, 24, ["ten years", "87600h"]),
    (SCRIPT + "  - downloading: {for: 8s, to: 101%}\n", 4, 32, ["101%", "more than the whole"]),
    (SCRIPT + "  - downloading: {for: 8s, to: 1001}\n", 4, 32, ["1001 bytes", "at most 1000"]),
    (SCRIPT + "  - downloading: {for: 8s, to: 0}\n", 4, 32, ["more than 0 bytes"]),
    (SCRIPT + "  - downloading: {for: 8s, to: 0.01%}\n", 4, 32, ["(0 bytes)", "more than 0 bytes"]),
    (SCRIPT + "  - downloading: {for: 8s, to: -5}\n", 4, 32, ["is -5", "whole number"]),
    (SCRIPT + "  - downloading: {for: 8s, to: 40.5}\n", 4, 32, ["did you mean 40.5%?"]),
    (SCRIPT + "  - downloading: {for: 8s, to: 40 percent}\n", 4, 32, ["did you mean 40%?"]),
    (SCRIPT + "  - downloading: {for: 8s, to: half}\n", 4, 32, ["'half'", "a percentage"]),
    (SCRIPT + "  - downloading: {for: 8s, to: true}\n", 4, 32, ["is true", "a percentage"]),
    (
        SCRIPT + "  - downloading: {for: 8s, to: 40}\n  - downloading: {for: 8s, to: 3%}\n",
        5,
        32,
        ["3% (30 bytes)", "40 bytes are there already", "more than 40 bytes"],
    ),
    (
        SCRIPT + "  - downloading: {for: 8s, to: 100%}\n  - downloading: {for: 8s, to: 100%}\n",
        5,
        32,
        ["all 1000 bytes are there already"],
    ),
    (SCRIPT + "  - completed\n", 4, 5, ["1000 of 1000 bytes missing", "`to: 100%` before it"]),
    (SCRIPT + "  - completed: {}\n", 4, 5, ["takes no settings", "without a colon"]),
    (SCRIPT + "  - failed: {for: 3s}\n", 4, 5, ["`failed` takes no settings"]),
    (SCRIPT + "  - paused:\n", 4, 5, ["`paused` is empty", "`paused: {for: 5s}`"]),
    (SCRIPT + "  - paused: {}\n", 4, 13, ["`paused` is a mapping", "`paused` alone"]),
    (SCRIPT + "  - paused: 5s\n", 4, 13, ["`paused` is '5s'", "`paused: {for: 5s}`"]),
    (SCRIPT + "  - paused: {for: 5s}\n", 4, 5, ["breaks off", "`paused` (without `for`)"]),
    (SCRIPT + "  - downloading: {for: 8s, to: 100%}\n", 4, 5, ["breaks off", "`completed`"]),
    (SCRIPT + "  - paused\n  - failed\n", 5, 5, ["step 2 can never begin", "for ever"]),
    (SCRIPT + "  - failed\n  - paused\n", 5, 5, ["step 2 can never begin: failed"]),
]


@pytest.mark.parametrize(("text", "line", "column", "words"), REFUSED)
def test_what_is_wrong_is_refused_with_its_place(
    text: str, line: int, column: int, words: list[str]
) -> None:
    with pytest.raises(TimelineError) as caught:
        read(text)
    assert (caught.value.path, caught.value.line, caught.value.column) == ("t.yaml", line, column)
    assert caught.value.source_line == (text.split("\n")[line - 1])
    for word in words:
        assert word in caught.value.summary


def test_text_that_is_no_yaml_is_refused_too() -> None:
    with pytest.raises(MockServerError, match=r"t\.yaml:2:1: "):
        read("jobs: [\n")


def bundled() -> dict[str, str]:
    return {name: find(name).text for name in resources.timeline_files()}


def test_the_bundled_timelines_are_there() -> None:
    assert set(bundled()) >= {"failed-midway", "healthy", "paused-then-resumed", "spec-example"}


@pytest.mark.parametrize("name", sorted(bundled()))
def test_a_bundled_timeline_loads_and_says_what_it_is(name: str) -> None:
    source = find(name)
    assert source.path == f"{name}.yaml"
    assert source.text.startswith("# ")
    timeline = load(source)
    assert timeline.name == name
    assert timeline.description


@pytest.mark.parametrize(
    ("name", "after_ms", "status"),
    [
        ("healthy", 19_999, "downloading"),
        ("healthy", 20_000, "completed"),
        ("paused-then-resumed", 7_999, "downloading"),
        ("paused-then-resumed", 8_000, "paused"),
        ("paused-then-resumed", 13_000, "downloading"),
        ("paused-then-resumed", 25_000, "completed"),
        ("failed-midway", 8_999, "downloading"),
        ("failed-midway", 9_000, "failed"),
    ],
)
def test_a_bundled_timeline_does_what_it_says(name: str, after_ms: int, status: str) -> None:
    timeline = load(find(name))
    assert [state.status for state in timeline.at(timeline.epoch_ms + after_ms)] == [status]


def test_the_speeds_of_the_healthy_download_differ() -> None:
    timeline = load(find("healthy"))
    speeds = {
        state.bytes_per_second
        for second in range(20)
        for state in timeline.at(timeline.epoch_ms + second * 1000)
    }
    assert len(speeds) == 3


# The documentation's examples.
LIST_EXAMPLE = {
    "downloading": [
        {
            "job_id": "job_c0b7159ee6",
            "downloaded_bytes": 2423265340,
            "total_size_bytes": 124196907504,
            "started_at": "2025-10-06T18:43:08.019Z",
            "bytes_per_second": 9834240.879725136,
            "estimated_completion": "2025-10-06T22:24:29.908Z",
            "status": "downloading",
        }
    ],
    "completed": [],
    "failed": [],
    "paused": [
        {
            "job_id": "job_222ebe6763",
            "downloaded_bytes": 12028808,
            "total_size_bytes": 22256526743,
            "started_at": "2025-10-06T18:43:53.605Z",
            "status": "paused",
        }
    ],
}
JOB_EXAMPLE = {
    "job_id": "job_493c7c9ded",
    "status": "completed",
    "total_size_bytes": 2279145003,
    "downloaded_bytes": 2279145003,
    "started_at": "2025-10-03T15:33:23.496Z",
    "completed_at": "2025-10-03T15:43:12.102Z",
}


def test_the_documentations_examples_come_out_digit_for_digit() -> None:
    timeline = load(find("spec-example"))
    states = timeline.at(timeline.epoch_ms)
    assert json.dumps(list_payload(states)) == json.dumps(LIST_EXAMPLE)
    state = timeline.job_at("job_493c7c9ded", timeline.epoch_ms)
    assert state is not None
    assert json.dumps(job_payload(state)) == json.dumps(JOB_EXAMPLE)


def test_a_file_is_found_by_its_path(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(JOB, encoding="utf-8")
    assert find(path) == find(str(path)) == Source(str(path), JOB)
    bare = tmp_path / "healthy"
    bare.write_text(JOB, encoding="utf-8")
    assert find(bare).text == JOB
    with pytest.raises(UnreadableFile, match=r"missing\.json"):
        find("missing.json")
    with pytest.raises(UnreadableFile):
        find(str(tmp_path / "healthy.yml"))


def test_an_unknown_name_is_refused_with_the_nearest() -> None:
    with pytest.raises(UnknownName, match="unknown timeline 'helthy'; did you mean healthy"):
        find("helthy")


@st.composite
def mutated(draw: st.DrawFn) -> str:
    """A bundled file with a few lines or characters deleted, doubled, swapped or replaced."""
    text = draw(st.sampled_from(sorted(bundled().values())))
    for _ in range(draw(st.integers(1, 3))):
        if draw(st.booleans()):
            lines = text.split("\n")
            one, other = draw(st.tuples(*[st.integers(0, len(lines) - 1)] * 2))
            lines[one : one + draw(st.integers(0, 2))] = [lines[other]]
            text = "\n".join(lines)
        else:
            at = draw(st.integers(0, len(text)))
            new = draw(st.text("0123456789-:{}[]%.,'\"&*!|>#smh \n\tabz", max_size=3))
            text = text[:at] + new + text[at + draw(st.integers(0, 4)) :]
    return text


@given(mutated())
def test_a_mutated_file_is_refused_or_gives_valid_replies(text: str) -> None:
    try:
        timeline = read(text)
    except MockServerError:
        return
    for now in (timeline.epoch_ms, timeline.epoch_ms + 8_000, timeline.ends_at_ms):
        states = timeline.at(now)
        assert contract.is_valid(list_payload(states), "list_status")
        assert all(contract.is_valid(job_payload(state), "job_status") for state in states)
