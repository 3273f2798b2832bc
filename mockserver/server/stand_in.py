"""A reply that stands in for those of the operations while a block of a test runs."""

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from mockserver.api import operations
from mockserver.api.replies import JSON_TYPE, written
from mockserver.errors import NotJson, UnknownName
from mockserver.faults.fault import Fault
from mockserver.faults.reply import Reply
from mockserver.faults.when import When
from mockserver.server.active_faults import ActiveFault
from mockserver.server.session import Session

_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_VALUE = re.compile(r"[\t\x20-\x7e\x80-\xff]*")


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class StandIn:
    """A reply in place of others; `answered` is how many requests have got it."""

    _faults: tuple[ActiveFault, ...]

    @property
    def answered(self) -> int:
        return sum(fault.strikes for fault in self._faults)

    def __repr__(self) -> str:
        return f"<StandIn, answered {self.answered:,}>"


def encoded(payload: Any, operation: str) -> bytes:
    """JSON as the operation's own reply has it; what UTF-8 has no form for is escaped. NotJson."""
    described = operations.find(operation)
    pretty = described is not None and described.layout == "pretty"
    if hasattr(payload, "payload"):
        raise NotJson("the payload", f"{type(payload).__name__} is none: give its .payload")
    try:
        json.dumps(payload, allow_nan=False)
        return written(payload, pretty=pretty).encode(errors="backslashreplace")
    except (TypeError, ValueError, RecursionError) as error:
        raise NotJson("the payload", str(error)) from None


@contextmanager
def stand_in(
    session: Session, replies: Mapping[str, Reply], times: int | None = None
) -> Iterator[StandIn]:
    """Answer each operation by its reply, `times` or always, before any fault; at the end no more.

    Raises UnknownName for an operation that is not answered, ValueError, TypeError, TooMany.
    """
    if times is not None and (type(times) is not int or times < 1):
        raise ValueError(f"times is {times!r}: expected a whole number from 1 up, or None")
    for operation in replies:
        if not isinstance(operation, str):
            raise TypeError(f"operation is {operation!r}: expected an id such as 'job_status'")
        if operation not in session.operations:
            known = tuple(session.operations)
            raise UnknownName("operation", operation, known, f"edition {session.edition}")
    added: list[ActiveFault] = []
    try:
        for operation, reply in replies.items():
            override = Fault((reply,), operation, when=When(last=times), by_test=True)
            added.append(session.faults.add(override, first=True))
        yield StandIn(tuple(added))
    finally:
        for fault in added:
            if fault in session.faults:  # after a reset the same number is another's
                session.faults.remove(fault.id)


def json_reply(body: bytes, status: int, headers: Mapping[str, str] | None) -> Reply:
    """The bytes, as JSON unless the headers say otherwise; TypeError or ValueError."""
    if not isinstance(body, bytes):
        hint = ": give its .body" if hasattr(body, "body") else ""
        raise TypeError(f"a body is bytes, not {type(body).__name__}{hint}")
    if type(status) is not int or not 100 <= status <= 999:
        raise ValueError(f"status is {status!r}: expected a number from 100 to 999")
    for name, value in (headers or {}).items():
        if not isinstance(name, str) or not _NAME.fullmatch(name):
            raise ValueError(f"{name!r} is no name of a header, such as Retry-After")
        if not isinstance(value, str) or not _VALUE.fullmatch(value):
            problem = f"{value!r} is no value of the header {name}"
            raise ValueError(f"{problem}: expected text in Latin-1")
    return Reply(status, {"Content-Type": JSON_TYPE, **(headers or {})}, body)
