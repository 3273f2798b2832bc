"""Faults: what goes wrong with a reply on its way, and to which requests it happens."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

__all__ = ["Disconnect", "Fault", "Reply", "When"]

Disconnect: TypeAlias = Literal["before reply", "during reply"]
"""When the connection breaks: before the first byte of the reply, or half-way through its body."""


@dataclass(frozen=True, slots=True)
class When:
    """Which of the matching requests: all of them, unless narrowed.

    `first` and `last` count matching requests from 1, both included; `last` None is no end.
    `after_ms` and `lasts_ms` are a window of the clock, from the timeline's beginning, half-open;
    `lasts_ms` None is no end.
    """

    first: int = 1
    last: int | None = None
    after_ms: int = 0
    lasts_ms: int | None = None

    def covers(self, number: int, elapsed_ms: int) -> bool:
        """Whether the matching request with this number, at this time, is one of them."""
        return (
            self.first <= number
            and (self.last is None or number <= self.last)
            and self.is_open(elapsed_ms)
        )

    def is_open(self, elapsed_ms: int) -> bool:
        """Whether the window of the clock is open at this time of the timeline."""
        return self.after_ms <= elapsed_ms and (
            self.lasts_ms is None or elapsed_ms < self.after_ms + self.lasts_ms
        )


@dataclass(frozen=True, slots=True)
class Reply:
    """What is answered in place of the real reply. A `body` of text is sent as it is, else JSON."""

    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict, hash=False)
    body: Any = field(default=None, hash=False)


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault. It strikes requests of `operation` (or to `path`; any, when both are None).

    `delay_ms` of the clock pass before the answer, which is the usual one unless `reply` or
    `disconnect` is given. `refuse`: while the window is open nobody can connect at all.
    """

    operation: str | None = None
    path: str | None = None
    when: When = When()
    delay_ms: int = 0
    reply: Reply | None = None
    disconnect: Disconnect | None = None
    refuse: bool = False
