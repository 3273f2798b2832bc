"""Accidents to timeline files: whatever happens to a text, it is read or refused with its place."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver import contract, resources
from mockserver.documents.source import Source
from mockserver.errors import MockServerError, NeverHappens, SourceError, TimelineError, YamlError
from mockserver.timeline.find import find
from mockserver.timeline.model import LAST_INSTANT_MS, Event, Timeline
from mockserver.timeline.payloads import job_payload, list_payload
from mockserver.timeline.playback import Playback
from mockserver.timeline.reader import load
from support.mutations import mutations
from support.timelines import texts

BUNDLED = [find(name).text for name in resources.timeline_files()]
JOB = "jobs:\n- total_size_bytes: 1000\n  script: [paused]\n"


def play(timeline: Timeline) -> None:
    """Ask all that can be asked, at a few instants and after a few events."""
    playback = Playback.of(timeline)
    now = playback.epoch_ms
    for name in ("nothing", *playback.event_names[:3]):
        playback = playback.after(Event(name, now))
        for after in (0, 1, 8_000, max(0, playback.settles_ms - now)):
            states = playback.at(now + after)
            list_payload(states)
            for state in states[:20]:
                assert playback.job_at(state.job_id, now + after) == state
                reply = job_payload(state)
                if not state.overrides.off_contract:
                    assert contract.is_valid(reply, "job_status", timeline.edition)
        now = min(now + 8_000, LAST_INSTANT_MS)
    for job_id in list(playback.schedules)[:5]:
        with suppress(NeverHappens):
            assert playback.when(job_id, "completed", now) >= now


def timeline_or_error(source: Source) -> Timeline | MockServerError:
    try:
        return load(source)
    except MockServerError as error:
        return error


@given(mutations(st.sampled_from(BUNDLED) | texts))
def test_a_mutated_file_is_refused_with_its_place_or_can_be_played(text: str) -> None:
    source = Source("t.yaml", text)
    found = timeline_or_error(source)
    if isinstance(found, Timeline):
        play(found)
        return
    assert isinstance(found, SourceError)
    assert found.path == "t.yaml"
    assert 1 <= found.line <= len(source.lines)
    assert found.column is not None
    assert 1 <= found.column <= len(found.source_line) + 1
    assert found.source_line == source.line(found.line)
    assert found.summary.isprintable(), found.summary
    assert str(found).splitlines()[0] == found.summary


@pytest.mark.parametrize("name", resources.timeline_files())
def test_what_the_accidents_happen_to_can_be_played(name: str) -> None:
    play(load(find(name)))


def levels(count: int) -> str:
    """Anchors of which each holds the one before it ten times."""
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    for number in range(1, count):
        inside = ", ".join([f"*a{number - 1}"] * 10)
        lines.append(f"a{number}: &a{number} [{inside}]")
    return "\n".join(lines) + "\n"


# A text, the line at which it is refused, and words of the message.
UNSAFE = {
    "a tag that builds an object": (
        JOB + "description: !!python/object/apply:os x\n",
        4,
        "a tag",
    ),
    "a tag of one's own": (JOB + "description: !secret x\n", 4, "a tag"),
    "a standard tag": (JOB + "description: !!str x\n", 4, "a tag"),
    "anchors that explode": (levels(8) + JOB, 5, "100,000 .* aliases written out"),
    "an anchor within itself": ("jobs: &a [*a]\n", 1, "contains itself"),
    "more characters than a mebibyte": (JOB + "#" * 1_048_576, 1, "at most 1,048,576"),
    "collections nested too deep": ("jobs: " + "[" * 60 + "]" * 60, 1, "more than 50 deep"),
    "a second document": (JOB + "---\n" + JOB, 4, "a second document"),
    "a duplicate key": (JOB + JOB, 4, "duplicate key 'jobs'.* line 1"),
    "an integer of too many digits": (JOB.replace("1000", "9" * 1001), 2, "1,001 digits"),
}


@pytest.mark.parametrize("name", UNSAFE)
def test_unsafe_yaml_is_refused(name: str) -> None:
    text, line, words = UNSAFE[name]
    with pytest.raises(YamlError, match=words) as caught:
        load(Source("t.yaml", text))
    assert (caught.value.path, caught.value.line) == ("t.yaml", line)


def entry(**members: object) -> str:
    inside = "".join(f", {key}: {value}" for key, value in members.items())
    return f"- {{total_size_bytes: 1, script: [paused]{inside}}}\n"


STEPS = ", ".join(["paused: {for: 1s}"] * 999)

SCRIPT = f"  script: [{STEPS}, gone]\n"
MANY = "jobs:\n- &a {total_size_bytes: 1, script: [paused]}\n" + "- *a\n" * 10_000

# A text, the line and the column at which it is refused, and words of the message.
TOO_LARGE = {
    "copies": ("jobs:\n" + entry(copies=10_001), 2, 51, "10001.* from 1 to 10,000"),
    "jobs with their copies": (
        *("jobs:\n" + entry(copies=9_999) + entry() + entry(), 4, 3),
        "too many jobs.* at most 10,000",
    ),
    "jobs one by one": (MANY, 10_002, 3, "too many jobs.* at most 10,000"),
    "steps": (
        *("jobs:\n- total_size_bytes: 1\n" + SCRIPT.replace("gone", "gone, gone"), 3, 11),
        "a script of 1,001 steps.* at most 1,000",
    ),
    "steps with the copies": (
        *("jobs:\n- total_size_bytes: 1\n  copies: 101\n" + SCRIPT, 2, 3),
        "too many steps.* at most 100,000",
    ),
}


@pytest.mark.parametrize("name", TOO_LARGE)
def test_a_timeline_beyond_the_limits_is_refused(name: str) -> None:
    text, line, column, words = TOO_LARGE[name]
    with pytest.raises(TimelineError, match=words) as caught:
        load(Source("t.yaml", text))
    assert (caught.value.line, caught.value.column) == (line, column)


def test_a_timeline_at_the_limits_is_fine() -> None:
    assert len(load(Source("t.yaml", "jobs:\n" + entry(copies=10_000))).jobs) == 10_000
    timeline = load(Source("t.yaml", "jobs:\n- total_size_bytes: 1\n  copies: 100\n" + SCRIPT))
    assert sum(len(job.steps) for job in timeline.jobs) == 100_000
