"""The bundled timelines: what a faithful poller sees of each, and what each is there for."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from http.client import HTTPConnection, IncompleteRead
from itertools import groupby, pairwise
from typing import Any

import pytest

from mockserver import contract, resources
from mockserver.documents import rfc3339
from mockserver.documents.units import duration_ms
from mockserver.errors import NeverHappens
from mockserver.faults.fault import Fault
from mockserver.server.mock_server import MockServer
from mockserver.timeline.download_request import requested
from mockserver.timeline.find import find
from mockserver.timeline.model import Event, JobState, Timeline
from mockserver.timeline.payloads import download_payload, job_payload, list_payload
from mockserver.timeline.playback import Playback
from mockserver.timeline.reader import load
from support import serving

ID = "job_493c7c9ded"
MODEL = "ibm/granite-4-micro"
SIZE = 2279145003
LIST_PATH = "/api/v1/models/download/status"
DOWNLOAD_PATH = "/api/v1/models/download"

# What a poll can come to, besides the job's status and an HTTP status such as "404".
ERROR = "200 with an error"
CUT = "half a reply"
NOTHING = "no reply"
REFUSED = "refused"

UNEXPECTED = "Unexpected endpoint or method."


@dataclass(frozen=True)
class Poll:
    """One request for the job's status. Times are from the timeline's beginning."""

    at_ms: int
    outcome: str
    took_ms: int = 0
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Seen:
    """All that a poller saw, and the timeline that it saw it of, events included."""

    polls: list[Poll]
    playback: Playback
    posts: list[Poll] = field(default_factory=list)

    @property
    def timeline(self) -> Timeline:
        return self.playback.timeline

    @property
    def outcomes(self) -> str:
        """What the polls came to, and how often in a row; not so of the last, which goes on."""
        runs = [
            (len(list(run)), name) for name, run in groupby(poll.outcome for poll in self.polls)
        ]
        return ", ".join([f"{length} {name}" for length, name in runs[:-1]] + [runs[-1][1]])

    def bodies(self, *outcomes: str) -> list[Any]:
        """The bodies of polls that came to one of these, and of all that show the job if none."""
        shown = outcomes or {poll.outcome for poll in self.polls if _shows_job(poll.body)}
        return [poll.body for poll in self.polls if poll.outcome in shown]

    def values(self, member: str, *outcomes: str) -> list[Any]:
        return [body[member] for body in self.bodies(*outcomes)]

    def lists(self, after: str) -> dict[str, list[dict[str, Any]]]:
        """The list of all jobs at that time of the timeline."""
        return list_payload(self.playback.at(self.playback.epoch_ms + duration_ms(after)))

    def never(self, phase: Any) -> bool:
        try:
            self.playback.when(ID, phase, self.playback.epoch_ms)
        except NeverHappens:
            return True
        return False


Purpose = Callable[[Seen], None]


@dataclass(frozen=True)
class Incident:
    """A row of the table: what polls come to, how often in a row, how they are made, and why."""

    outcomes: str
    every_ms: int
    resumes_ms: tuple[int, ...]
    posts_ms: tuple[int, ...]
    purpose: Purpose


TABLE: dict[str, Incident] = {}


def incident(
    name: str, outcomes: str, *, every: str = "1s", resume: str = "", post: str = ""
) -> Callable[[Purpose], Purpose]:
    """Enter a timeline: `resume` says when that event happens, `post` when the model is asked for.

    Where `outcomes` has no number before it, polls go on so until the end.
    """

    def enter(purpose: Purpose) -> Purpose:
        assert name not in TABLE
        resumes_ms, posts_ms = (tuple(map(duration_ms, ats.split())) for ats in (resume, post))
        TABLE[name] = Incident(outcomes, duration_ms(every), resumes_ms, posts_ms, purpose)
        return purpose

    return enter


# ---- The table: downloads that go well


@incident("healthy", "20 downloading, completed")
def three_speeds_and_every_byte(seen: Seen) -> None:
    assert len(set(seen.values("bytes_per_second", "downloading"))) == 3
    assert is_rising(seen.values("downloaded_bytes", "downloading"))
    assert set(seen.values("downloaded_bytes", "completed")) == {SIZE}


@incident("instant", "1 downloading, completed", every="500ms")
def nobody_sees_it_half_done(seen: Seen) -> None:
    assert set(seen.values("downloaded_bytes")) == {0, SIZE}


@incident("slow-start", "22 downloading, completed")
def months_at_first_then_seconds(seen: Seen) -> None:
    months = 60 * 24 * 3_600_000
    remaining = [instant(body["estimated_completion"]) for body in seen.bodies("downloading")]
    assert all(instant_ms - seen.playback.epoch_ms > months for instant_ms in remaining[:12])
    assert all(instant_ms - seen.playback.epoch_ms < 23_000 for instant_ms in remaining[12:])
    assert seen.values("downloaded_bytes")[11] < 4096


@incident("slow-but-moving", "120 downloading, completed", every="5s")
def ten_minutes_with_new_bytes_at_every_poll(seen: Seen) -> None:
    assert is_rising(seen.values("downloaded_bytes", "downloading"))


@incident("paused-then-resumed", "8 downloading, 5 paused, 12 downloading, completed")
def a_pause_without_speed_or_estimate(seen: Seen) -> None:
    assert shares(seen, "paused") == {"40.00%"}
    for body in seen.bodies("paused"):
        assert body.keys().isdisjoint({"bytes_per_second", "estimated_completion"})
    assert is_rising(seen.values("downloaded_bytes", "downloading"))


@incident("flapping", 4 * "3 downloading, 2 paused, " + "3 downloading, completed")
def no_byte_is_lost_in_four_pauses(seen: Seen) -> None:
    never_falls(seen)
    assert len(set(seen.values("downloaded_bytes", "paused"))) == 4


@incident("already-downloaded", "completed")
def completed_before_the_first_poll(seen: Seen) -> None:
    assert set(seen.values("completed_at")) == {"2025-10-03T15:43:12.102Z"}
    assert instant("2025-10-03T15:43:12.102Z") < seen.playback.epoch_ms
    assert [job["job_id"] for job in seen.lists("1s")["completed"]] == [ID]


# ---- Waiting for somebody, or for ever


@incident("paused-for-ever", "8 downloading, paused")
def it_never_goes_on(seen: Seen) -> None:
    assert shares(seen, "paused") == {"40.00%"}
    assert seen.never("completed")
    assert seen.playback.schedules[ID].awaits is None


@incident(
    "suspended-until-resumed", "8 downloading, 22 paused, 8 downloading, completed", resume="30s"
)
def it_waits_for_a_hand(seen: Seen) -> None:
    assert shares(seen, "paused") == {"55.00%"}
    never_falls(seen)
    assert without_events(seen).never("completed")
    assert without_events(seen).playback.schedules[ID].awaits == "resume"


@incident("stalled-frozen-speed", "downloading")
def the_speed_stands_still_with_the_bytes(seen: Seen) -> None:
    stalled = seen.bodies()[10:]
    assert len(stalled) > 3
    assert {body["downloaded_bytes"] for body in stalled} == {SIZE * 62 // 100}
    assert {body["bytes_per_second"] for body in stalled} == {seen.bodies()[9]["bytes_per_second"]}
    assert stalled[0]["bytes_per_second"] > 0
    assert seen.never("completed")


@incident("stalled-at-zero-speed", "downloading")
def the_speed_is_zero_while_bytes_are_missing(seen: Seen) -> None:
    stalled = seen.bodies()[10:]
    assert {body["downloaded_bytes"] for body in stalled} == {SIZE * 62 // 100}
    assert {body["bytes_per_second"] for body in stalled} == {0}
    assert all(body["bytes_per_second"] > 0 for body in seen.bodies()[:10])
    assert seen.never("completed")


@incident("stalled-then-recovers", "36 downloading, completed")
def twenty_seconds_without_a_byte(seen: Seen) -> None:
    arrived = seen.values("downloaded_bytes", "downloading")
    assert set(arrived[6:26]) == {SIZE * 30 // 100}
    assert is_rising(arrived[26:])
    assert len(set(seen.values("bytes_per_second", "downloading")[:26])) == 1


@incident("stuck-at-100-percent", "downloading")
def every_byte_is_there_and_it_is_not_completed(seen: Seen) -> None:
    assert seen.values("total_size_bytes") == [SIZE] * len(seen.polls)
    arrived = seen.values("downloaded_bytes")
    assert arrived[9] < SIZE
    assert arrived[10:] == [SIZE] * len(arrived[10:])
    assert seen.never("completed")


# ---- Failing, and being forgotten


@incident("failed-midway", "9 downloading, failed")
def what_arrived_stays_counted(seen: Seen) -> None:
    assert shares(seen, "failed") == {"63.50%"}
    assert seen.bodies("downloading")[6]["downloaded_bytes"] == SIZE * 55 // 100
    assert seen.never("completed")


@incident("failed-at-once", "failed")
def not_a_byte_arrives(seen: Seen) -> None:
    assert set(seen.values("downloaded_bytes")) == {0}
    assert set(seen.values("total_size_bytes")) == {SIZE}


@incident(
    "failed-then-same-id-resumes", "7 downloading, 5 failed, 9 downloading, completed", resume="12s"
)
def the_same_id_keeps_its_bytes(seen: Seen) -> None:
    assert set(seen.values("job_id")) == {ID}
    assert len(set(seen.values("started_at"))) == 1
    never_falls(seen)
    assert shares(seen, "failed") == {"47.00%"}
    assert without_events(seen).playback.schedules[ID].awaits == "resume"


@incident(
    "keeps-failing",
    "5 downloading, 3 failed, 3 downloading, 4 failed, 2 downloading, failed",
    resume="8s 15s",
)
def each_try_gets_a_little_further_and_fails(seen: Seen) -> None:
    never_falls(seen)
    assert shares(seen, "failed") == {"20.00%", "25.00%", "28.00%"}
    assert seen.never("completed")
    assert seen.playback.schedules[ID].awaits is None
    assert [step.until for step in seen.timeline.jobs[0].steps if step.phase == "failed"] == [
        "resume",
        "resume",
        None,
    ]


@incident("forgotten-job", "8 downloading, 404")
def an_id_that_was_known_is_unknown(seen: Seen) -> None:
    assert seen.values("job_id", "downloading")[-1] == ID
    state = seen.playback.job_at(ID, seen.playback.epoch_ms + 7_999)
    assert state is not None
    assert state.downloaded_bytes * 100 // SIZE == 34
    assert {body["error"]["type"] for body in seen.bodies("404")} == {"job_not_found"}
    assert seen.lists("7s")["downloading"]
    assert not any(seen.lists("8s").values())


@incident("completed-then-forgotten", "6 downloading, 10 completed, 404")
def ten_seconds_of_completed(seen: Seen) -> None:
    assert {body["error"]["type"] for body in seen.bodies("404")} == {"job_not_found"}


# ---- Fields


@incident("minimal-fields", "6 downloading, 4 paused, 6 downloading, completed")
def nothing_but_what_is_required(seen: Seen) -> None:
    basic = {"job_id", "status"}
    required = {
        "downloading": basic | {"bytes_per_second", "estimated_completion"},
        "paused": basic,
        "completed": basic | {"completed_at"},
    }
    for body in seen.bodies():
        assert body.keys() == required[body["status"]]
    (listed,) = seen.lists("7s")["paused"]
    assert listed.keys() == {"job_id", "status", "downloaded_bytes", "total_size_bytes"}


@incident("unknown-total", "16 downloading, completed")
def bytes_without_a_total(seen: Seen) -> None:
    for body in seen.bodies("downloading"):
        assert "total_size_bytes" not in body
    assert is_rising(seen.values("downloaded_bytes", "downloading"))
    assert set(seen.values("total_size_bytes", "completed")) == {SIZE}


@incident("zero-total", "10 downloading, completed")
def nought_of_nought_at_speed_nought(seen: Seen) -> None:
    assert set(seen.values("total_size_bytes")) == {0}
    assert set(seen.values("downloaded_bytes")) == {0}
    assert set(seen.values("bytes_per_second", "downloading")) == {0}


@incident("huge-file", "25 downloading, completed")
def every_digit_up_to_the_largest_safe_integer(seen: Seen) -> None:
    assert set(seen.values("total_size_bytes")) == {2**53 - 1}
    assert set(seen.values("downloaded_bytes")) >= {2**53 - 2, 2**53 - 1}
    assert all(type(arrived) is int for arrived in seen.values("downloaded_bytes"))


@incident("fractional-speed", "18 downloading, completed")
def a_speed_with_and_without_a_fraction(seen: Seen) -> None:
    speeds = seen.values("bytes_per_second", "downloading")
    assert [type(speed) for speed in speeds[:4]] == [int] * 4
    assert not any(float(speed).is_integer() for speed in speeds[4:])


@incident("unknown-fields", "15 downloading, completed")
def progress_says_nothing(seen: Seen) -> None:
    assert set(seen.values("progress")) == {0}
    assert set(seen.values("total_bytes", "downloading")) == {1}
    assert seen.values("downloaded_bytes")[-1] == SIZE
    assert seen.values("error") == [None] * len(seen.polls)


@incident("times-with-offset", "20 downloading, completed")
def the_same_instants_written_otherwise(seen: Seen) -> None:
    begins = seen.playback.epoch_ms
    for member, outcome, expected in [
        ("started_at", "downloading", begins),
        ("started_at", "completed", begins),
        ("estimated_completion", "downloading", begins + 20_000),
        ("completed_at", "completed", begins + 20_000),
    ]:
        for text in seen.values(member, outcome):
            assert text.endswith("+02:00")
            assert "." not in text
            assert instant(text) == expected


@incident("new-status", "5 queued, 10 downloading, 5 verifying, completed")
def words_that_no_page_knows(seen: Seen) -> None:
    assert set(seen.values("downloaded_bytes", "queued")) == {0}
    assert set(seen.values("downloaded_bytes", "verifying")) == {SIZE}
    for body in seen.bodies("queued", "verifying"):
        assert [violation.rule for violation in contract.violations(body, "job_status")] == ["enum"]


@incident("null-fields", "16 downloading, completed")
def null_for_what_is_not_known(seen: Seen) -> None:
    for body in seen.bodies()[:6]:
        assert body["total_size_bytes"] is None
        assert body["estimated_completion"] is None
        assert [violation.rule for violation in contract.violations(body, "job_status")] == [
            "type",
            "type",
        ]
    assert set(seen.values("total_size_bytes")[6:]) == {SIZE}


# ---- Several jobs, and the list


@incident("several-jobs", "20 downloading, completed")
def a_job_in_each_of_the_four_lists(seen: Seen) -> None:
    for after, lengths in [
        ("3999ms", [4, 0, 0, 0]),
        ("5999ms", [3, 1, 0, 0]),
        ("7999ms", [2, 1, 1, 0]),
        ("8s", [1, 1, 1, 1]),
        ("19999ms", [1, 1, 1, 1]),
    ]:
        lists = seen.lists(after)
        assert [
            len(lists[status]) for status in ("downloading", "completed", "failed", "paused")
        ] == lengths
    assert [job["job_id"] for job in seen.lists("8s")["downloading"]] == [ID]
    assert len({job.model for job in seen.timeline.jobs}) == 4


@incident("many-jobs", "15 downloading, completed")
def a_thousand_jobs(seen: Seen) -> None:
    assert len(seen.lists("1ms")["downloading"]) == 2
    assert len(seen.lists("9980ms")["completed"]) == 499
    assert len({job["job_id"] for job in seen.lists("15s")["completed"]}) == 1000


@incident("no-list", "15 downloading, completed")
def single_jobs_but_no_list(seen: Seen) -> None:
    assert "list_status" not in contract.edition(seen.timeline.edition).operations
    assert "job_status" in contract.edition(seen.timeline.edition).operations


@incident("spec-example", "completed", every="10m")
def the_values_of_the_documentation(seen: Seen) -> None:
    assert seen.bodies()[0] == {
        "job_id": ID,
        "status": "completed",
        "total_size_bytes": SIZE,
        "downloaded_bytes": SIZE,
        "started_at": "2025-10-03T15:33:23.496Z",
        "completed_at": "2025-10-03T15:43:12.102Z",
    }


# ---- Faults


@incident("crash-mid-poll", "6 downloading, 2 half a reply, 5 refused, 10 downloading, completed")
def half_a_reply_then_nobody(seen: Seen) -> None:
    nothing_arrives_while_refused(seen)


@incident(
    "connection-drops",
    "2 downloading, 2 no reply, 3 downloading, 1 no reply, 22 downloading, completed",
    every="500ms",
)
def three_polls_without_a_reply(seen: Seen) -> None:
    assert numbers(seen, NOTHING) == [3, 4, 8]


@incident("server-restart", "7 downloading, 6 refused, 8 downloading, completed")
def six_seconds_without_a_server(seen: Seen) -> None:
    nothing_arrives_while_refused(seen)


@incident("rate-limited", "2 downloading, 2 429, 3 downloading, 1 429, 12 downloading, completed")
def it_says_when_to_come_back(seen: Seen) -> None:
    assert numbers(seen, "429") == [3, 4, 8]
    for poll in seen.polls:
        assert poll.headers.get("Retry-After") == ("2" if poll.outcome == "429" else None)


@incident("server-error-then-fine", "2 downloading, 1 503, 12 downloading, completed")
def one_error_and_never_again(seen: Seen) -> None:
    assert numbers(seen, "503") == [3]
    assert seen.bodies("503")[0]["error"]["type"] == "internal_error"


@incident("html-error-page", "3 downloading, 2 502, 10 downloading, completed")
def html_where_json_should_be(seen: Seen) -> None:
    assert numbers(seen, "502") == [4, 5]
    for poll in seen.polls:
        assert poll.outcome != "502" or poll.headers["Content-Type"].startswith("text/html")
    for body in seen.bodies("502"):
        assert body.startswith("<html>\n")


@incident("error-with-200", "2 downloading, 2 200 with an error, 11 downloading, completed")
def an_error_that_looks_like_success(seen: Seen) -> None:
    assert numbers(seen, ERROR) == [3, 4]
    for body in seen.bodies(ERROR):
        assert body.keys() == {"error"}
        assert contract.violations(body, "job_status")


@incident("old-server", "200 with an error")
def nothing_of_the_api_is_there(seen: Seen) -> None:
    assert seen.bodies(ERROR)[0] == unexpected(f"GET {LIST_PATH}/{ID}")
    for number, request in enumerate(
        [f"GET {LIST_PATH}/{ID}", f"GET {LIST_PATH}", f"POST {DOWNLOAD_PATH}"]
    ):
        reply = seen.timeline.faults[number].reply
        assert reply is not None
        assert (reply.status, reply.body) == (200, unexpected(request))


@incident("token-refused", "401")
def no_request_gets_through(seen: Seen) -> None:
    for body in seen.bodies("401"):
        assert body["error"]["type"] == "invalid_request"
        assert body["error"]["code"] == "invalid_api_key"
    (fault,) = seen.timeline.faults
    assert fault.operation is fault.path is None


@incident("slow-replies", "13 downloading, completed")
def three_replies_of_four_seconds(seen: Seen) -> None:
    assert [poll.took_ms for poll in seen.polls[:6]] == [0, 0, 4000, 4000, 4000, 0]
    assert not any(poll.took_ms for poll in seen.polls[6:])
    assert is_rising(seen.values("downloaded_bytes", "downloading"))


# ---- Asking for a model


@incident("download-on-request", "3 404, 15 downloading, completed", post="3s 9s 20s")
def it_begins_when_it_is_asked_for(seen: Seen) -> None:
    begun, again, there = (post.body for post in seen.posts)
    assert begun == {
        "job_id": ID,
        "status": "downloading",
        "total_size_bytes": SIZE,
        "started_at": rfc3339.from_milliseconds(seen.playback.epoch_ms + 3_000),
    }
    assert again == begun
    assert there == {"status": "already_downloaded"}
    assert set(seen.values("started_at")) == {begun["started_at"]}


@incident("post-without-job-id", "1 404, 15 downloading, completed", post="1s 2s")
def a_job_without_an_id_to_ask_for(seen: Seen) -> None:
    first, second = (post.body for post in seen.posts)
    assert [post.outcome for post in seen.posts] == ["200", "200"]
    (violation,) = contract.violations(first, "download", edition="2026-01")
    assert (violation.rule, violation.pointer) == ("required", "/job_id")
    assert {"job_id": ID, **first} == second


@incident("model-not-found", "404", post="0s 2s")
def no_model_and_no_job(seen: Seen) -> None:
    assert [post.outcome for post in seen.posts] == ["404", "404"]
    for post in seen.posts:
        assert post.body["error"]["type"] == "model_not_found"
        assert MODEL in post.body["error"]["message"]
    assert {body["error"]["type"] for body in seen.bodies("404")} == {"job_not_found"}
    assert not seen.playback.events


@incident("post-fails-then-works", "4 404, 12 downloading, completed", post="1s 4s 5s")
def nothing_begins_before_the_second_request(seen: Seen) -> None:
    assert [post.outcome for post in seen.posts] == ["503", "200", "200"]
    assert seen.posts[0].body["error"]["type"] == "internal_error"
    assert {post.body["job_id"] for post in seen.posts[1:]} == {ID}


@incident("forgotten-then-new-id", "6 downloading, 404", post="2s 8s 10s")
def another_job_from_its_first_byte(seen: Seen) -> None:
    assert [post.body["job_id"] for post in seen.posts] == [ID, "job_5e1d09b3c4", "job_5e1d09b3c4"]
    begins_ms = seen.playback.epoch_ms + 8_000
    state = seen.playback.job_at("job_5e1d09b3c4", begins_ms)
    assert state is not None
    assert (state.downloaded_bytes, state.started_at_ms) == (0, begins_ms)
    assert seen.playback.when("job_5e1d09b3c4", "completed", begins_ms) == begins_ms + 9_000


# ---- What the purposes are made of


def _shows_job(body: Any) -> bool:
    return isinstance(body, dict) and "job_id" in body


def instant(text: str) -> int:
    return rfc3339.to_milliseconds(text)


def is_rising(values: list[int]) -> bool:
    return len(values) > 1 and all(before < after for before, after in pairwise(values))


def shares(seen: Seen, outcome: str) -> set[str]:
    """How much of the whole was there, at all polls that came to this."""
    bodies = seen.bodies(outcome)
    return {f"{body['downloaded_bytes'] / body['total_size_bytes']:.2%}" for body in bodies}


def never_falls(seen: Seen) -> None:
    arrived = seen.values("downloaded_bytes")
    assert all(before <= after for before, after in pairwise(arrived))
    assert arrived[0] < arrived[-1]


def nothing_arrives_while_refused(seen: Seen) -> None:
    """The bytes at the end of the absence are those at its beginning."""
    first, last = (
        next(poll.at_ms for poll in polls if poll.outcome == REFUSED)
        for polls in (seen.polls, reversed(seen.polls))
    )
    states = [
        seen.playback.job_at(ID, seen.playback.epoch_ms + at) for at in (first, last, last + 1000)
    ]
    assert len({state and state.downloaded_bytes for state in states}) == 1


def numbers(seen: Seen, outcome: str) -> list[int]:
    """Which of the polls came to this."""
    return [number for number, poll in enumerate(seen.polls, 1) if poll.outcome == outcome]


def without_events(seen: Seen) -> Seen:
    return Seen([], Playback.of(seen.timeline))


def unexpected(request: str) -> dict[str, str]:
    return {"error": f"{UNEXPECTED} ({request})"}


# ---- Playing


AFTERWARDS_MS = 5_000
"""How long after a timeline has settled it is still watched."""


def laid(name: str) -> Playback:
    """The timeline with its row's events and requests."""
    alone = Alone(Playback.of(load(find(name))))
    row = TABLE[name]
    happenings = [(at_ms, False) for at_ms in row.resumes_ms]
    happenings += [(at_ms, True) for at_ms in row.posts_ms]
    for at_ms, is_post in sorted(happenings):
        if is_post:
            alone.post(at_ms)
        else:
            resume = Event("resume", alone.playback.epoch_ms + at_ms)
            alone.playback = alone.playback.after(resume)
    return alone.playback


