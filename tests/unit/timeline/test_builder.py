"""Timelines written in Python are those of files, and what is wrong is told in the same words."""

import json
from dataclasses import replace
from types import MappingProxyType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.documents.source import Source
from mockserver.errors import NotJson, TimelineError, YamlError
from mockserver.timeline.builder import Job, timeline_of
from mockserver.timeline.reader import fault_from, load, timeline_from
from support.cases import data

HALF = Job("job_1", total_size_bytes=1000).downloading("8s", to="50%")
WHOLE = HALF.paused()
PHASES = st.sampled_from(["stalled", "paused", "failed"])
LASTS = st.sampled_from([None, "1s", "250ms"])
UNTIL = st.sampled_from([None, "resume"])


def test_each_method_gives_a_new_job() -> None:
    paused = HALF.paused("3s")
    assert len(HALF.steps) == 1
    assert len(paused.steps) == 2
    assert replace(paused, steps=HALF.steps) == HALF


def test_all_steps() -> None:
    job = (
        HALF.stalled("2s")
        .paused(until="resume", report={"note": "x"}, off_contract=True)
        .failed("1s", until="resume")
        .downloading("9s", to=1000, omit=["bytes_per_second"], off_contract=True)
        .completed("1s")
        .gone()
    )
    assert job.as_dict() == data(__file__, "all-steps")
    assert len(timeline_of(job).jobs[0].steps) == 7


def test_members_of_a_job_and_of_the_timeline() -> None:
    job = Job(model=None).paused().with_members(copies=3).with_members(every="1s", listed=False)
    timeline = timeline_of(
        job, name="mine", description="What happens.", starts_at="2025-10-03T15:33:23.496Z"
    )
    assert (timeline.name, timeline.description) == ("mine", "What happens.")
    assert [job.model for job in timeline.jobs] == [None] * 3
    assert not any(job.listed for job in timeline.jobs)
    assert [job.begin.after_ms for job in timeline.jobs] == [0, 1000, 2000]


@given(st.lists(st.tuples(PHASES, LASTS, UNTIL), max_size=6), st.booleans())
def test_a_job_is_what_its_file_says(
    steps: list[tuple[str, str | None, str | None]], is_whole: bool
) -> None:
    job = HALF
    for phase, lasts, until in steps:
        job = getattr(job, phase)(lasts, until=until)
    job = job.paused() if is_whole else job
    document = {"jobs": [job.as_dict()]}

    def outcome(make: Any) -> Any:
        try:
            return make()
        except TimelineError as error:
            return error.problem, error.pointer

    from_python = outcome(lambda: timeline_of(job))
    assert from_python == outcome(lambda: load(Source("inline", json.dumps(document))))
    assert from_python == outcome(lambda: timeline_from(document))


def test_what_is_wrong_has_a_place() -> None:
    with pytest.raises(TimelineError) as caught:
        timeline_of(WHOLE, Job("job_2").downloading("8s", to="forty"))
    assert caught.value.pointer == "/jobs/1/script/0/downloading/to"
    with pytest.raises(TimelineError, match="job_1"):
        timeline_of(WHOLE, WHOLE)
    with pytest.raises(TimelineError):
        timeline_of()


@pytest.mark.parametrize(
    "value", [object(), {1, 2}, float("nan"), float("inf"), MappingProxyType({}), b"x"]
)
def test_what_json_has_no_form_for(value: Any) -> None:
    with pytest.raises(NotJson, match="inline is no JSON data"):
        timeline_from({"jobs": value})
    with pytest.raises(NotJson, match="fault is no JSON data"):
        fault_from({"reply": value}, "2025-10")


def test_data_without_end() -> None:
    jobs: list[Any] = []
    jobs.append(jobs)
    with pytest.raises(NotJson):
        timeline_from({"jobs": jobs})


@pytest.mark.parametrize("jobs", [[0] * 100_001, json.loads("[" * 51 + "]" * 51)])
def test_more_data_than_a_file_may_have(jobs: Any) -> None:
    with pytest.raises(YamlError, match="at most 100,000, nested at most 50 deep"):
        timeline_from({"jobs": jobs})


def test_faults() -> None:
    written = {"operation": "job_status", "when": {"request": 2}, "reply": {"status": 503}}
    timeline = timeline_of(WHOLE, faults=[written])
    assert timeline.faults == (fault_from(written, timeline.edition),)
    with pytest.raises(TimelineError, match="job_status"):
        fault_from({**written, "operation": "job_statu"}, timeline.edition)
