"""Timeline files: what is read, what is refused and where, and that nothing else can happen."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from mockserver import resources
from mockserver.documents.source import Source
from mockserver.errors import MockServerError, TimelineError, UnknownName, UnreadableFile
from mockserver.timeline.find import find
from mockserver.timeline.model import FLOATING_EPOCH_MS, Begin, GoodClient, Step, Timeline
from mockserver.timeline.payloads import job_payload, list_payload
from mockserver.timeline.playback import Playback
from mockserver.timeline.reader import load

WHOLE = """\
description: Pauses at 40 %, resumes after five seconds, completes.
edition: 2026-01
starts_at: 2025-10-06T18:58:07.291Z
good_client: {ends: either, does: stops when it is gone.}
jobs:
  - job_id: job_493c7c9ded
    model: ibm/granite-4-micro
    total_size_bytes: 1001
    started_at: 2025-10-03T15:33:23.496Z
    listed: false
    script:
      - downloading: {for: 8s, to: 40%}
      - downloading: {hold: true, for: 2s, until: wake}
      - paused: {for: 5s}
      - downloading: {for: 1m12s, to: 1000, hold: false}
      - failed: {until: resume}
      - gone: {for: 0.5s}
      - downloading: {for: 3s, to: 100%}
      - completed: {for: 1h}
      - gone
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
    assert (job.total_size_bytes, job.begin) == (1001, Begin(at_ms=1_759_505_603_496))
    assert job.steps == (
        Step("downloading", 8_000, None, 0, 400, 50.0),
        Step("downloading", 2_000, "wake", 400, 400, 50.0),
        Step("paused", 5_000, None, 400, 400),
        Step("downloading", 72_000, None, 400, 1000, 600 / 72),
        Step("failed", None, "resume", 1000, 1000),
        Step("gone", 500, None, 1000, 1000),
        Step("downloading", 3_000, None, 1000, 1001, 1 / 3),
        Step("completed", 3_600_000, None, 1001, 1001),
        Step("gone", None, None, 1001, 1001),
    )
    assert [step.is_endless for step in job.steps] == [False] * 8 + [True]
    assert timeline.faults == ()
    assert timeline.good_client == GoodClient("either", "stops when it is gone.")


def test_what_may_be_left_out_has_a_default() -> None:
    timeline = read(JOB)
    assert timeline.edition == resources.DEFAULT_EDITION
    assert timeline.description is None
    assert timeline.epoch_ms == FLOATING_EPOCH_MS
    assert timeline.floating
    assert timeline.jobs[0].model is None
    assert timeline.jobs[0].listed
    assert timeline.jobs[0].begin == Begin()
    assert timeline.job(timeline.jobs[0].job_id) is timeline.jobs[0]
    assert timeline.job("job_0000000000") is None


def test_json_is_fine_too() -> None:
    text = json.dumps({"jobs": [{"total_size_bytes": 0, "script": ["completed"]}]})
    assert read(text, "t.json").jobs[0].steps == (Step("completed", None, None, 0, 0),)


@pytest.mark.parametrize(
    ("said", "begin"),
    [
        ("begins: at start", Begin()),
        ("begins: on request", Begin(on_request=True)),
        ("begins: 1m30s", Begin(after_ms=90_000)),
        ("begins: 87600h", Begin(after_ms=315_360_000_000)),
        ("started_at: 2025-10-03T17:33:23.496+02:00", Begin(at_ms=1_759_505_603_496)),
        ("begins: at start\n  started_at: 1970-01-01T00:00:00.1Z", Begin(at_ms=100)),
    ],
)
def test_a_job_begins_when_its_file_says(said: str, begin: Begin) -> None:
    timeline = read(JOB + f"  {said}\n")
    assert timeline.jobs[0].begin == begin
    assert timeline.floating == (begin.at_ms is None)
    assert timeline.epoch_ms == (FLOATING_EPOCH_MS if begin.at_ms is None else begin.at_ms)


def test_the_clock_shows_the_earliest_of_the_beginnings_at_first() -> None:
    late, early = "2025-10-03T15:33:23.496Z", "2025-10-03T15:33:23.495Z"
    two = JOB + f"  started_at: {late}\n" + JOB.removeprefix("jobs:\n")
    assert read(two + f"  started_at: {early}\n").epoch_ms == FLOATING_EPOCH_MS - 1
    assert read(two + f"starts_at: {early}\n").epoch_ms == FLOATING_EPOCH_MS - 1
    assert not read(two).floating


@pytest.mark.parametrize(
    ("said", "begins"),
    [
        ("copies: 3", [0, 0, 0]),
        ("copies: 3\n  every: 20ms", [0, 20, 40]),
        ("copies: 3\n  every: 20ms\n  begins: 1s", [1_000, 1_020, 1_040]),
        ("copies: 2\n  begins: 1s", [1_000, 1_000]),
        ("copies: 1\n  every: 87600h", [0]),
    ],
)
def test_copies_begin_one_after_the_other(said: str, begins: list[int]) -> None:
    jobs = read(JOB + f"  model: m\n  {said}\n").jobs
    assert [job.begin for job in jobs] == [Begin(after_ms=after) for after in begins]
    assert len({job.job_id for job in jobs}) == len(jobs)
    assert {job.model for job in jobs} == {"m"}
    assert len({job.steps for job in jobs}) == 1