def length_ms(playback: Playback) -> int:
    """From the timeline's beginning until a while after the last change and the last fault."""
    whens = [fault.when for fault in playback.timeline.faults]
    windows = [when.after_ms + (when.lasts_ms or 0) for when in whens]
    return max(playback.settles_ms - playback.epoch_ms, *windows, 0) + AFTERWARDS_MS


class Alone:
    """A poller of a timeline that is on no server: faults strike as their records say."""

    def __init__(self, playback: Playback) -> None:
        self.playback = playback
        self._matched = [0] * len(playback.timeline.faults)

    def poll(self, at_ms: int) -> Poll:
        fault = self._strikes(at_ms, "job_status", f"{LIST_PATH}/{ID}")
        took_ms = fault.delay_ms if fault else 0
        if fault and fault.refuse:
            return Poll(at_ms, REFUSED)
        if fault and fault.disconnect:
            return Poll(at_ms, NOTHING if fault.disconnect.at == "before headers" else CUT)
        if fault and fault.reply:
            reply = fault.reply
            return Poll(
                at_ms, outcome_of(reply.status, reply.body), took_ms, reply.body, reply.headers
            )
        state = self.playback.job_at(ID, self.playback.epoch_ms + at_ms + took_ms)
        if state is None:
            return Poll(at_ms, "404", took_ms, {"error": {"type": "job_not_found"}})
        body = job_payload(state)
        return Poll(at_ms, outcome_of(200, body), took_ms, body)

    def post(self, at_ms: int) -> Poll:
        fault = self._strikes(at_ms, "download", DOWNLOAD_PATH)
        if fault and fault.reply:
            return Poll(at_ms, str(fault.reply.status), 0, fault.reply.body)
        now_ms = self.playback.epoch_ms + at_ms
        self.playback, state = requested(self.playback, MODEL, None, now_ms)
        body = {"status": "already_downloaded"} if state is None else download_payload(state)
        if fault and fault.violate and fault.violate.pointer:
            assert fault.violate.rule == "required"
            del body[fault.violate.pointer.removeprefix("/")]
        return Poll(at_ms, "200", 0, body)

    def _strikes(self, at_ms: int, operation: str, path: str) -> Fault | None:
        """The first fault that fits, counting for each the requests that match it."""
        faults = self.playback.timeline.faults
        for fault in faults:
            if fault.refuse and fault.when.is_open(at_ms):
                return fault
        struck = None
        for index, fault in enumerate(faults):
            matches = fault.operation in (None, operation)
            if fault.refuse or not matches or fault.path not in (None, path):
                continue
            self._matched[index] += 1
            if struck is None and fault.when.covers(self._matched[index], at_ms):
                struck = fault
        return struck


