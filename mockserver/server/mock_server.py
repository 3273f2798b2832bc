"""The mock server as a test holds it: an address, a switch, and the clock."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any, Unpack

from mockserver import contract
from mockserver.api.operations import JOB_STATUS
from mockserver.client_rules.journal_entry import JournalEntry
from mockserver.client_rules.judge import Limits
from mockserver.client_rules.verdict import Verdict
from mockserver.net.live_server import LiveServer
from mockserver.server.active_faults import ActiveFault
from mockserver.server.admission import SessionAdmission
from mockserver.server.app import shared_app
from mockserver.server.client_judge import ClientJudge
from mockserver.server.config import ServerConfig, ServerSettings, takes_settings
from mockserver.server.faults import Refused
from mockserver.server.request_target import SESSIONS
from mockserver.server.session import Session
from mockserver.server.sessions import Sessions
from mockserver.server.stand_in import StandIn, encoded, json_reply, stand_in
from mockserver.timeline.clock import Clock
from mockserver.timeline.model import JobState, Phase, Timeline
from mockserver.timeline.reader import fault_from

if TYPE_CHECKING:
    from typing import Self
    from wsgiref.types import StartResponse, WSGIEnvironment

    from flask.testing import FlaskClient

    from mockserver.server.config import Playable

__all__ = ["MockServer"]

_EVERY, _OFTEN = 64, 1_024
"""Whether the client ever stops is asked so often up to so many requests, then as they double."""
_BROKEN_OFF = "From then on the mock reset its connections, so that it comes to an end."


class MockServer:
    """A timeline on a free local port; `healthy` unless given.

    The settings are those of `ServerConfig`: `clock`, `speed`, `step`, `edition`, `token`, `cors`,
    `with_download`, `folder`, `host`, `port` and `control_token`. The clock starts with the handle,
    and runs on while the server is stopped, as downloads do. On any `host` but a loopback address
    a control token is made unless given.

    Raises MockServerError for a timeline, a setting or an address that cannot be had.
    """

    @takes_settings(ServerSettings)
    def __init__(
        self, timeline: Playable | None = None, **settings: Unpack[ServerSettings]
    ) -> None:
        self._session = Session(ServerConfig(timeline, **settings).guarded())
        self._config = self._session.config
        self._sessions = Sessions(
            self._session,
            control_token=self._config.control_token,
            on_request=self._break_off_if_endless,
        )
        self._admission = SessionAdmission(self._sessions)
        self._live = LiveServer(
            self._serve, self._config.host, self._config.port, admission=self._admission
        )
        self._judge = ClientJudge()
        self._was_asked = self._breaks_off = self._has_broken_off = False

    def play(
        self,
        config: ServerConfig,
        *,
        expect: Collection[str] = (),
        limits: Limits | None = None,
        strict: bool = False,
        breaks_off: bool = False,
    ) -> None:
        """Play something else from now on, as a new server on the same port would.

        All connections end, and so do the sessions that clients have opened; a reply that waited
        for the clock waits no longer. What clients do is judged from here: where habits become
        mistakes say the `limits`; `strict` makes it one never to ask; rules in `expect` may be
        broken. With `breaks_off`, a client that never stops finds its connections reset from then
        on, so that it comes to an end. Raises UnknownName for a rule that is none.
        """
        judge = ClientJudge(limits, strict=strict)
        judge.expect(*expect)
        session, ended = Session(config), self._session
        # To nobody who has not asked does an end of connections matter, and it takes time.
        was_asked, self._was_asked = self._was_asked, False
        with self._admission.shut(when=was_asked):
            self._sessions.renew(session)
            self._breaks_off, self._has_broken_off = breaks_off, False
        ended.end()
        self._config, self._session, self._judge = session.config, session, judge

    @property
    def url(self) -> str:
        """What a client is given as its base URL, such as `http://127.0.0.1:41234`."""
        return self._live.url

    @property
    def port(self) -> int:
        """The port it listens on, or last did."""
        return self._live.port

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
        return self.url + JOB_STATUS.path_for(job_id=job_id)

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

    def fault(self, members: Mapping[str, Any] | None = None, /, **more: Any) -> ActiveFault:
        """Put a fault in force from now on, written as in a timeline file.

        `fault(operation="job_status", when={"request": 2}, reply={"status": 503})`. Its `strikes`
        say how often it has struck. Raises TimelineError for what the format does not allow.
        """
        fault = fault_from({**(members or {}), **more}, self._session.edition)
        return self._session.faults.add(fault)

    def clear_faults(self) -> None:
        """Take every fault out of force, the timeline's own as well, and what is being served."""
        self._session.faults.remove()

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
            id_: json_reply(encoded(payload, id_), status, headers)
            for id_ in self._operations(operation)
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
        return tuple(self._session.operations) if operation is None else (operation,)

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
            for id_, (_, edition) in self._session.operations.items()
        }

    @property
    def control_token(self) -> str | None:
        """What the control API below `/_mock` asks for, if anything."""
        return self._sessions.control_token

    @property
    def resets(self) -> int:
        """How often it has been reset since the test began."""
        return self._judge.parts

    def reset(self) -> None:
        """Play from the beginning, as the server was made, or as the test's marker says.

        Clock, events, faults and `requests` are as new, and sessions that clients have opened end.
        What the verdict has to say of the requests so far stays said. In a test with Hypothesis,
        this begins each example.
        """
        past = self._judge.evidence(self._session)
        self._session.begin_anew(self._config)
        self._sessions.renew(self._session)
        self._has_broken_off = False
        self._judge.keep(past)

    def expect(self, *rules: str) -> None:
        """Let clients break these rules in this test; UnknownName for one that is none."""
        self._judge.expect(*rules)

    def verdict(self) -> Verdict:
        """What the requests so far say about the client."""
        return self._judge.verdict(self._session)

    def text(self) -> str:
        """The verdict as a failure shows it, with the requests as a small timeline."""
        text = self._judge.text(self._session)
        return f"{text}\n\n{_BROKEN_OFF}" if self._has_broken_off else text

    def wsgi_client(self) -> FlaskClient:
        """A client that asks without a socket, for tests that need none."""
        client = shared_app().test_client()
        bound: dict[str, Any] = client.environ_base  # Flask says that all values are text
        bound[SESSIONS] = self._sessions
        return client

    def start(self) -> None:
        """Listen: at first on a free port unless one was given, later on the same one again.

        Nothing when it listens already. Raises AddressUnavailable.
        """
        self._live.start()

    def stop(self) -> None:
        """Refuse connections and close those that are open, until the next `start`."""
        self._live.stop()

    def _serve(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        self._was_asked = True
        if self._has_broken_off:
            raise Refused("nothing is answered any more: this client does not stop")
        environ[SESSIONS] = self._sessions
        return shared_app()(environ, start_response)

    def _break_off_if_endless(self, entry: JournalEntry) -> None:
        number = entry.number
        if not self._breaks_off or number % _EVERY:
            return
        if number > _OFTEN and number.bit_count() > 1:
            return
        if any(remark.rule.id == "never-stopped" for remark in self.verdict().remarks):
            self._has_broken_off = True

    def __repr__(self) -> str:
        where = self.url if self._live.is_running else "stopped"
        return f"<MockServer {where}, playing {self.timeline.name}>"

    def __dir__(self) -> Iterable[str]:
        return [name for name in super().__dir__() if not name.startswith("_")]

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
