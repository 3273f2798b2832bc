"""Rules that hold for every timeline, whatever happens while it is played."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from fractions import Fraction
from itertools import pairwise
from operator import itemgetter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver import contract, resources
from mockserver.documents import yaml_text
from mockserver.documents.source import Source
from mockserver.errors import NeverHappens
from mockserver.strategies.scripts import Document
from mockserver.timeline.find import find
from mockserver.timeline.model import (
    LAST_INSTANT_MS,
    REQUEST,
    Event,
    JobState,
    Phase,
    ScriptedJob,
    Step,
    Timeline,
)
from mockserver.timeline.payloads import job_payload, list_payload
from mockserver.timeline.playback import Playback
from mockserver.timeline.reader import load
from support.cases import source
from support.timelines import Moment, documents, short_texts, stories, texts, written

PHASES: tuple[Phase, ...] = ("downloading", "paused", "completed", "failed", "gone")


def drawn(data: st.DataObject, text: st.SearchStrategy[str] = texts) -> list[Moment]:
    timeline = load(Source("drawn.yaml", data.draw(text, label="file")))
    return data.draw(stories(timeline), label="moments")


def step_at(moment: Moment, job_id: str) -> Step:
    stretch = moment.playback.schedules[job_id].stretch_at(moment.now_ms)
    assert stretch is not None
    return stretch.step


@given(documents(), st.integers(0, 7))
def test_what_is_written_is_read_back(document: Document, block_levels: int) -> None:
    source = Source("t.yaml", written(document, block_levels))
    assert yaml_text.load(source).data == document
    copies = sum(job.get("copies", 1) for job in document["jobs"])
    assert len(load(source).jobs) == copies


# The rules, each of what is asked at the moments of a story.


def replies_keep_to_the_contract_unless_their_step_does_not(moments: list[Moment]) -> None:
    for moment in moments:
        timeline = moment.playback.timeline
        states = moment.playback.at(moment.now_ms)
        kept = [state for state in states if not state.overrides.off_contract]
        for state in kept:
            reply = job_payload(state)
            assert contract.violations(reply, "job_status", timeline.edition) == []
        if "list_status" in contract.edition(timeline.edition).operations:
            assert contract.violations(list_payload(kept), "list_status", timeline.edition) == []
        json.dumps([list_payload(states), *map(job_payload, states)], allow_nan=False)


def bytes_and_times_stay_in_order(moments: list[Moment]) -> None:
    before: dict[str, JobState] = {}
    for moment in moments:
        now = moment.now_ms
        for state in moment.playback.at(now):
            assert 0 <= state.downloaded_bytes <= state.total_size_bytes
            assert state.started_at_ms <= now
            assert (state.completed_at_ms is not None) == (state.status == "completed")
            if state.completed_at_ms is not None:
                assert state.started_at_ms <= state.completed_at_ms <= now
                assert state.downloaded_bytes == state.total_size_bytes
            if state.estimated_completion_ms is not None:
                assert state.status == "downloading"
                assert now <= state.estimated_completion_ms <= LAST_INSTANT_MS
            earlier = before.get(state.job_id)
            if earlier is not None:
                assert earlier.downloaded_bytes <= state.downloaded_bytes
                assert earlier.started_at_ms == state.started_at_ms
                assert earlier.completed_at_ms in (None, state.completed_at_ms)
            before[state.job_id] = state


def speed_and_estimate_agree_with_the_bytes(moments: list[Moment]) -> None:
    for moment in moments:
        for state in moment.playback.at(moment.now_ms):
            assert (state.bytes_per_second is None) == (state.status != "downloading")
            if state.bytes_per_second is None or state.estimated_completion_ms is None:
                assert state.bytes_per_second is state.estimated_completion_ms is None
                continue
            rest = state.total_size_bytes - state.downloaded_bytes
            if not rest:
                assert state.estimated_completion_ms == moment.now_ms
                continue
            step = step_at(moment, state.job_id)
            speed = Fraction(state.bytes_per_second)
            if step.to_bytes > step.from_bytes:
                assert step.lasts_ms is not None
                exact = Fraction((step.to_bytes - step.from_bytes) * 1000, step.lasts_ms)
                assert state.bytes_per_second == float(exact)
                speed = exact
            estimate = min(moment.now_ms + rest * 1000 / speed, Fraction(LAST_INSTANT_MS))
            assert abs(state.estimated_completion_ms - estimate) <= Fraction(1, 2)


def what_is_held_stands_still_and_its_estimate_moves_with_the_clock(moments: list[Moment]) -> None:
    for moment in moments:
        for state in moment.playback.at(moment.now_ms):
            schedule = moment.playback.schedules[state.job_id]
            stretch = schedule.stretch_at(moment.now_ms)
            assert stretch is not None
            if state.status != "downloading" or stretch.step.to_bytes > stretch.step.from_bytes:
                continue
            later = moment.now_ms + 1_000
            if stretch.covers(later):
                after = schedule.at(later)
                assert after is not None
                assert after.downloaded_bytes == state.downloaded_bytes
                assert after.bytes_per_second == state.bytes_per_second
                assert state.estimated_completion_ms is not None
                assert after.estimated_completion_ms == min(
                    state.estimated_completion_ms + 1_000, LAST_INSTANT_MS
                )


def list_and_job_agree_field_by_field(moments: list[Moment]) -> None:
    for moment in moments:
        states = moment.playback.at(moment.now_ms)
        listed = list_payload(states)
        assert sum(map(len, listed.values())) == sum(state.listed for state in states)
        for status, items in listed.items():
            shown = [state for state in states if state.listed and state.status == status]
            for state, item in zip(shown, items, strict=True):
                alone = job_payload(state)
                assert {key: alone[key] for key in item if key in alone} == {
                    key: item[key] for key in alone if key in item
                }
                report = state.overrides
                assert set(item) - set(alone) == (report.without - report.without_in_list)
                assert set(alone) - set(item) == (report.without_in_list - report.without)


def the_same_question_has_the_same_answer(moments: list[Moment]) -> None:
    for moment in moments:
        answers = []
        for playback in (
            moment.playback,
            moment.playback,
            Playback.of(moment.playback.timeline, events=moment.playback.events),
        ):
            states = playback.at(moment.now_ms)
            assert all(playback.job_at(state.job_id, moment.now_ms) == state for state in states)
            answers.append(json.dumps([list_payload(states), *map(job_payload, states)]))
        assert len(set(answers)) == 1


def events_change_nothing_before_them(moments: list[Moment]) -> None:
    for earlier, later in pairwise(moments):
        if earlier.now_ms < later.now_ms:
            assert later.playback.at(earlier.now_ms) == earlier.playback.at(earlier.now_ms)


def stretches_follow_each_other_without_gaps(moments: list[Moment]) -> None:
    for moment in moments:
        for schedule in moment.playback.schedules.values():
            stretches = schedule.stretches
            assert (
                tuple(stretch.step for stretch in stretches) == schedule.job.steps[: len(stretches)]
            )
            for stretch, following in pairwise(stretches):
                assert stretch.ends_ms == following.begins_ms
                assert stretch.begins_ms <= stretch.ends_ms
            if not stretches:
                assert schedule.job.begin.on_request
                assert schedule.begins_ms is schedule.settles_ms is None
                assert schedule.awaits == REQUEST
                continue
            last = stretches[-1]
            assert last.ends_ms is None
            assert schedule.begins_ms == stretches[0].begins_ms
            assert schedule.settles_ms == last.begins_ms
            assert schedule.awaits == last.step.until
            assert len(stretches) == len(schedule.job.steps) or last.step.until is not None


def nothing_but_the_estimate_changes_after_the_end(moments: list[Moment]) -> None:
    playback = moments[-1].playback
    end = playback.settles_ms
    later = [state._replace(estimated_completion_ms=None) for state in playback.at(end + 10**10)]
    assert [state._replace(estimated_completion_ms=None) for state in playback.at(end)] == later


RULES: tuple[Callable[[list[Moment]], None], ...] = (
    replies_keep_to_the_contract_unless_their_step_does_not,
    bytes_and_times_stay_in_order,
    speed_and_estimate_agree_with_the_bytes,
    what_is_held_stands_still_and_its_estimate_moves_with_the_clock,
    list_and_job_agree_field_by_field,
    the_same_question_has_the_same_answer,
    events_change_nothing_before_them,
    stretches_follow_each_other_without_gaps,
    nothing_but_the_estimate_changes_after_the_end,
)


@given(st.data())
def test_every_rule_holds_whatever_happens(data: st.DataObject) -> None:
    moments = drawn(data)
    for rule in RULES:
        rule(moments)


@given(st.data())
def test_when_is_the_first_instant_at_which_it_is_so(data: st.DataObject) -> None:
    for moment in drawn(data, short_texts):
        playback, now = moment.playback, moment.now_ms
        if playback.settles_ms - now > 500:
            continue
        window = range(now, max(now, playback.settles_ms) + 3)
        for job_id, schedule in playback.schedules.items():
            begins = schedule.begins_ms
            seen = [
                None
                if begins is None or instant < begins
                else "gone"
                if (state := schedule.at(instant)) is None
                else state.status
                for instant in window
            ]
            for phase in PHASES:
                if phase in seen:
                    assert playback.when(job_id, phase, now) == now + seen.index(phase)
                    continue
                with pytest.raises(NeverHappens) as caught:
                    playback.when(job_id, phase, now)
                assert caught.value.awaits == schedule.awaits
                assert caught.value.now == (seen[-1] or "unknown")


def ticked(
    job: ScriptedJob, epoch_ms: int, events: tuple[Event, ...], until_ms: int
) -> list[str | None]:
    """What the job is at each millisecond from 0 on, by a machine that knows only the present."""
    index, since = -1, 0
    shown: list[str | None] = []
    for now in range(epoch_ms, until_ms):
        begin = job.begin
        at_ms = epoch_ms + begin.after_ms if begin.at_ms is None else begin.at_ms
        if index < 0 and not begin.on_request and now == at_ms:
            index, since = 0, now
        if index >= 0 and now - since == job.steps[index].lasts_ms:
            index, since = index + 1, now
        for event in events:
            awaited = job.steps[index].until if index >= 0 else REQUEST
            if index < 0 and not begin.on_request:
                break
            if (event.at_ms, event.name) == (now, awaited) and event.job_id in (None, job.job_id):
                index, since = index + 1, now
        shown.append(None if index < 0 else f"{index} {job.steps[index].phase}")
    return shown


@given(st.data())
def test_a_machine_that_ticks_comes_to_the_same(data: st.DataObject) -> None:
    text = data.draw(short_texts.filter(lambda text: "started_at:" not in text), label="file")
    timeline = load(Source("drawn.yaml", text))
    ids = st.none() | st.sampled_from([job.job_id for job in timeline.jobs])
    playback = Playback.of(timeline, 0)
    epoch = playback.epoch_ms
    names = st.sampled_from((*playback.event_names, "nothing"))
    happenings = data.draw(st.lists(st.tuples(st.integers(0, 30), names, ids), max_size=6))
    for after, name, job_id in sorted(happenings, key=itemgetter(0)):
        playback = playback.after(Event(name, epoch + after, job_id))
    for job in timeline.jobs:
        expected = ticked(job, epoch, playback.events, epoch + 60)
        schedule = playback.schedules[job.job_id]
        for after, shown in enumerate(expected):
            stretch = schedule.stretch_at(epoch + after)
            found = None
            if stretch is not None:
                assert stretch.covers(epoch + after)
                found = f"{schedule.stretches.index(stretch)} {stretch.step.phase}"
            assert found == shown


HAPPENINGS = [
    ("go", 4_000),
    ("request", 4_500),
    ("resume", 4_700),
    ("resume", 5_000),
    ("go", 9_000),
]


def everything_said(files: dict[str, str]) -> str:
    """Every reply of these files at many instants, as one text."""
    said: list[object] = []
    for path, text in files.items():
        timeline: Timeline = load(Source(path, text))
        playback = Playback.of(timeline)
        said += [timeline.name, repr(timeline.faults), playback.event_names]
        for after in range(0, 30_000, 499):
            now = playback.epoch_ms + after
            for name, at_ms in HAPPENINGS:
                if after <= at_ms < after + 499:
                    playback = playback.after(Event(name, now))
            states = playback.at(now)
            said += [list_payload(states), *map(job_payload, states)]
    return json.dumps(said)


@pytest.mark.parametrize("seed", ["0", "1", "4711"])
def test_a_fresh_process_says_the_same_byte_for_byte(seed: str) -> None:
    files = {"all.yaml": source(__file__, "all-kinds.yaml").text}
    files |= {name: find(path).text for name, path in resources.timeline_files().items()}
    files.pop("many-jobs", None)  # nothing new, a thousand times
    code = (
        "import json, sys\n"
        "from unit.timeline.test_properties import everything_said\n"
        "sys.stdout.write(everything_said(json.load(sys.stdin)))\n"
    )
    environment = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(
        [sys.executable, "-c", code],
        input=json.dumps(files),
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    assert done.stdout == everything_said(files)