def outcome_of(status: int, body: Any) -> str:
    if status != 200:
        return str(status)
    return str(body["status"]) if _shows_job(body) else ERROR


class Served:
    """A poller of a server on a socket, whose clock it moves on by hand."""

    def __init__(self, server: MockServer, resumes_ms: tuple[int, ...]) -> None:
        self._server = server
        self._epoch_ms = server.clock.now()
        self._resumes_ms = list(resumes_ms)

    def poll(self, at_ms: int) -> Poll:
        while self._resumes_ms and self._resumes_ms[0] <= at_ms:
            self._server.clock.advance_to(self._epoch_ms + self._resumes_ms.pop(0))
            assert self._server.fire("resume") == (ID,)
        begins_ms = self._server.clock.advance_to(self._epoch_ms + at_ms)
        outcome, body, headers = ask(self._server, "GET", f"{LIST_PATH}/{ID}")
        return Poll(at_ms, outcome, self._server.clock.now() - begins_ms, body, headers)

    def post(self, at_ms: int) -> Poll:
        self._server.clock.advance_to(self._epoch_ms + at_ms)
        status, body = serving.ask(f"{self._server.url}{DOWNLOAD_PATH}", "POST", {"model": MODEL})
        return Poll(at_ms, str(status), 0, body)


def ask(server: MockServer, method: str, path: str) -> tuple[str, Any, dict[str, str]]:
    """What a request on a connection of its own comes to, the reply's body and its headers."""
    connection = HTTPConnection("127.0.0.1", server.port, timeout=30)
    with closing(connection):
        try:
            connection.connect()
        except ConnectionRefusedError:
            return REFUSED, None, {}
        try:
            connection.request(method, path)
            reply = connection.getresponse()
        except ConnectionError:
            return NOTHING, None, {}
        try:
            raw = reply.read()
        except (IncompleteRead, ConnectionError):
            return CUT, None, {}
    headers = dict(reply.getheaders())
    is_json = headers["Content-Type"].startswith("application/json")
    body = json.loads(raw) if is_json else raw.decode()
    return outcome_of(reply.status, body), body, headers


