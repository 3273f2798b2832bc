"""What tells one server from another, so that one app can answer for all of them."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from mockserver.client_rules.journal_entry import JournalEntry
from mockserver.server.access import Guard
from mockserver.server.sessions import Sessions

if TYPE_CHECKING:
    from wsgiref.types import WSGIEnvironment

__all__ = ["KEY", "Site", "site_of"]

KEY = "mockserver.site"
"""Where a request's environment says which site it came to."""


@dataclass(frozen=True, slots=True)
class Site:
    """A server's sessions, what its control API asks for, and who is told of each exchange.

    `on_request` is called after each reply is made, from several threads. `began_s` is on the
    monotonic clock.
    """

    sessions: Sessions
    on_request: Callable[[JournalEntry], None] | None = None
    control_token: str | None = None
    guard: Guard = field(init=False)
    began_s: float = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "guard", Guard(self.control_token))
        object.__setattr__(self, "began_s", time.monotonic())


def site_of(environ: WSGIEnvironment) -> Site:
    """The site that a request came to."""
    site: Site = environ[KEY]
    return site
