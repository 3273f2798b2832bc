"""A reply that stands in for those of the operations while a block of a test runs."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from mockserver.errors import NotJson, UnknownName
from mockserver.server.armed import ArmedFault
from mockserver.server.replies import JSON_TYPE, written
from mockserver.server.session import Session
from mockserver.timeline.fault import Fault, Reply, When

__all__ = ["StandIn", "encoded", "json_reply", "stand_in"]

_PRETTY = ("download",)
"""Operations whose replies come over several lines (O)."""


class StandIn:
    """A reply in place of others; `answered` is how many requests have got it."""

    __slots__ = ("_armed",)

    def __init__(self, armed: tuple[ArmedFault, ...]) -> None:
        self._armed = armed

    @property
    def answered(self) -> int:
        return sum(one.strikes for one in self._armed)

    def __repr__(self) -> str:
        return f"<StandIn, answered {self.answered:,}>"


def encoded(payload: Any, operation: str) -> bytes:
    """JSON as the operation's own reply would be written, in UTF-8.

    Half a surrogate pair, which UTF-8 has no form for, is escaped. Raises NotJson.
    """
    pretty = operation in _PRETTY
    try:
        json.dumps(payload, allow_nan=False)
        text = written(payload, pretty=pretty)
    except (TypeError, ValueError, RecursionError) as error:
        raise NotJson("the payload", str(error)) from None
    try:
        return text.encode()
    except UnicodeEncodeError:
        compact = None if pretty else (",", ":")
        return json.dumps(payload, indent=2 if pretty else None, separators=compact).encode()


@contextmanager
def stand_in(
    session: Session, replies: Mapping[str, Reply], times: int | None = None
) -> Iterator[StandIn]:
    """Answer each operation by its reply, before any fault that is in force; at the end no more.

    `times` is how many requests of an operation get it; all unless given. What the timeline and
    its faults do goes on below. Raises UnknownName for an operation that is not answered, TooMany.
    """
    known = session.settings.operations
    for operation in replies:
        if operation not in known:
            raise UnknownName("operation", operation, tuple(known), f"edition {session.edition}")
    armed: list[ArmedFault] = []
    try:
        for operation, reply in replies.items():
            when = When(last=times)
            fault = Fault(operation=operation, when=when, reply=reply, by_test=True)
            armed.append(session.arm(fault, first=True))
        yield StandIn(tuple(armed))
    finally:
        for one in armed:
            if one in session.faults:  # after a reset the same number is another's
                session.disarm(one.id)


def json_reply(body: bytes, status: int, headers: Mapping[str, str] | None) -> Reply:
    """The bytes as JSON, unless the headers say otherwise."""
    return Reply(status, {"Content-Type": JSON_TYPE, **(headers or {})}, body)
