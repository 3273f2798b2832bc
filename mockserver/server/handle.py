"""The mock server as a test holds it: an address, a switch, and the clock."""

from __future__ import annotations

from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING
from urllib.parse import quote

from mockserver.server.access import is_loopback, new_token
from mockserver.server.app import sessions_app
from mockserver.server.live import LiveServer
from mockserver.server.session import Session
from mockserver.server.session_gate import SessionGate
from mockserver.server.sessions import Sessions
from mockserver.server.settings import ClockKind, Settings
from mockserver.timeline.clock import Clock
from mockserver.timeline.model import JobState, Phase, Timeline

if TYPE_CHECKING:
    from typing import Self

__all__ = ["MockServer"]


class MockServer:
    """A timeline on a free local port.

    `timeline` is a bundled name, a file's path or a loaded one; `healthy` unless given. `clock` is
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
        timeline: Timeline | str | Path | None = None,
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
        settings = Settings.of(
            timeline,
            edition,
            clock,
            speed=speed,
            step=step,
            token=token,
            cors=cors,
            with_download=with_download,
        )
        if control_token is None and not is_loopback(host):
            control_token = new_token()
        self.control_token = control_token
        self._session = Session(settings)
        sessions = Sessions(self._session)
        app = sessions_app(sessions, control_token=control_token)
        gate = SessionGate(self._session, lambda: not sessions.are_open())
        self._live = LiveServer(app, host, port, gate=gate)

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
    def clock(self) -> Clock:
        """The one source of now: `clock.advance("10s")` moves it on."""
        return self._session.clock

    def job_url(self, job_id: str) -> str:
        """The URL of one job's status."""
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

    def start(self) -> None:
        """Listen: at first on a free port unless one was given, later on the same one again.

        Nothing when it listens already. Raises AddressUnavailable.
        """
        self._live.start()

    def stop(self) -> None:
        """Refuse connections and close those that are open, until the next `start`."""
        self._live.stop()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()
