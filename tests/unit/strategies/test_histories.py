"""Series of polls: in order, and each what the timeline says at that instant."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.errors import UnknownName
from mockserver.strategies.jobs import Poll, histories
from mockserver.strategies.simulation import Simulation
from mockserver.strategies.timelines import timelines
from mockserver.timeline.builder import Job, timeline_of
from mockserver.timeline.model import Timeline
from support.drawing import printed, replays

ID = "job_0123456789"
HEALTHY = Job(ID, total_size_bytes=1_000).downloading("4s", to=1_000).completed()
SUSPENDED = (
    Job(ID, "maker/model", 1_000)
    .downloading("2s", to=400)
    .paused(until="resume")
    .downloading("2s", to=1_000)
    .completed("4s")
    .gone()
)
HASTY = Job(ID).failed("1ms").paused("1ms").failed()
ON_REQUEST = HEALTHY.with_members(begins="on request", listed=False)


@given(st.data())
def test_polls_are_in_order_and_events_are_awaited(data: st.DataObject) -> None:
    timeline = data.draw(timelines() | st.just(timeline_of(HASTY)))
    job_id = data.draw(st.sampled_from([job.job_id for job in timeline.jobs]))
    polls = data.draw(histories(timeline, job_id, max_polls=5))
    assert 1 <= len(polls) <= 5
    assert polls[0].at_ms == 0
    assert all(poll.at_ms < following.at_ms for poll, following in pairwise(polls))
    job = timeline.job(job_id)
    assert job is not None
    awaited = {step.until for step in job.steps} | {"request"} | {None}
    for poll in polls:
        assert poll.event in awaited
        assert poll.payload is None or poll.payload["job_id"] == job_id


@pytest.mark.parametrize("job", [HEALTHY, SUSPENDED, ON_REQUEST], ids=["plain", "waits", "asked"])
@given(st.data())
def test_a_plain_simulation_sees_the_same(job: Job, data: st.DataObject) -> None:
    timeline = timeline_of(job)
    polls = data.draw(histories(timeline))
    simulation = Simulation({"jobs": [job.as_dict()]}, timeline.epoch_ms)
    for poll in polls:
        simulation.advance(timeline.epoch_ms + poll.at_ms - simulation.now_ms)
        if poll.event is not None:
            assert simulation.fire(poll.event, None) == [ID]
        assert simulation.status(ID).payload == poll.payload


def statuses(polls: list[Poll]) -> list[str | None]:
    return [None if poll.payload is None else poll.payload["status"] for poll in polls]


def test_a_job_can_be_followed_to_its_end() -> None:
    polls, _ = printed(
        histories(timeline_of(SUSPENDED)),
        lambda polls: statuses(polls)[-2:] == ["completed", None],
    )
    assert statuses(polls)[0] == "downloading"
    assert [poll.event for poll in polls].count("resume") == 1


def test_a_job_on_request_is_unknown_until_it_is_asked_for() -> None:
    polls, text = printed(
        histories(timeline_of(ON_REQUEST)),
        lambda polls: polls[0].payload is None and polls[-1].payload is not None,
    )
    assert [(poll.payload is None, poll.event) for poll in polls] == [
        (True, None),
        (False, "request"),
    ]
    assert "Poll(at_ms=0, payload=None, event=None)" in text


@pytest.mark.parametrize("at_ms", [3_999, 4_000, 4_001])
def test_polls_come_next_to_a_change(at_ms: int) -> None:
    printed(
        histories(timeline_of(HEALTHY)), lambda polls: any(poll.at_ms == at_ms for poll in polls)
    )


def test_the_simplest_is_one_poll_at_the_beginning() -> None:
    polls, _ = printed(histories(timeline_of(HEALTHY)))
    assert [poll.at_ms for poll in polls] == [0]


def test_the_first_job_is_the_one_unless_another_is_named() -> None:
    timeline: Timeline = timeline_of(HEALTHY, Job("job_2").failed())
    polls, _ = printed(histories(timeline))
    assert statuses(polls) == ["downloading"]
    polls, _ = printed(histories(timeline, "job_2"))
    assert statuses(polls) == ["failed"]


def test_what_makes_no_history_is_refused_at_once() -> None:
    with pytest.raises(UnknownName, match="did you mean job_0123456789"):
        histories(timeline_of(HEALTHY), "job_012345678")
    with pytest.raises(ValueError, match="at least 1, not 0"):
        histories(timeline_of(HEALTHY), max_polls=0)


def test_the_same_seed_gives_the_same_histories() -> None:
    replays(timelines().flatmap(histories))