def play(name: str, playback: Playback, poller: Alone | Served) -> Seen:
    """Poll from the beginning to the end; the next poll waits for the reply to the last."""
    polls: list[Poll] = []
    posts: list[Poll] = []
    to_post = list(TABLE[name].posts_ms)
    at_ms = 0
    while at_ms <= length_ms(playback):
        while to_post and to_post[0] <= at_ms:
            posts.append(poller.post(to_post.pop(0)))
        polls.append(poller.poll(at_ms))
        at_ms += polls[-1].took_ms + TABLE[name].every_ms
    assert not to_post
    return Seen(polls, playback, posts)


@pytest.mark.parametrize("name", TABLE)
def test_a_faithful_poller_sees_what_it_is_for_alone_and_on_the_wire(name: str) -> None:
    playback = laid(name)
    with MockServer(name, clock="manual") as server:
        for poller in (Alone(playback), Served(server, TABLE[name].resumes_ms)):
            seen = play(name, playback, poller)
            assert seen.outcomes == TABLE[name].outcomes
            TABLE[name].purpose(seen)


def test_a_list_of_a_thousand_jobs_on_the_wire() -> None:
    with MockServer("many-jobs", clock="manual") as server:
        server.clock.advance("12s")
        _, body, _ = ask(server, "GET", LIST_PATH)
    assert contract.violations(body, "list_status") == []
    assert sum(len(jobs) for jobs in body.values()) == 1000


