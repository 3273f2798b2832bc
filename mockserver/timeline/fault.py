"""Faults: what goes wrong with a reply on its way, and to which requests it happens."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, Literal, TypeAlias
from urllib.parse import unquote

__all__ = ["At", "By", "ContentLength", "Disconnect", "Fault", "Reply", "Violate", "When"]

At: TypeAlias = Literal["before headers", "in headers", "after headers", "in body"]
"""How far a reply comes: not a byte, half of its headers, all of them, half of its body too."""

By: TypeAlias = Literal["close", "reset"]
"""How a connection ends: in order, as at the end of a reply (FIN), or at once (RST)."""

ContentLength: TypeAlias = Literal["longer", "shorter"]
"""What a false Content-Length announces, next to the body that is sent."""


@dataclass(frozen=True, slots=True)
class When:
    """Which of the matching requests: all of them, unless narrowed.

    `first` and `last` count matching requests from 1, both included; `last` None is no end.
    `after_ms` and `lasts_ms` are a window of the clock, from the timeline's beginning, half-open;
    `lasts_ms` None is no end. Of the requests that these cover, each is struck with `probability`.
    Which ones follows from `seed` and their numbers alone, in every run and process.
    """

    first: int = 1
    last: int | None = None
    after_ms: int = 0
    lasts_ms: int | None = None
    probability: float = 1.0
    seed: int = 0

    def covers(self, number: int, elapsed_ms: int) -> bool:
        """Whether the matching request with this number, at this time, is one of them."""
        return (
            self.first <= number
            and (self.last is None or number <= self.last)
            and self.is_open(elapsed_ms)
            and (self.probability >= 1 or self._draws(number))
        )

    def is_open(self, elapsed_ms: int) -> bool:
        """Whether the window of the clock is open at this time of the timeline."""
        return self.after_ms <= elapsed_ms and (
            self.lasts_ms is None or elapsed_ms < self.after_ms + self.lasts_ms
        )

    def _draws(self, number: int) -> bool:
        digest = hashlib.sha256(f"{self.seed}\n{number}".encode()).digest()
        drawn = int.from_bytes(digest[:8], "big")
        return drawn < self.probability * 2.0**64


@dataclass(frozen=True, slots=True)
class Reply:
    """What is answered in place of the real reply.

    A `body` of bytes or text is sent as it is, any other as JSON. None is none.
    """

    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict, hash=False)
    body: Any = field(default=None, hash=False)


@dataclass(frozen=True, slots=True)
class Violate:
    """The reply breaks this rule of `contract.RULES`, and no other.

    `pointer` is the JSON pointer of the violation; None is the first place where the reply can
    break the rule.
    """

    rule: str
    pointer: str | None = None


@dataclass(frozen=True, slots=True)
class Disconnect:
    """The connection breaks, at this point of the reply and in this way."""

    at: At = "before headers"
    by: By = "close"


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault. It strikes requests of `operation` (or to `path`; any, when both are None).

    A `*` in `path` stands for any characters. `delay_ms` of the clock pass before the answer, which
    is the usual one unless `reply` is given. The rest is done to whichever of the two is sent:
    `headers` change its headers, and None takes one away; `violate` changes its body; `truncate`
    ends the body after a share (below 1) or a number of bytes, and announces the length of what is
    sent; `content_length` announces a false one; `drip_ms` of the clock pass while the body comes
    byte by byte, until the last one; `disconnect` breaks the connection. `refuse`: while the window
    is open nobody can connect at all.

    `by_test`: a test gives the reply while a block of its code runs. What clients make of it is for
    the test to say, and no mistake by the timeline's lights.
    """

    operation: str | None = None
    path: str | None = None
    when: When = When()
    delay_ms: int = 0
    reply: Reply | None = None
    headers: Mapping[str, str | None] = field(default_factory=dict, hash=False)
    violate: Violate | None = None
    truncate: Fraction | int | None = None
    content_length: ContentLength | None = None
    drip_ms: int = 0
    disconnect: Disconnect | None = None
    refuse: bool = False
    by_test: bool = field(default=False, compare=False)

    def concerns(self, operation: str | None, path: str) -> bool:
        """Whether a request of this operation (None: of none), to this decoded path, matches.

        One slash at the end of a path is ignored, as it is for the operations.
        """
        if self.operation is not None:
            return self.operation == operation
        return self.path is None or _matches(self.path, _plain(path))


def _matches(pattern: str, path: str) -> bool:
    """Whether the path is the pattern's. A `*` as a character is written `%2A`."""
    first, *rest = [unquote(piece) for piece in pattern.split("*")]
    if not rest:
        return _plain(first) == path
    last = rest.pop().removesuffix("/")
    if not path.startswith(first):
        return False
    # The leftmost place of each piece leaves the most room for those after it.
    at = len(first)
    for piece in rest:
        found = path.find(piece, at)
        if found < 0:
            return False
        at = found + len(piece)
    return path.endswith(last) and len(path) - len(last) >= at


def _plain(path: str) -> str:
    return path.removesuffix("/") or "/"
