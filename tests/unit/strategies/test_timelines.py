"""Drawn timelines: legal, playable, drawable, and printed so that they can be played again."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver import contract, resources
from mockserver.errors import UnknownName
from mockserver.report.chart_text import draw
from mockserver.report.timeline_chart import chart_of
from mockserver.strategies.timelines import timelines
from mockserver.timeline.model import REQUEST, ScriptedJob, Step, Timeline
from mockserver.timeline.payloads import download_payload, job_payload, list_payload
from mockserver.timeline.playback import Playback
from mockserver.timeline.reader import timeline_from
from support.drawing import printed, replays
from support.timelines import stories

EDITIONS = resources.edition_names()


@given(st.data(), st.sampled_from(EDITIONS), st.booleans())
def test_every_reply_keeps_to_the_contract(
    data: st.DataObject, edition: str, surprises: bool
) -> None:
    timeline = data.draw(timelines(edition=edition, surprises=surprises))
    assert timeline.edition == edition
    for moment in data.draw(stories(timeline)):
        states = moment.playback.at(moment.now_ms)
        for state in states:
            assert contract.violations(job_payload(state), "job_status", edition) == []
            assert contract.violations(download_payload(state), "download", "2026-01") == []
        if "list_status" in contract.edition(edition).operations:
            assert contract.violations(list_payload(states), "list_status", edition) == []


@given(timelines(surprises=True))
def test_its_chart_can_be_drawn(timeline: Timeline) -> None:
    picture = chart_of(Playback.of(timeline))
    assert picture.lanes
    assert draw(picture, 80)


@given(timelines(events=False))
def test_without_events_time_alone_changes_it(timeline: Timeline) -> None:
    assert Playback.of(timeline).event_names == ()


@given(timelines())
def test_without_surprises_every_member_is_there_and_no_other(timeline: Timeline) -> None:
    assert all(not step.overrides.values for job in timeline.jobs for step in job.steps)
    assert all(not step.overrides.without for job in timeline.jobs for step in job.steps)


@given(st.data(), st.integers(1, 4))
def test_no_more_jobs_than_asked_for_but_for_copies(data: st.DataObject, most: int) -> None:
    timeline = data.draw(timelines(max_jobs=most))
    assert 1 <= len(timeline.jobs) <= 4 * most


def step(matches: Callable[[Step], bool]) -> Callable[[Timeline], bool]:
    return lambda timeline: any(matches(step) for job in timeline.jobs for step in job.steps)


def job(matches: Callable[[ScriptedJob], bool]) -> Callable[[Timeline], bool]:
    return lambda timeline: any(matches(job) for job in timeline.jobs)


def is_stalled(step: Step) -> bool:
    return step.phase == "downloading" and step.from_bytes == step.to_bytes > 0


def goes_on_after_failure(job: ScriptedJob) -> bool:
    phases = [step.phase for step in job.steps]
    return "failed" in phases and "downloading" in phases[phases.index("failed") :]


INCIDENTS: dict[str, Callable[[Timeline], bool]] = {
    "a pause that ends": step(lambda step: step.phase == "paused" and not step.is_endless),
    "a stall": step(is_stalled),
    "a failure for ever": step(lambda step: step.phase == "failed" and step.is_endless),
    "a failure that is overcome": job(goes_on_after_failure),
    "a wait for an event": step(lambda step: step.until is not None),
    "a job that is forgotten": step(lambda step: step.phase == "gone"),
    "a job that comes back": job(lambda job: job.steps[0].phase == "gone" and len(job.steps) > 1),
    "a job on request": job(lambda job: job.begin.on_request),
    "a job that begins later": job(lambda job: job.begin.after_ms > 0),
    "an unlisted job": job(lambda job: not job.listed),
    "no bytes at all": job(lambda job: job.total_size_bytes == 0),
    "many jobs": lambda timeline: len(timeline.jobs) >= 4,
    "times that are given": lambda timeline: not timeline.floating,
}


@pytest.mark.parametrize("incident", INCIDENTS)
def test_every_kind_of_incident_is_drawn_and_printed_as_what_can_be_played_again(
    incident: str,
) -> None:
    timeline, text = printed(timelines(), INCIDENTS[incident])
    shown = text[text.index("timeline_from(") :]
    for expression in (shown, repr(timeline)):
        again = eval(expression, {"timeline_from": timeline_from})
        assert (again.jobs, again.epoch_ms) == (timeline.jobs, timeline.epoch_ms)
    assert len(shown.splitlines()) <= 12


def test_the_simplest_is_one_job_that_completes() -> None:
    timeline, text = printed(timelines())
    (only,) = timeline.jobs
    assert [(step.phase, step.lasts_ms, step.to_bytes) for step in only.steps] == [
        ("downloading", 1_000, 1_000),
        ("completed", None, 1_000),
    ]
    assert text.endswith(
        "timeline_from({'jobs': [{'total_size_bytes': 1000,\n"
        "   'script': [{'downloading': {'for': '1s', 'to': '100%'}}, 'completed']}]})"
    )


def test_an_event_is_request_or_one_that_a_step_waits_for() -> None:
    timeline, _ = printed(timelines(), lambda drawn: REQUEST in Playback.of(drawn).event_names)
    assert timeline.jobs[0].begin.on_request


def test_what_makes_no_timeline_is_refused_at_once() -> None:
    with pytest.raises(ValueError, match="at least 1, not 0"):
        timelines(max_jobs=0)
    with pytest.raises(UnknownName, match="unknown edition"):
        timelines(edition="2024-10")


@pytest.mark.parametrize("surprises", [False, True])
def test_the_same_seed_gives_the_same_timelines(surprises: bool) -> None:
    replays(timelines(surprises=surprises))