def test_the_model_of_a_job_that_is_completed_is_there_already() -> None:
    with MockServer("already-downloaded", clock="manual", with_download=True) as server:
        post = Served(server, ()).post(0)
    assert (post.outcome, post.body) == ("200", {"status": "already_downloaded"})


def test_the_list_is_not_there_on_the_wire() -> None:
    with MockServer("no-list", clock="manual") as server:
        outcome, body, _ = ask(server, "GET", LIST_PATH)
    assert (outcome, body) == ("404", unexpected(f"GET {LIST_PATH}"))


@pytest.mark.parametrize(
    ("method", "path", "is_known"),
    [
        ("GET", LIST_PATH, True),
        ("GET", f"{LIST_PATH}/{ID}", True),
        ("POST", DOWNLOAD_PATH, True),
        ("GET", "/api/v1/models", False),
    ],
)
def test_whatever_is_asked_of_an_old_server_or_without_a_token(
    method: str, path: str, is_known: bool
) -> None:
    with MockServer("old-server", clock="manual") as server:
        outcome, body, _ = ask(server, method, path)
    error = unexpected(f"{method} {path}") if is_known else {"error": UNEXPECTED}
    assert (outcome, body) == (ERROR, error)
    with MockServer("token-refused", clock="manual") as server:
        outcome, body, _ = ask(server, method, path)
    assert (outcome, body["error"]["code"]) == ("401", "invalid_api_key")


