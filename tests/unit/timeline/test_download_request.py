"""A model is asked for: which job that begins, resumes or finds, whatever the timeline."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver import contract
from mockserver.documents.source import Source
from mockserver.strategies.scripts import Document
from mockserver.timeline.download_request import completed_models, has_model, model_name, requested
from mockserver.timeline.model import RESUME, Event, JobState, Timeline
from mockserver.timeline.payloads import download_payload
from mockserver.timeline.playback import Playback
from mockserver.timeline.reader import load
from support.timelines import documents, loaded, scripted, short_documents, stories, written

MODEL = "ibm/granite-4-micro"
HALF = {"downloading": {"for": "5s", "to": "50%"}}
REST = {"downloading": {"for": "5s", "to": "100%"}}
FAILED = {"failed": {"until": "resume"}}


class Asking:
    """A timeline that is asked for models as time goes by."""

    def __init__(self, *jobs: Document, **rest: Any) -> None:
        self.playback = Playback.of(loaded(*jobs, **rest))
        self.now_ms = self.playback.epoch_ms

    def after(self, milliseconds: int) -> Asking:
        self.now_ms += milliseconds
        return self

    def ask(self, model: str = MODEL, quantization: str | None = None) -> JobState | None:
        self.playback, state = requested(self.playback, model, quantization, self.now_ms)
        return state

    def job_id(self, model: str = MODEL, quantization: str | None = None) -> str | None:
        state = self.ask(model, quantization)
        return None if state is None else state.job_id

    def told(self) -> tuple[str, str, int] | None:
        """The job that a request for the model is told of, its status and its bytes."""
        state = self.ask()
        return None if state is None else (state.job_id, state.status, state.downloaded_bytes)

    def statuses(self) -> dict[str, str]:
        return {state.job_id: state.status for state in self.playback.at(self.now_ms)}


def job(id_: str, *script: Any, begins: str = "at start", **more: Any) -> Document:
    return scripted(*script, job_id=id_, begins=begins, **{"model": MODEL, **more})


class TestModelName:
    @pytest.mark.parametrize(
        "model",
        [
            MODEL,
            f"{MODEL}/",
            f"https://huggingface.co/{MODEL}",
            f"https://huggingface.co/{MODEL}/",
            f"https://lmstudio.ai/models/{MODEL}",
            f"http://www.huggingface.co/{MODEL}",
            f"HTTPS://HuggingFace.co/{MODEL}",
        ],
    )
    def test_by_name_and_by_address(self, model: str) -> None:
        assert model_name(model) == MODEL
        asking = Asking(job("a", "paused"))
        assert has_model(asking.playback.timeline, model)
        assert asking.job_id(model) == "a"

    @pytest.mark.parametrize(
        "model",
        [
            f"https://a.example/{MODEL}",
            f"https://huggingface.com/{MODEL}",
            f"x-https://huggingface.co/{MODEL}",
            MODEL.upper(),
            "ibm",
        ],
    )
    def test_anything_else_is_another(self, model: str) -> None:
        assert model_name(model) == model
        assert not has_model(loaded(job("a", "paused")), model)
        assert Asking(job("a", "paused")).job_id(model) != "a"

    @pytest.mark.parametrize("model", ["", "/", "https://huggingface.co/"])
    def test_it_is_never_empty_unless_the_model_is(self, model: str) -> None:
        assert model_name(model) == model

    def test_an_address_in_the_timeline(self) -> None:
        asking = Asking(job("a", "paused", model=f"https://huggingface.co/{MODEL}/"))
        assert asking.job_id(MODEL) == "a"


class TestJobsThatAreKnown:
    def test_one_that_downloads_goes_on(self) -> None:
        asking = Asking(job("a", HALF, REST, "completed"))
        for after, arrived in ((0, 0), (5_000, 500), (4_999, 999)):
            state = asking.after(after).ask()
            assert state is not None
            assert (state.job_id, state.downloaded_bytes) == ("a", arrived)
            assert state.started_at_ms == asking.playback.epoch_ms
        assert asking.playback.events == ()

    @pytest.mark.parametrize("phase", ["failed", "paused"])
    def test_one_that_waits_for_it_resumes_with_its_bytes(self, phase: str) -> None:
        asking = Asking(job("a", HALF, {phase: {"until": "resume"}}, REST, "completed"))
        for after in (1_000, 2_000, 3_000):
            assert asking.after(1_000).told() == ("a", "downloading", after // 10)
        assert len(asking.playback.events) == 0  # nobody has waited for it yet
        asking.after(60_000)
        assert asking.statuses() == {"a": phase}
        state = asking.ask()
        assert state is not None
        assert (state.status, state.downloaded_bytes) == ("downloading", 500)
        assert state.started_at_ms == asking.playback.epoch_ms
        assert list(asking.playback.events) == [Event(RESUME, asking.now_ms, "a")]
        assert asking.after(5_000).ask() is None

    def test_a_step_that_would_end_by_itself_is_resumed_too(self) -> None:
        waits = {"failed": {"until": "resume", "for": "1h"}}
        asking = Asking(job("a", HALF, waits, REST, "completed")).after(6_000)
        assert asking.statuses() == {"a": "failed"}
        assert asking.told() == ("a", "downloading", 500)

    def test_one_request_resumes_one_step(self) -> None:
        twice = job("a", HALF, FAILED, {"paused": {"until": "resume"}}, "failed")
        asking = Asking(twice).after(5_000)
        for status in ("paused", "failed", "failed"):
            assert asking.told() == ("a", status, 500)

    def test_other_events_are_not_meant(self) -> None:
        asking = Asking(job("a", {"failed": {"until": "go"}}, "paused"))
        assert asking.told() == ("a", "failed", 0)
        assert asking.playback.events == ()

    @pytest.mark.parametrize("phase", ["failed", "paused"])
    def test_one_that_stays_so_for_ever_is_shown_so(self, phase: str) -> None:
        asking = Asking(job("a", HALF, phase)).after(3_600_000)
        assert asking.told() == ("a", phase, 500)

    def test_a_request_leaves_no_trace_unless_it_changes_something(self) -> None:
        asking = Asking(job("a", HALF, FAILED, REST, "completed"))
        before = asking.playback
        for _ in range(1_000):
            asking.ask()
        assert asking.playback is before


class TestCompletedAndForgotten:
    def test_a_completed_one_is_there(self) -> None:
        asking = Asking(job("a", HALF, REST, {"completed": {"for": "5s"}}, "gone"))
        assert asking.after(9_999).job_id() == "a"
        for after in (1, 4_999, 1, 10**9):
            assert asking.after(after).ask() is None
        assert completed_models(asking.playback, asking.now_ms).keys() == {MODEL}
        assert [job.job_id for job in asking.playback.timeline.jobs] == ["a"]

    def test_a_forgotten_one_begins_anew_under_another_id(self) -> None:
        asking = Asking(job("a", HALF, "gone")).after(5_000)
        made = asking.job_id()
        assert made not in (None, "a")
        assert asking.job_id() == made
        assert asking.statuses() == {made: "downloading"}

    def test_one_that_is_forgotten_until_then_is_known_again(self) -> None:
        asking = Asking(job("a", HALF, {"gone": {"until": "resume"}}, REST, "completed"))
        asking.after(9_000)
        assert asking.statuses() == {}
        assert asking.told() == ("a", "downloading", 500)

    def test_one_that_the_request_makes_forgotten_gives_way(self) -> None:
        first = job("a", HALF, FAILED, "gone")
        second = job("b", HALF, "paused", begins="on request")
        asking = Asking(first, second).after(6_000)
        assert asking.statuses() == {"a": "failed"}
        assert asking.job_id() == "b"
        assert asking.statuses() == {"b": "downloading"}

    def test_one_that_is_gone_for_a_while(self) -> None:
        asking = Asking(job("a", HALF, {"gone": {"for": "5s"}}, "paused")).after(6_000)
        made = asking.job_id()
        assert made != "a"
        # Both are known by now; the one that began first has its turn.
        assert asking.after(5_000).job_id() == "a"

    def test_completed_models_go_by_their_names_and_their_first_jobs(self) -> None:
        done: Document = {"total": 0, "model": f"https://huggingface.co/{MODEL}/"}
        asking = Asking(
            job("a", "paused", model="other"),
            job("b", "completed", **done),
            job("c", "completed", total=0),
        )
        found = completed_models(asking.playback, asking.now_ms)
        assert {name: job.job_id for name, job in found.items()} == {MODEL: "b"}


class TestSeveralJobsOfAModel:
    def test_the_one_that_began_first_goes_on(self) -> None:
        asking = Asking(job("late", "paused", begins="3s"), job("early", HALF, "paused"))
        assert asking.job_id() == "early"
        assert asking.after(4_000).job_id() == "early"

    def test_of_those_that_begin_together_the_first_of_the_file(self) -> None:
        asking = Asking(job("b", "paused"), job("a", "paused"))
        assert asking.job_id() == "b"

    def test_only_that_one_is_resumed(self) -> None:
        again = {"paused": {"until": "resume"}}
        asking = Asking(job("a", again, "failed"), job("b", again, "failed"))
        assert asking.job_id() == "a"
        assert asking.statuses() == {"a": "failed", "b": "paused"}

    def test_a_known_one_goes_before_a_forgotten_one(self) -> None:
        waits = {"gone": {"until": "resume"}}
        asking = Asking(job("a", waits, "failed"), job("b", "paused", begins="1s")).after(1_000)
        assert asking.job_id() == "b"
        assert asking.statuses() == {"b": "paused"}

    def test_those_on_request_begin_one_after_the_other(self) -> None:
        timeline = {"total_size_bytes": 1_000, "model": MODEL, "begins": "on request"}
        asking = Asking({**timeline, "copies": 3, "script": [HALF, "gone"]})
        ids = [job.job_id for job in asking.playback.timeline.jobs]
        assert [asking.job_id(), asking.job_id()] == [ids[0]] * 2
        assert asking.after(5_000).job_id() == ids[1]
        assert asking.after(5_000).job_id() == ids[2]
        assert asking.after(5_000).job_id() not in ids

    def test_when_one_has_completed_the_model_is_there(self) -> None:
        asking = Asking(job("a", HALF, "paused"), job("b", HALF, REST, "completed"))
        assert asking.after(9_999).job_id() == "a"
        assert asking.after(1).ask() is None

    def test_jobs_of_other_models_are_left_alone(self) -> None:
        asking = Asking(job("a", FAILED, "paused", model="other"), job("b", FAILED, "paused"))
        assert asking.job_id() == "b"
        assert asking.statuses() == {"a": "failed", "b": "paused"}
        nameless = job("a", FAILED, "paused")
        del nameless["model"]
        assert Asking(nameless).job_id() != "a"


class TestOnRequest:
    def test_it_begins_with_the_request(self) -> None:
        asking = Asking(job("a", HALF, REST, "completed", begins="on request")).after(7_000)
        state = asking.ask()
        assert state is not None
        assert (state.job_id, state.started_at_ms) == ("a", asking.now_ms)
        assert asking.ask() == state
        assert len(asking.playback.events) == 1
        assert asking.after(10_000).ask() is None

    def test_one_that_is_completed_at_once_is_shown_so_first(self) -> None:
        asking = Asking(job("a", "completed", begins="on request", total=0))
        state = asking.ask()
        assert state is not None
        assert state.status == "completed"
        assert contract.violations(download_payload(state), "download", edition="2026-01") == []
        assert asking.ask() is None

    def test_one_that_would_be_unknown_at_first_does_not_begin(self) -> None:
        """It is no model that is there already."""
        hidden = job("a", {"gone": {"for": "5s"}}, "paused", begins="on request")
        asking = Asking(hidden)
        assert asking.job_id() not in (None, "a")
        second = job("b", "paused", begins="on request")
        assert Asking(hidden, second).job_id() == "b"

    def test_before_the_timeline_begins_a_job_is_made(self) -> None:
        asking = Asking(job("a", HALF, "paused", begins="on request")).after(-1)
        made = asking.ask()
        assert made is not None
        assert (made.job_id != "a", made.started_at_ms) == (True, asking.now_ms)
        assert asking.after(1).job_id() == made.job_id

    def test_one_that_begins_later_by_itself_has_not_begun(self) -> None:
        asking = Asking(job("a", "paused", begins="5s"))
        made = asking.job_id()
        assert made != "a"
        assert asking.after(5_000).job_id() == made


class TestMadeJobs:
    def test_it_takes_twenty_seconds(self) -> None:
        asking = Asking(job("a", "paused"))
        begun = asking.ask("qwen/qwen3-4b")
        assert begun is not None
        assert (begun.status, begun.downloaded_bytes) == ("downloading", 0)
        assert 500_000_000 <= begun.total_size_bytes < 4_500_000_000
        half = asking.after(10_000).ask("qwen/qwen3-4b")
        assert half is not None
        assert half.downloaded_bytes == begun.total_size_bytes // 2
        assert asking.after(9_999).ask("qwen/qwen3-4b") is not None
        assert asking.after(1).ask("qwen/qwen3-4b") is None
        assert completed_models(asking.playback, asking.now_ms).keys() == {"qwen/qwen3-4b"}

    def test_id_and_size_follow_from_timeline_model_and_quantization(self) -> None:
        def made(name: str, model: str, quantization: str | None, *before: str) -> tuple[str, int]:
            job = '{"total_size_bytes": 9, "script": ["paused"]}'
            timeline = load(Source(f"{name}.json", f'{{"jobs": [{job}]}}'))
            playback, now_ms = Playback.of(timeline), timeline.epoch_ms + len(before)
            for other in before:
                playback, _ = requested(playback, other, None, now_ms)
            _, state = requested(playback, model, quantization, now_ms)
            assert state is not None
            assert re.fullmatch(r"job_[0-9a-f]{10}", state.job_id)
            return state.job_id, state.total_size_bytes

        assert made("t", "m", None) == ("job_22cede0145", 2_346_627_820)  # in every process
        assert made("t", "m", None, "x", "y") == made("t", "m", None)
        asked = [("t", "m", None), ("t", "m", ""), ("t", "m", "Q4"), ("t", "n", None)]
        ids, sizes = zip(*(made(*each) for each in [*asked, ("u", "m", None)]), strict=True)
        assert len(set(ids)) == len(set(sizes)) == 5

    def test_each_quantization_has_its_own(self) -> None:
        asking = Asking(job("a", "paused"))
        four, eight = asking.job_id("m", "Q4"), asking.job_id("m", "Q8")
        assert four != eight
        assert asking.after(5_000).job_id("m", "Q4") == four
        assert asking.job_id("m", "Q8") == eight
        usual = asking.job_id("m")
        assert usual not in (None, four, eight)
        assert asking.job_id(MODEL, "Q4") == "a"  # a timeline does not tell them apart
        asking.after(15_000)
        assert asking.ask("m", "Q4") is None
        assert asking.job_id("m") == usual
        assert asking.job_id("m", "Q2") not in (None, four, eight, usual)

    def test_its_id_does_not_depend_on_what_was_asked_for_first(self) -> None:
        kinds = [None, "Q4", "Q8"]
        first, second = Asking(job("a", "paused")), Asking(job("a", "paused"))
        found = {kind: first.job_id("m", kind) for kind in kinds}
        assert {kind: second.job_id("m", kind) for kind in reversed(kinds)} == found
        assert len(set(found.values())) == 3

    def test_an_id_that_is_taken_is_not_given_again(self) -> None:
        taken = Asking(job("a", "paused")).job_id("m")
        assert taken is not None
        asking = Asking(job("a", "paused"), job(taken, "failed", model="other"))
        other = asking.job_id("m")
        assert other not in (None, taken)
        assert asking.job_id("m") == other

    def test_an_empty_model_is_a_model(self) -> None:
        asking = Asking(job("a", "paused"))
        assert asking.job_id("") == asking.job_id("")
        assert len(asking.playback.timeline.jobs) == 2


# ---- Whatever the timeline


def models_of(timeline: Timeline) -> list[str]:
    return [job.model for job in timeline.jobs if job.model is not None] or ["none"]


@st.composite
def with_models(draw: st.DrawFn, document: Document) -> Timeline:
    """The timeline, in which several jobs are for the same few models."""
    for job in document["jobs"]:
        if draw(st.integers(0, 5)):
            job["model"] = draw(st.sampled_from([MODEL, "other", "two words"]))
    return load(Source("drawn.yaml", written(document, 3)))


def resumes_to_gone(before: Playback, now_ms: int) -> set[str]:
    """The ids of the jobs that wait for `resume` at this moment and are then forgotten."""
    found = set()
    for job_id, schedule in before.schedules.items():
        stretch = schedule.stretch_at(now_ms)
        if stretch is not None and stretch.step.until == RESUME:
            after = before.after(Event(RESUME, now_ms, job_id))
            if after.job_at(job_id, now_ms) is None:
                found.add(job_id)
    return found


@given(st.data(), documents() | short_documents)
def test_whatever_the_timeline_a_request_has_a_valid_reply_and_its_job_is_known(
    data: st.DataObject, document: Document
) -> None:
    timeline = data.draw(with_models(document), label="timeline")
    check = contract.validator("download", "2026-01")
    for moment in data.draw(stories(timeline), label="moments"):
        now_ms, before = moment.now_ms, moment.playback
        model = data.draw(st.sampled_from([*models_of(timeline), "x"]), label="model")
        quantization = data.draw(st.sampled_from([None, "Q4"]), label="quantization")
        after, state = requested(before, model, quantization, now_ms)
        assert requested(before, model, quantization, now_ms) == (after, state)
        ids = [job.job_id for job in before.timeline.jobs if job.model == model]
        done = any(before.has_completed(job_id, now_ms) for job_id in ids)
        assert (state is None) == done
        mine = set() if state is None else {state.job_id}
        assert others_changed(before, after, mine) <= resumes_to_gone(before, now_ms)
        if state is None:
            assert after is before
            continue
        assert after.job_at(state.job_id, now_ms) == state
        payload = download_payload(state)
        assert state.overrides.off_contract or check.violations(payload) == []
        again, same = requested(after, model, quantization, now_ms)
        if again.events == after.events and state.status != "completed":
            assert same == state  # it did not wait for one more request


def others_changed(before: Playback, after: Playback, mine: set[str]) -> set[str]:
    """The ids of the other jobs that the request has changed, now or later."""
    assert set(before.schedules) <= set(after.schedules) <= set(before.schedules) | mine
    return {
        job_id
        for job_id, schedule in before.schedules.items()
        if after.schedules[job_id] != schedule
    } - mine


@given(st.data(), short_documents)
def test_asked_again_and_again_a_job_keeps_its_turn(
    data: st.DataObject, document: Document
) -> None:
    """As long as a job is known and the model is not there, each request is for that job."""
    timeline = data.draw(with_models(document), label="timeline")
    model = data.draw(st.sampled_from(models_of(timeline)), label="model")
    playback = Playback.of(timeline)
    last: JobState | None = None
    now_ms = max(0, playback.epoch_ms - 3)
    for wait_ms in data.draw(st.lists(st.integers(0, 8), max_size=10), label="waits"):
        now_ms += wait_ms
        known = last is not None and playback.job_at(last.job_id, now_ms) is not None
        waits = resumes_to_gone(playback, now_ms)
        begins_ms = None if last is None else playback.schedules[last.job_id].begins_ms
        playback, state = requested(playback, model, None, now_ms)
        if state is None:
            continue
        if known and last is not None and last.job_id not in waits:
            begun = playback.schedules[state.job_id].begins_ms
            assert begun is not None
            assert begins_ms is not None
            # Another has its turn only if it began before and was forgotten for a while.
            assert state.job_id == last.job_id or begun <= begins_ms
        last = state
    assert len(playback.timeline.jobs) <= len(timeline.jobs) + 1
