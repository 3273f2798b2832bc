"""The bundled timelines: what a faithful poller sees of each, and what each is there for."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, field
from http.client import HTTPConnection, IncompleteRead
from itertools import groupby, pairwise
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from mockserver import contract, resources
from mockserver.documents import rfc3339
from mockserver.documents.units import duration_ms
from mockserver.errors import NeverHappens
from mockserver.server.app import MockApp
from mockserver.server.config import ServerConfig
from mockserver.server.mock_server import MockServer
from mockserver.server.session import Session
from mockserver.server.sessions import Sessions
from mockserver.timeline.find import find
from mockserver.timeline.model import JobState, Timeline
from mockserver.timeline.payloads import job_payload, list_payload
from mockserver.timeline.playback import Playback
from mockserver.timeline.reader import load
from support.serving import DOWNLOAD, ID, JOB, MODEL, SIZE, STATUS
from support.serving import ask as asked

STATUSES = ("downloading", "completed", "failed", "paused")

# What a poll can come to, besides the job's status and an HTTP status such as "404".
ERROR = "200 with an error"
CUT = "half a reply"
NOTHING = "no reply"
REFUSED = "refused"


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

    def shares(self, outcome: str) -> set[str]:
        """How much of the whole was there, at all polls that came to this."""
        bodies = self.bodies(outcome)
        return {f"{body['downloaded_bytes'] / body['total_size_bytes']:.2%}" for body in bodies}

    def numbers(self, outcome: str) -> list[int]:
        """Which of the polls came to this."""
        return [number for number, poll in enumerate(self.polls, 1) if poll.outcome == outcome]

    def lists(self, after: str) -> dict[str, list[dict[str, Any]]]:
        """The list of all jobs at that time of the timeline."""
        return list_payload(self.playback.at(self.playback.epoch_ms + duration_ms(after)))

    def never(self, phase: Any) -> bool:
        try:
            self.playback.when(ID, phase, self.playback.epoch_ms)
        except NeverHappens:
            return True
        return False

    def without_events(self) -> Seen:
        return Seen([], Playback.of(self.timeline))

    def never_falls(self) -> None:
        arrived = self.values("downloaded_bytes")
        assert all(before <= after for before, after in pairwise(arrived))
        assert arrived[0] < arrived[-1]

    def nothing_arrives_while_refused(self) -> None:
        """The bytes at the end of the absence are those at its beginning."""
        refused = [poll.at_ms for poll in self.polls if poll.outcome == REFUSED]
        states = [
            self.playback.job_at(ID, self.playback.epoch_ms + at)
            for at in (refused[0], refused[-1], refused[-1] + 1000)
        ]
        assert len({state and state.downloaded_bytes for state in states}) == 1


@dataclass(frozen=True)
class Incident:
    """A row of the table, which says what its members are."""

    polls: str
    every: str = "1s"
    resume: str = ""
    post: str = ""
    share: dict[str, str] = field(default_factory=dict)
    never: str = ""


def times_ms(text: str) -> list[int]:
    return [duration_ms(at) for at in text.split()]


_ROWS = YAML(typ="safe").load(Path(__file__).with_name("incidents.yaml"))
TABLE = {name: Incident(**row) for name, row in _ROWS.items()}


class Purposes(Seen):
    """What each timeline is there for, by its name: `self` is what a poller saw of it."""

    # ---- Downloads that go well

    def healthy(self) -> None:
        assert len(set(self.values("bytes_per_second", "downloading"))) == 3
        assert is_rising(self.values("downloaded_bytes", "downloading"))
        assert set(self.values("downloaded_bytes", "completed")) == {SIZE}

    def instant(self) -> None:
        assert set(self.values("downloaded_bytes")) == {0, SIZE}

    def slow_start(self) -> None:
        months = 60 * 24 * 3_600_000
        remaining = [instant(body["estimated_completion"]) for body in self.bodies("downloading")]
        assert all(instant_ms - self.playback.epoch_ms > months for instant_ms in remaining[:12])
        assert all(instant_ms - self.playback.epoch_ms < 23_000 for instant_ms in remaining[12:])
        assert self.values("downloaded_bytes")[11] < 4096

    def slow_but_moving(self) -> None:
        assert is_rising(self.values("downloaded_bytes", "downloading"))

    def paused_then_resumed(self) -> None:
        for body in self.bodies("paused"):
            assert body.keys().isdisjoint({"bytes_per_second", "estimated_completion"})
        assert is_rising(self.values("downloaded_bytes", "downloading"))

    def flapping(self) -> None:
        self.never_falls()
        assert len(set(self.values("downloaded_bytes", "paused"))) == 4

    def already_downloaded(self) -> None:
        assert set(self.values("completed_at")) == {"2025-10-03T15:43:12.102Z"}
        assert instant("2025-10-03T15:43:12.102Z") < self.playback.epoch_ms
        assert [job["job_id"] for job in self.lists("1s")["completed"]] == [ID]

    # ---- Waiting for somebody, or for ever

    def paused_for_ever(self) -> None:
        assert self.playback.schedules[ID].awaits is None

    def suspended_until_resumed(self) -> None:
        self.never_falls()
        assert self.without_events().never("completed")
        assert self.without_events().playback.schedules[ID].awaits == "resume"

    def stalled_frozen_speed(self) -> None:
        stalled = self.bodies()[10:]
        assert len(stalled) > 3
        assert {body["downloaded_bytes"] for body in stalled} == {SIZE * 62 // 100}
        speed = self.bodies()[9]["bytes_per_second"]
        assert {body["bytes_per_second"] for body in stalled} == {speed}
        assert speed > 0

    def stalled_at_zero_speed(self) -> None:
        stalled = self.bodies()[10:]
        assert {body["downloaded_bytes"] for body in stalled} == {SIZE * 62 // 100}
        assert {body["bytes_per_second"] for body in stalled} == {0}
        assert all(body["bytes_per_second"] > 0 for body in self.bodies()[:10])

    def stalled_then_recovers(self) -> None:
        arrived = self.values("downloaded_bytes", "downloading")
        assert set(arrived[6:26]) == {SIZE * 30 // 100}
        assert is_rising(arrived[26:])
        assert len(set(self.values("bytes_per_second", "downloading")[:26])) == 1

    def stuck_at_100_percent(self) -> None:
        assert self.values("total_size_bytes") == [SIZE] * len(self.polls)
        arrived = self.values("downloaded_bytes")
        assert arrived[9] < SIZE
        assert arrived[10:] == [SIZE] * len(arrived[10:])

    # ---- Failing, and being forgotten

    def failed_midway(self) -> None:
        assert self.bodies("downloading")[6]["downloaded_bytes"] == SIZE * 55 // 100

    def failed_at_once(self) -> None:
        assert set(self.values("downloaded_bytes")) == {0}
        assert set(self.values("total_size_bytes")) == {SIZE}

    def failed_then_same_id_resumes(self) -> None:
        assert set(self.values("job_id")) == {ID}
        assert len(set(self.values("started_at"))) == 1
        self.never_falls()
        assert self.without_events().playback.schedules[ID].awaits == "resume"

    def keeps_failing(self) -> None:
        self.never_falls()
        assert self.playback.schedules[ID].awaits is None
        failures = [step for step in self.timeline.jobs[0].steps if step.phase == "failed"]
        assert [step.until for step in failures] == ["resume", "resume", None]

    def forgotten_job(self) -> None:
        assert self.values("job_id", "downloading")[-1] == ID
        state = self.playback.job_at(ID, self.playback.epoch_ms + 7_999)
        assert state is not None
        assert state.downloaded_bytes * 100 // SIZE == 34
        assert {body["error"]["type"] for body in self.bodies("404")} == {"job_not_found"}
        assert self.lists("7s")["downloading"]
        assert not any(self.lists("8s").values())

    def completed_then_forgotten(self) -> None:
        assert {body["error"]["type"] for body in self.bodies("404")} == {"job_not_found"}

    # ---- Fields

    def minimal_fields(self) -> None:
        basic = {"job_id", "status"}
        required = {
            "downloading": basic | {"bytes_per_second", "estimated_completion"},
            "paused": basic,
            "completed": basic | {"completed_at"},
        }
        for body in self.bodies():
            assert body.keys() == required[body["status"]]
        (listed,) = self.lists("7s")["paused"]
        assert listed.keys() == {"job_id", "status", "downloaded_bytes", "total_size_bytes"}

    def unknown_total(self) -> None:
        for body in self.bodies("downloading"):
            assert "total_size_bytes" not in body
        assert is_rising(self.values("downloaded_bytes", "downloading"))
        assert set(self.values("total_size_bytes", "completed")) == {SIZE}

    def zero_total(self) -> None:
        assert set(self.values("total_size_bytes")) == {0}
        assert set(self.values("downloaded_bytes")) == {0}
        assert set(self.values("bytes_per_second", "downloading")) == {0}

    def huge_file(self) -> None:
        assert set(self.values("total_size_bytes")) == {2**53 - 1}
        assert set(self.values("downloaded_bytes")) >= {2**53 - 2, 2**53 - 1}
        assert all(type(arrived) is int for arrived in self.values("downloaded_bytes"))

    def fractional_speed(self) -> None:
        speeds = self.values("bytes_per_second", "downloading")
        assert [type(speed) for speed in speeds[:4]] == [int] * 4
        assert not any(float(speed).is_integer() for speed in speeds[4:])

    def unknown_fields(self) -> None:
        assert set(self.values("progress")) == {0}
        assert set(self.values("total_bytes", "downloading")) == {1}
        assert self.values("downloaded_bytes")[-1] == SIZE
        assert self.values("error") == [None] * len(self.polls)

    def times_with_offset(self) -> None:
        begins = self.playback.epoch_ms
        for member, outcome, expected in [
            ("started_at", "downloading", begins),
            ("started_at", "completed", begins),
            ("estimated_completion", "downloading", begins + 20_000),
            ("completed_at", "completed", begins + 20_000),
        ]:
            for text in self.values(member, outcome):
                assert text.endswith("+02:00")
                assert "." not in text
                assert instant(text) == expected

    def new_status(self) -> None:
        assert set(self.values("downloaded_bytes", "queued")) == {0}
        assert set(self.values("downloaded_bytes", "verifying")) == {SIZE}
        for body in self.bodies("queued", "verifying"):
            assert broken_rules(body) == ["enum"]

    def null_fields(self) -> None:
        for body in self.bodies()[:6]:
            assert body["total_size_bytes"] is None
            assert body["estimated_completion"] is None
            assert broken_rules(body) == ["type", "type"]
        assert set(self.values("total_size_bytes")[6:]) == {SIZE}

    # ---- Several jobs, and the list

    def several_jobs(self) -> None:
        for after, lengths in [
            ("3999ms", [4, 0, 0, 0]),
            ("5999ms", [3, 1, 0, 0]),
            ("7999ms", [2, 1, 1, 0]),
            ("8s", [1, 1, 1, 1]),
            ("19999ms", [1, 1, 1, 1]),
        ]:
            lists = self.lists(after)
            assert [len(lists[status]) for status in STATUSES] == lengths
        assert [job["job_id"] for job in self.lists("8s")["downloading"]] == [ID]
        assert len({job.model for job in self.timeline.jobs}) == 4

    def many_jobs(self) -> None:
        assert len(self.lists("1ms")["downloading"]) == 2
        assert len(self.lists("9980ms")["completed"]) == 499
        assert len({job["job_id"] for job in self.lists("15s")["completed"]}) == 1000

    def no_list(self) -> None:
        assert "list_status" not in contract.edition(self.timeline.edition).operations
        assert "job_status" in contract.edition(self.timeline.edition).operations

    def spec_example(self) -> None:
        assert self.bodies()[0] == {
            "job_id": ID,
            "status": "completed",
            "total_size_bytes": SIZE,
            "downloaded_bytes": SIZE,
            "started_at": "2025-10-03T15:33:23.496Z",
            "completed_at": "2025-10-03T15:43:12.102Z",
        }

    # ---- Faults

    def crash_mid_poll(self) -> None:
        self.nothing_arrives_while_refused()

    def connection_drops(self) -> None:
        assert self.numbers(NOTHING) == [3, 4, 8]

    def server_restart(self) -> None:
        self.nothing_arrives_while_refused()

    def rate_limited(self) -> None:
        assert self.numbers("429") == [3, 4, 8]
        for poll in self.polls:
            assert poll.headers.get("Retry-After") == ("2" if poll.outcome == "429" else None)

    def server_error_then_fine(self) -> None:
        assert self.numbers("503") == [3]
        assert self.bodies("503")[0]["error"]["type"] == "internal_error"

    def html_error_page(self) -> None:
        assert self.numbers("502") == [4, 5]
        for poll in self.polls:
            assert poll.outcome != "502" or poll.headers["Content-Type"].startswith("text/html")
        for body in self.bodies("502"):
            assert body.startswith("<html>\n")

    def error_with_200(self) -> None:
        assert self.numbers(ERROR) == [3, 4]
        for body in self.bodies(ERROR):
            assert body.keys() == {"error"}
            assert contract.violations(body, "job_status")

    def old_server(self) -> None:
        assert self.bodies(ERROR)[0] == unexpected(f"GET {JOB}")
        for number, request in enumerate([f"GET {JOB}", f"GET {STATUS}", f"POST {DOWNLOAD}"]):
            reply = self.timeline.faults[number].reply
            assert reply is not None
            assert (reply.status, reply.body) == (200, unexpected(request))

    def token_refused(self) -> None:
        for body in self.bodies("401"):
            assert body["error"]["type"] == "invalid_request"
            assert body["error"]["code"] == "invalid_api_key"
        (fault,) = self.timeline.faults
        assert fault.operation is fault.path is None

    def slow_replies(self) -> None:
        assert [poll.took_ms for poll in self.polls[:6]] == [0, 0, 4000, 4000, 4000, 0]
        assert not any(poll.took_ms for poll in self.polls[6:])
        assert is_rising(self.values("downloaded_bytes", "downloading"))

    # ---- Asking for a model

    def download_on_request(self) -> None:
        begun, again, there = (post.body for post in self.posts)
        assert begun == {
            "job_id": ID,
            "status": "downloading",
            "total_size_bytes": SIZE,
            "started_at": rfc3339.from_milliseconds(self.playback.epoch_ms + 3_000),
        }
        assert again == begun
        assert there == {"status": "already_downloaded"}
        assert set(self.values("started_at")) == {begun["started_at"]}

    def post_without_job_id(self) -> None:
        first, second = (post.body for post in self.posts)
        assert [post.outcome for post in self.posts] == ["200", "200"]
        (violation,) = contract.violations(first, "download", edition="2026-01")
        assert (violation.rule, violation.pointer) == ("required", "/job_id")
        assert {"job_id": ID, **first} == second

    def model_not_found(self) -> None:
        assert [post.outcome for post in self.posts] == ["404", "404"]
        for post in self.posts:
            assert post.body["error"]["type"] == "model_not_found"
            assert MODEL in post.body["error"]["message"]
        assert {body["error"]["type"] for body in self.bodies("404")} == {"job_not_found"}
        assert not self.playback.events

    def post_fails_then_works(self) -> None:
        assert [post.outcome for post in self.posts] == ["503", "200", "200"]
        assert self.posts[0].body["error"]["type"] == "internal_error"
        assert {post.body["job_id"] for post in self.posts[1:]} == {ID}

    def forgotten_then_new_id(self) -> None:
        other, begins_ms = "job_5e1d09b3c4", self.playback.epoch_ms + 8_000
        assert [post.body["job_id"] for post in self.posts] == [ID, other, other]
        state = self.playback.job_at(other, begins_ms)
        assert state is not None
        assert (state.downloaded_bytes, state.started_at_ms) == (0, begins_ms)
        assert self.playback.when(other, "completed", begins_ms) == begins_ms + 9_000


def _shows_job(body: Any) -> bool:
    return isinstance(body, dict) and "job_id" in body


def broken_rules(body: Any) -> list[str]:
    return [violation.rule for violation in contract.violations(body, "job_status")]


instant = rfc3339.to_milliseconds


def is_rising(values: list[int]) -> bool:
    return len(values) > 1 and all(before < after for before, after in pairwise(values))


def unexpected(request: str) -> dict[str, str]:
    return {"error": f"Unexpected endpoint or method. ({request})"}


# ---- Playing


AFTERWARDS_MS = 5_000
"""How long after a timeline has settled it is still watched."""


def laid(name: str) -> Playback:
    """The timeline with its row's events and requests."""
    session = Session(ServerConfig(name, clock="manual"))
    client = MockApp(Sessions(session)).test_client()
    resumes = [(at_ms, False) for at_ms in times_ms(TABLE[name].resume)]
    for at_ms, is_post in sorted(resumes + [(at_ms, True) for at_ms in times_ms(TABLE[name].post)]):
        session.clock.advance_to(session.playback.epoch_ms + at_ms)
        if is_post:
            client.post(DOWNLOAD, json={"model": MODEL})
        else:
            session.fire("resume")
    return session.playback


