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
from mockserver.server.active_faults import ActiveFault
from mockserver.server.client_judge import ClientJudge
from mockserver.server.config import ServerConfig, ServerSettings, takes_settings
from mockserver.server.session import Session
from mockserver.server.session_server import SessionServer
from mockserver.server.stand_in import StandIn, encoded, json_reply, stand_in
from mockserver.timeline.clock import Clock
from mockserver.timeline.model import JobState, Phase, Timeline
from mockserver.timeline.reader import fault_from

if TYPE_CHECKING:
    from mockserver.server.config import Playable

_EVERY, _OFTEN = 64, 1_024
"""Whether the client ever stops is asked so often up to so many requests, then as they double."""


class MockServer(SessionServer):
    """A timeline on a free local port; the settings are those of `ServerConfig`.

    The clock starts with the object, and runs on while the server is stopped, as downloads do. On
    any `host` but a loopback address a control token is made unless given.

    Raises MockServerError for a timeline, a setting or an address that cannot be had.
    """

    @takes_settings(ServerSettings)
    def __init__(
        self, timeline: Playable | None = None, **settings: Unpack[ServerSettings]
    ) -> None:
        super().__init__(Session(ServerConfig(timeline, **settings).guarded()))
        self._judge = ClientJudge()
        self._breaks_off = False

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

        Rules in `expect` may be broken; `strict` makes it a mistake never to ask. With `breaks_off`
        a client that never stops finds its connections reset, and so ends. Raises UnknownName.
        """
        judge = ClientJudge(limits, strict=strict)
        judge.expect(*expect)
        self._replace(config)
        self._judge, self._breaks_off = judge, breaks_off

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

        Gives the ids of the jobs that it changed. Raises UnknownName for an event or a job that the
        timeline does not know.
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
        return self._session.faults.add(fault_from({**(members or {}), **more}, self.edition))

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
        ids = self._operations(operation)
        replies = {id_: json_reply(encoded(payload, id_), status, headers) for id_ in ids}
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
        """The same with a body of any bytes, called JSON unless `headers` has a Content-Type."""
        reply = json_reply(body, status, headers)
        return stand_in(self._session, dict.fromkeys(self._operations(operation), reply), times)

    def _operations(self, operation: str | None) -> tuple[str, ...]:
        return tuple(self._session.operations) if operation is None else (operation,)

    @property
    def requests(self) -> tuple[JournalEntry, ...]:
        """The requests since the last reset, oldest first, with replies but no credentials."""
        return self._session.journal.entries()

    @property
    def schemas(self) -> dict[str, dict[str, Any]]:
        """The JSON Schema of the reply to each operation that is answered, by operation id."""
        return {
            id_: contract.edition(edition).operation(id_).schema("response")
            for id_, (_, edition) in self._session.operations.items()
        }

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
        self._renew()
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
        if self._has_broken_off:
            text += "\n\nFrom then on the mock reset its connections, so that it comes to an end."
        return text

    def _watch(self, entry: JournalEntry) -> None:
        number = entry.number
        if not self._breaks_off or number % _EVERY or (number > _OFTEN and number.bit_count() > 1):
            return
        if any(finding.rule.id == "never-stopped" for finding in self.verdict().remarks):
            self._has_broken_off = True

    def __repr__(self) -> str:
        where = self.url if self.is_running else "stopped"
        return f"<MockServer {where}, playing {self.timeline.name}>"

    def __dir__(self) -> Iterable[str]:
        hidden = {"is_running"}  # its socket's, and no part of what tests are offered
        return [name for name in super().__dir__() if name[0] != "_" and name not in hidden]
