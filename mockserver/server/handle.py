"""The mock server as a test holds it: an address, and a switch."""

from __future__ import annotations

from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING
from urllib.parse import quote

from mockserver.server.app import create_app
from mockserver.server.live import LiveServer
from mockserver.timeline.clock import Clock
from mockserver.timeline.model import Timeline

if TYPE_CHECKING:
    from typing import Self

__all__ = ["MockServer"]


class MockServer:
    """A timeline on a free local port.

    The clock starts with the handle and runs on while the server is stopped, as downloads do.
    Raises MockServerError for a timeline, an edition or an address that cannot be had.
    """

    def __init__(
        self,
        timeline: Timeline | str | Path | None = None,
        *,
        edition: str | None = None,
        clock: Clock | None = None,
        host: str = "127.0.0.1",
        port: int = 0,
    ) -> None:
        self._live = LiveServer(create_app(timeline, edition=edition, clock=clock), host, port)

    @property
    def url(self) -> str:
        """What a client is given as its base URL, such as `http://127.0.0.1:41234`."""
        return self._live.url

    @property
    def port(self) -> int:
        """The port it listens on, or last did."""
        return self._live.port

    def job_url(self, job_id: str) -> str:
        """The URL of one job's status."""
        return f"{self.url}/api/v1/models/download/status/{quote(job_id, safe='')}"

    def start(self) -> None:
        """Listen, on a new free port unless one was given; nothing when it listens already."""
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