def length_ms(playback: Playback) -> int:
    """From the timeline's beginning until a while after the last change and the last fault."""
    whens = [fault.when for fault in playback.timeline.faults]
    windows = [when.after_ms + (when.lasts_ms or 0) for when in whens]
    return max(playback.settles_ms - playback.epoch_ms, *windows, 0) + AFTERWARDS_MS


def outcome_of(status: int, body: Any) -> str:
    if status != 200:
        return str(status)
    return str(body["status"]) if _shows_job(body) else ERROR


def ask(server: MockServer, path: str) -> tuple[str, Any, dict[str, str]]:
    """What a request on a connection of its own comes to, the reply's body and its headers."""
    connection = HTTPConnection("127.0.0.1", server.port, timeout=30)
    with closing(connection):
        try:
            connection.connect()
        except ConnectionRefusedError:
            return REFUSED, None, {}
        try:
            connection.request("GET", path)
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


def play(name: str, server: MockServer) -> Purposes:
    """Poll from the beginning to the end; the next poll waits for the reply to the last."""
    row, playback, clock = TABLE[name], laid(name), server.clock
    resumes_ms, to_post_ms = times_ms(row.resume), times_ms(row.post)
    polls: list[Poll] = []
    posts: list[Poll] = []
    epoch_ms, at_ms = clock.now(), 0
    while at_ms <= length_ms(playback):
        while to_post_ms and to_post_ms[0] <= at_ms:
            clock.advance_to(epoch_ms + to_post_ms[0])
            status, body = asked(server.url + DOWNLOAD, "POST", {"model": MODEL})
            posts.append(Poll(to_post_ms.pop(0), str(status), 0, body))
        while resumes_ms and resumes_ms[0] <= at_ms:
            clock.advance_to(epoch_ms + resumes_ms.pop(0))
            assert server.fire("resume") == (ID,)
        begins_ms = clock.advance_to(epoch_ms + at_ms)
        outcome, body, headers = ask(server, JOB)
        polls.append(Poll(at_ms, outcome, clock.now() - begins_ms, body, headers))
        at_ms += polls[-1].took_ms + duration_ms(row.every)
    assert not to_post_ms
    return Purposes(polls, playback, posts)