# ---- What holds for every file


def bundled() -> dict[str, Timeline]:
    return {name: load(find(name)) for name in resources.timeline_files()}


def off_contract(timeline: Timeline) -> bool:
    return any(step.overrides.off_contract for job in timeline.jobs for step in job.steps)


def test_every_bundled_timeline_is_in_the_table() -> None:
    assert sorted(TABLE) == sorted(resources.timeline_files())
    assert len(TABLE) >= 24


def test_off_contract_are_those_that_say_so() -> None:
    timelines = bundled().values()
    say_so = {made.name for made in timelines if "off contract" in (made.description or "")}
    assert {made.name for made in timelines if off_contract(made)} == say_so
    assert say_so == {"new-status", "null-fields"}


@pytest.mark.parametrize("name", TABLE)
def test_every_reply_is_valid_unless_its_step_is_off_contract(name: str) -> None:
    playback = laid(name)
    edition = playback.timeline.edition
    is_valid = contract.validator("job_status", edition).is_valid
    has_list = "list_status" in contract.edition(edition).operations
    list_is_valid = contract.validator("list_status", edition).is_valid if has_list else None
    length = length_ms(playback)
    # Every tenth of a second, but the documentation's example takes hours, and of a thousand alike
    # jobs, one after the other, each shows itself at another of its instants.
    few_jobs_ms = 100 if length < 3_600_000 else 10_000
    step_ms = few_jobs_ms if len(playback.timeline.jobs) < 100 else 500
    checked: set[JobState] = set()
    for now_ms in range(playback.epoch_ms, playback.epoch_ms + length + 1, step_ms):
        states = [state for state in playback.at(now_ms) if state not in checked]
        for state in states:
            valid = is_valid(job_payload(state))
            assert valid is not state.overrides.off_contract, (now_ms, job_payload(state))
        if list_is_valid and not any(state.overrides.off_contract for state in states):
            assert list_is_valid(list_payload(states)), now_ms
        checked.update(states)
    broken = any(state.overrides.off_contract for state in checked)
    assert broken is off_contract(playback.timeline)


@pytest.mark.parametrize("name", TABLE)
def test_the_file_says_what_it_is_what_is_known_and_what_a_good_client_does(name: str) -> None:
    first, *rest = find(name).text.splitlines()
    assert first == "# yaml-language-server: $schema=../timeline.schema.json"
    comment = rest[: next(i for i, line in enumerate(rest) if not line.startswith("#"))]
    text = " ".join(line.removeprefix("#").strip() for line in comment)
    assert any(word in text for word in ("Documented (D)", "Observed (O)", "Guessed (G)"))
    assert all(len(line) <= 100 for line in comment)
    if name != "spec-example":  # which has its arithmetic to explain
        assert 1 <= len(comment) <= 3
    timeline = load(find(name))
    assert timeline.good_client is not None
    assert timeline.good_client.does.endswith(".")
    description = timeline.description
    assert description is not None
    assert 20 < len(description) < 90
    assert description[0].isupper()
    assert description.rstrip('"').endswith(".")
    assert description.isprintable()
    job = timeline.job(ID)
    assert job is not None
    assert job.model == MODEL


def test_no_two_descriptions_are_the_same() -> None:
    descriptions = [timeline.description for timeline in bundled().values()]
    assert len(set(descriptions)) == len(descriptions)
