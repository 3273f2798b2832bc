"""The mock server as a test holds it: an address, a switch, and the clock."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from mockserver import contract
from mockserver.client_rules.journal_entry import JournalEntry
from mockserver.client_rules.judge import Limits
from mockserver.client_rules.verdict import Verdict
from mockserver.server.armed import ArmedFault
from mockserver.server.hearing import Hearing
from mockserver.server.library import timeline_named
from mockserver.server.session import Session
from mockserver.server.settings import ClockKind, Playable, Settings
from mockserver.server.stage import Stage
from mockserver.server.stand_in import StandIn, encoded, json_reply, stand_in
from mockserver.timeline.clock import Clock
from mockserver.timeline.model import JobState, Phase, Timeline
from mockserver.timeline.reader import fault_from

if TYPE_CHECKING:
    from typing import Self

    from flask.testing import FlaskClient

__all__ = ["MockServer"]

_EVERY, _OFTEN = 64, 1_024
"""Whether the client ever stops is asked so often up to so many requests, then as they double."""
_BROKEN_OFF = "From then on the mock reset its connections, so that it comes to an end."


class MockServer:
    """A timeline on a free local port.

    `timeline` is a bundled name, a file's path, a loaded one, jobs written in Python or what a file
    holds as data; `healthy` unless given. `clock` is
    `"wall"` (runs, `speed` virtual seconds for each real one), `"manual"` (stands until a test
    moves it), `"poll"` (each status request moves it by `step`, such as `"1s"`), or a clock of
    your own. It starts with the handle, and runs on while the server is stopped, as downloads do.

    With a `token`, requests must bear it; `cors` lets web pages read the replies; `with_download`
    answers POST also in an edition that does not document it. `control_token` is what the control
    API below `/_mock` asks for; on any `host` but a loopback address one is made unless given.

    Raises MockServerError for a timeline, an edition, a clock or an address that cannot be had,
    ValueError for a speed or a step that the clock cannot have.
    """

    def __init__(
        self,
        timeline: Playable | None = None,
        *,
        clock: Clock | ClockKind = "wall",
        speed: float | None = None,
        step: str | int | None = None,
        edition: str | None = None,
        host: str = "127.0.0.1",
        port: int = 0,
        token: str | None = None,
        cors: bool = False,
        with_download: bool = False,
        control_token: str | None = None,
    ) -> None:
        if timeline is None or isinstance(timeline, str | Path):
            timeline = timeline_named(timeline)
        self._settings = Settings.of(
            timeline,
            edition,
            clock,
            speed=speed,
            step=step,
            token=token,
            cors=cors,
            with_download=with_download,
        )
        self._session = Session(self._settings)
        self._stage = Stage(self._session, host, port, control_token)
        self._hearing = Hearing()

    def play(
        self,
        settings: Settings,
        *,
        expect: Collection[str] = (),
        limits: Limits | None = None,
        strict: bool = False,
        breaks_off: bool = False,
    ) -> None:
        """Play something else from now on, as a new server on the same port would.

        All connections end. What clients do is judged from here: where habits become mistakes say
        the `limits`; `strict` makes it one never to ask; rules in `expect` may be broken. With
        `breaks_off`, a client that never stops finds its connections reset from then on, so that
        it comes to an end. Raises UnknownName for a rule that is none.
        """
        hearing = Hearing(limits, strict=strict)
        hearing.expect(*expect)
        self._session = self._stage.play(settings, self._never_stops if breaks_off else None)
        self._settings, self._hearing = settings, hearing

    @property
    def url(self) -> str:
        """What a client is given as its base URL, such as `http://127.0.0.1:41234`."""
        return self._stage.live.url

    @property
    def port(self) -> int:
        """The port it listens on, or last did."""
        return self._stage.live.port

    @property
    def timeline(self) -> Timeline:
        """What is played."""
        return self._session.timeline

    @property
    def edition(self) -> str:
        """The documented API that it answers as."""
        return self._session.edition

    @property
    def clock(self) -> Clock:
        """The one source of now: `clock.advance("10s")` moves it on."""
        return self._session.clock

    def job_url(self, job_id: str) -> str:
        """The URL of one job's status."""
        if not isinstance(job_id, str):
            raise TypeError(f"a job's id is text, not {job_id!r}")
        return f"{self.url}/api/v1/models/download/status/{quote(job_id, safe='')}"

    def fire(self, event: str, job_id: str | None = None) -> tuple[str, ...]:
        """Let an event such as `resume` happen now, to one job or to all.

        Gives the ids of the jobs that it changed. Raises UnknownName for an event that the
        timeline does not wait for, or a job that it does not have.
        """
        return self._session.fire(event, job_id)

    def run_until(self, phase: Phase, job_id: str | None = None) -> JobState | None:
        """Move the clock on to where the job (the first unless given) is `phase`.

        A phase is a status, or `gone`. Gives the job's state there, None when it is gone. Raises
        NeverHappens when only an event could bring that about, UnknownName for an unknown job or
        phase.
        """
        return self._session.run_until(job_id, phase)

    def fault(self, members: Mapping[str, Any] | None = None, /, **more: Any) -> ArmedFault:
        """Put a fault in force from now on, written as in a timeline file.

        `fault(operation="job_status", when={"request": 2}, reply={"status": 503})`. Its `strikes`
        say how often it has struck. Raises TimelineError for what the format does not allow.
        """
        return self._session.arm(fault_from({**(members or {}), **more}, self._session.edition))

    def clear_faults(self) -> None:
        """Take every fault out of force, the timeline's own as well, and what is being served."""
        self._session.disarm()

    def serving(
        self,
        payload: Any,
        *,
        operation: str | None = None,
        status: int = 200,
        headers: Mapping[str, str] | None = None,
        times: int | None = None,
    ) -> AbstractContextManager[StandIn]:
        """While the block runs, answer every documented operation with this JSON data.

        Or one `operation` alone, such as `"job_status"`, for any id. `times` is how many requests
        get it, all unless given. An inner block goes before an outer one, and both before the
        timeline's faults; afterwards all is as it was, whatever the block raised. Jobs and clock
        go on below, and requests are written down; the verdict leaves out what such replies lead
        a client to. `reset`, `play` and `clear_faults` end it. Cheap enough for each example of
        Hypothesis.

        Gives a StandIn, whose `answered` counts the requests that got it. Raises NotJson for what
        JSON has no form for, UnknownName for an operation that the edition does not have, TypeError
        or ValueError for what no reply can be.
        """
        replies = {
            one: json_reply(encoded(payload, one), status, headers)
            for one in self._operations(operation)
        }
        return stand_in(self._session, replies, times)

    def serving_raw(
        self,
        body: bytes,
        status: int = 200,
        headers: Mapping[str, str] | None = None,
        *,
        operation: str | None = None,
        times: int | None = None,
    ) -> AbstractContextManager[StandIn]:
        """The same with a body of any bytes, such as the `body` of a drawn RawBody.

        They are called JSON unless `headers` has another Content-Type.
        """
        reply = json_reply(body, status, headers)
        return stand_in(self._session, dict.fromkeys(self._operations(operation), reply), times)

    def _operations(self, operation: str | None) -> tuple[str, ...]:
        return tuple(self._session.settings.operations) if operation is None else (operation,)

    @property
    def requests(self) -> tuple[JournalEntry, ...]:
        """The requests since the beginning or the last reset, each with its reply, oldest first.

        Credentials are hidden. Each has `method`, `path`, `status`, `request`, `reply`,
        `operation`, `job_id`, `states` and more.
        """
        return self._session.journal.entries()

    @property
    def schemas(self) -> dict[str, dict[str, Any]]:
        """The JSON Schema of the reply to each operation that is answered, by operation id."""
        return {
            id_: contract.edition(edition).operation(id_).schema("response")
            for id_, (_, edition) in self._session.settings.operations.items()
        }

    @property
    def control_token(self) -> str | None:
        """What the control API below `/_mock` asks for, if anything."""
        return self._stage.control_token

    @property
    def resets(self) -> int:
        """How often it has been reset since the test began."""
        return self._hearing.parts

    def reset(self) -> None:
        """Play from the beginning, as the server was made, or as the test's marker says.

        Clock, events, faults and `requests` are as new, and sessions that clients have opened end.
        What the verdict has to say of the requests so far stays said. In a test with Hypothesis,
        this begins each example.
        """
        past = self._hearing.evidence(self._session)
        self._stage.replay(self._settings)
        self._hearing.keep(past)

    def expect(self, *rules: str) -> None:
        """Let clients break these rules in this test; UnknownName for one that is none."""
        self._hearing.expect(*rules)

    def verdict(self) -> Verdict:
        """What the requests so far say about the client."""
        return self._hearing.verdict(self._session)

    def text(self) -> str:
        """The verdict as a failure shows it, with the requests as a small timeline."""
        text = self._hearing.text(self._session)
        return f"{text}\n\n{_BROKEN_OFF}" if self._stage.has_broken_off else text

    def _never_stops(self, exchange: JournalEntry) -> bool:
        number = exchange.number
        if number % _EVERY or (number > _OFTEN and number.bit_count() > 1):
            return False
        return any(one.rule.id == "never-stopped" for one in self.verdict().remarks)

    def wsgi_client(self) -> FlaskClient:
        """A client that asks without a socket, for tests that need none."""
        return self._stage.wsgi_client()

    def start(self) -> None:
        """Listen: at first on a free port unless one was given, later on the same one again.

        Nothing when it listens already. Raises AddressUnavailable.
        """
        self._stage.live.start()

    def stop(self) -> None:
        """Refuse connections and close those that are open, until the next `start`."""
        self._stage.live.stop()

    def __repr__(self) -> str:
        where = self.url if self._stage.live.is_running else "stopped"
        return f"<MockServer {where}, playing {self.timeline.name}>"

    def __dir__(self) -> Iterable[str]:
        return [name for name in super().__dir__() if not name.startswith("_")]

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