def test_copies_have_the_ids_that_as_many_jobs_would_have() -> None:
    one = JOB.removeprefix("jobs:\n")
    copied = read(JOB + "  copies: 2\n" + one)
    single = read(JOB + one + one)
    assert [job.job_id for job in copied.jobs] == [job.job_id for job in single.jobs]


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


@pytest.mark.parametrize(
    ("total", "share", "goal"),
    [
        (100, "29%", 29),  # 100 * 0.29 is 28.999999999999996
        (1_000, "57.9%", 579),
        (3, "66.7%", 2),
        (2**53 - 1, "99.9%", 8_998_192_055_486_250),
        (2**53 - 1, "100.0%", 2**53 - 1),
    ],
)
def test_a_share_is_exact_and_rounded_down_to_whole_bytes(
    total: int, share: str, goal: int
) -> None:
    text = f"jobs: [{{total_size_bytes: {total}, script: [downloading: {{for: 1s, to: {share}}}"
    assert read(f"{text}, paused]}}]\n").jobs[0].steps[0].to_bytes == goal


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
    ("faults: []\n" + JOB, 1, 9, ["`faults` is an empty list", "at least one fault"]),
    (JOB + "editions: 2025-10\n", 4, 1, ["'editions'", "or `faults`", "did you mean edition?"]),
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
    (
        JOB + "  job_id: job_29ebd23c6b\n- {total_size_bytes: 1, script: [paused]}\n",
        5,
        3,
        ["duplicate job id 'job_29ebd23c6b'", "first in the job at line 2"],
    ),
    (
        JOB + "- {total_size_bytes: 1, script: [paused], job_id: x}\n" * 2,
        5,
        51,
        ["duplicate job id 'x'", "first in the job at line 4"],
    ),
    (JOB + "  begins: at stat\n", 4, 11, ["'at stat'", "did you mean at start?"]),
    (JOB + "  begins: on Request\n", 4, 11, ["on request or a dur", "did you mean on request?"]),
    (JOB + "  begins: tomorrow\n", 4, 11, ["'tomorrow'", "a duration such as 250ms"]),
    (JOB + "  begins: 5\n", 4, 11, ["`begins` is 5", "did you mean 5s?"]),
    (JOB + "  begins: 0s\n", 4, 11, ["no time at all"]),
    (JOB + "  begins: true\n", 4, 11, ["`begins` is true"]),
    (JOB + "  begins: 87601h\n", 4, 11, ["after more than ten years", "at most 87600h"]),
    (
        JOB + "  begins: 5s\n  started_at: 2025-10-03T15:33:23.496Z\n",
        4,
        3,
        ["two things of one instant", "one of them"],
    ),
    (
        JOB + "  started_at: 2025-10-03T15:33:23.496Z\n  begins: on request\n",
        5,
        3,
        ["two things of one instant"],
    ),
    (JOB + "  copies: 0\n", 4, 11, ["`copies` is 0", "from 1 to 10,000"]),
    (JOB + "  copies: 2.0\n", 4, 11, ["`copies` is 2.0", "a whole number"]),
    (JOB + "  copies: true\n", 4, 11, ["`copies` is true"]),
    (JOB + "  copies: two\n", 4, 11, ["`copies` is 'two'"]),
    (JOB + "  copies: 2\n  job_id: a\n", 5, 3, ["cannot share one id", "no job_id"]),
    (JOB + "  job_id: a\n  copies: 1\n", 4, 3, ["cannot share one id", "no job_id"]),
    (JOB + "  every: 5s\n", 4, 3, ["`every` without `copies`", "copies: 10"]),
    (JOB + "  copies: 2\n  every: 5\n", 5, 10, ["`every` is 5", "did you mean 5s?"]),
    (JOB + "  copies: 3\n  every: 43801h\n", 5, 10, ["the last copy begins after", "87600h"]),
    (
        JOB + "  copies: 2\n  every: 5s\n  begins: on request\n",
        5,
        3,
        ["`every` counts from the timeline's beginning", "nor `on request`"],
    ),
    (
        JOB + "  copies: 2\n  every: 5s\n  started_at: 2025-10-03T15:33:23.496Z\n",
        5,
        3,
        ["`every` counts from the timeline's beginning", "no `started_at`"],
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
        ["how many bytes arrive", "`downloading: {hold: true, for: 30s}`"],
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
        ["all 1000 bytes are there already", "{hold: true, for: 30s}"],
    ),
    (SCRIPT + "  - downloading: {hold: true, for: 1s}\n", 4, 5, ["no speed to hold", "before it"]),
    (
        SCRIPT + "  - paused: {for: 1s}\n  - downloading: {hold: true}\n",
        5,
        5,
        ["nothing has been downloaded yet"],
    ),
    (
        SCRIPT + "  - downloading: {for: 8s, to: 8%}\n  - downloading: {hold: true, to: 9%}\n",
        5,
        31,
        ["no byte arrives while it holds", "`downloading: {hold: true, for: 30s}`"],
    ),
    (SCRIPT + "  - downloading: {hold: yes}\n", 4, 25, ["'yes'", "did you mean true?"]),
    (SCRIPT + "  - downloading: {hold: false}\n", 4, 18, ["has no `for`"]),
    (SCRIPT + "  - paused: {to: 5%}\n", 4, 14, ["unknown key 'to'", "`for`, `until`, `report`"]),
    (SCRIPT + "  - paused: {util: go}\n", 4, 14, ["'util'", "did you mean until?"]),
    (SCRIPT + "  - paused: {until: 5}\n", 4, 21, ["`until` is 5", '"5", in quotes']),
    (SCRIPT + "  - paused: {until: ''}\n", 4, 21, ["`until` is ''", "the name of an event"]),
    (SCRIPT + "  - paused: {until: a b}\n", 4, 21, ["'a b'", "letters a to z, digits"]),
    (SCRIPT + "  - paused: {until: -a}\n", 4, 21, ["'-a'", "such as resume"]),
    (SCRIPT + f"  - paused: {{until: {'a' * 65}}}\n", 4, 21, ["at most 64"]),
    (SCRIPT + "  - paused: {until: }\n", 4, 14, ["`until` is empty"]),
    (
        SCRIPT + "  - paused: {for: 87000h}\n  - paused: {for: 601h}\n  - gone\n",
        5,
        19,
        ["ten years", "87600h in all"],
    ),
    (SCRIPT + "  - completed\n", 4, 5, ["1000 of 1000 bytes missing", "`to: 100%` before it"]),
    (
        SCRIPT + "  - downloading: {for: 8s, to: 999}\n  - completed: {for: 1s}\n",
        5,
        5,
        ["1 of 1000 bytes missing"],
    ),
    (SCRIPT + "  - failed: {}\n", 4, 13, ["`failed` is a mapping", "`failed` alone"]),
    (SCRIPT + "  - failed: {for: 3s}\n", 4, 5, ["breaks off", "a last step without `for`"]),
    (SCRIPT + "  - gone:\n", 4, 5, ["`gone` is empty", "`gone: {for: 5s}`"]),
    (SCRIPT + "  - gone: {report: {a: 1}}\n", 4, 12, ["report in a step in which nothing"]),
    (SCRIPT + "  - gone: {omit: [a]}\n", 4, 12, ["omit in a step", "for or until"]),
    (SCRIPT + "  - gone: {off_contract: true}\n", 4, 12, ["off_contract in a step"]),
    (SCRIPT + "  - paused:\n", 4, 5, ["`paused` is empty", "`paused: {for: 5s}`"]),
    (SCRIPT + "  - paused: {}\n", 4, 13, ["`paused` is a mapping", "`paused` alone"]),
    (SCRIPT + "  - paused: 5s\n", 4, 13, ["`paused` is '5s'", "`paused: {for: 5s}`"]),
    (SCRIPT + "  - paused: {for: 5s}\n", 4, 5, ["breaks off", "without `for` and `until`"]),
    (SCRIPT + "  - paused: {until: go}\n", 4, 5, ["breaks off", "such as `completed`"]),
    (SCRIPT + "  - downloading: {for: 8s, to: 100%}\n", 4, 5, ["breaks off", "`completed`"]),
    (
        "jobs:\n- total_size_bytes: 0\n  script: [completed: {for: 1s}, failed]\n",
        3,
        34,
        ["step 2 is failed, but the job is completed", "`gone`"],
    ),
    (
        "jobs:\n- total_size_bytes: 0\n"
        "  script: [completed: {for: 1s}, gone: {for: 1s}, completed]\n",
        3,
        51,
        ["step 3 is completed, but the job is completed by then"],
    ),
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
    assert source.text.endswith("\n")
    timeline = load(source)
    assert timeline.name == name
    assert timeline.description


@pytest.mark.parametrize(
    ("name", "after_ms", "status"),
    [
        ("healthy", 0, "downloading"),
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
    playback = Playback.of(load(find(name)))
    assert [state.status for state in playback.at(playback.epoch_ms + after_ms)] == [status]


def test_the_speeds_of_the_healthy_download_differ() -> None:
    playback = Playback.of(load(find("healthy")))
    speeds = {
        state.bytes_per_second
        for second in range(20)
        for state in playback.at(playback.epoch_ms + second * 1000)
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
    playback = Playback.of(load(find("spec-example")))
    states = playback.at(playback.epoch_ms)
    assert json.dumps(list_payload(states)) == json.dumps(LIST_EXAMPLE)
    state = playback.job_at("job_493c7c9ded", playback.epoch_ms)
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