@pytest.mark.parametrize("name", TABLE)
def test_a_faithful_poller_sees_what_it_is_for(name: str) -> None:
    with MockServer(name, clock="manual") as server:
        seen = play(name, server)
    row = TABLE[name]
    assert seen.outcomes == row.polls
    for outcome, shares in row.share.items():
        assert seen.shares(outcome) == set(shares.split())
    assert not row.never or seen.never(row.never)
    getattr(seen, name.replace("-", "_"))()


def test_a_list_of_a_thousand_jobs_on_the_wire() -> None:
    with MockServer("many-jobs", clock="manual") as server:
        server.clock.advance("12s")
        _, body, _ = ask(server, STATUS)
    assert contract.violations(body, "list_status") == []
    assert sum(len(jobs) for jobs in body.values()) == 1000


# ---- What holds for every file


BUNDLED = {name: load(find(name)) for name in resources.timeline_files()}


def off_contract(timeline: Timeline) -> bool:
    return any(step.overrides.off_contract for job in timeline.jobs for step in job.steps)


def test_every_bundled_timeline_is_in_the_table() -> None:
    assert sorted(TABLE) == sorted(resources.timeline_files())
    assert len(TABLE) >= 24
    purposes = [name for name in vars(Purposes) if not name.startswith("_")]
    assert purposes == [name.replace("-", "_") for name in TABLE]


def test_off_contract_are_those_that_say_so() -> None:
    say_so = {name for name, made in BUNDLED.items() if "off contract" in (made.description or "")}
    assert {name for name, made in BUNDLED.items() if off_contract(made)} == say_so
    assert say_so == {"new-status", "null-fields"}


@pytest.mark.parametrize("name", TABLE)
def test_every_reply_is_valid_unless_its_step_is_off_contract(name: str) -> None:
    playback, edition = laid(name), BUNDLED[name].edition
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
    timeline, description = BUNDLED[name], BUNDLED[name].description or ""
    assert timeline.good_client is not None
    assert timeline.good_client.does.endswith(".")
    assert 20 < len(description) < 90
    assert description[0].isupper()
    assert description.rstrip('"').endswith(".")
    assert description.isprintable()
    assert [job.model for job in timeline.jobs if job.job_id == ID] == [MODEL]


def test_no_two_descriptions_are_the_same() -> None:
    descriptions = [timeline.description for timeline in BUNDLED.values()]
    assert len(set(descriptions)) == len(descriptions)
