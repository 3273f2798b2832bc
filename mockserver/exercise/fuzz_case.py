"""A case for a client: the replies that it is given, and whether it ends as a good one does."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any, Literal, TypeAlias

from mockserver.api.replies import JSON_TYPE

ReplyKind: TypeAlias = Literal["valid", "surprising", "invalid", "no JSON", "HTTP"]
"""What is wrong with the reply: nothing, nothing that is usual, or something."""

ExpectedEnd: TypeAlias = Literal["result", "error", "either"]
"""How a good client ends: with a result, with an error that it declares, or both are right."""

FuzzFailureKind: TypeAlias = Literal["crash", "hang", "made-up success", "error on a valid reply"]


@dataclass(frozen=True, slots=True)
class FuzzReply:
    """A reply to an operation, whatever the job; `times` is to how many requests, None to all."""

    operation: str
    body: bytes
    status: int = 200
    content_type: str = JSON_TYPE
    times: int | None = None


@dataclass(frozen=True, slots=True)
class FuzzCase:
    """What a client is served. The first of the `replies` that fits a request is given.

    The first of all is the reply under test. `reasons` say what is wrong with it, and `sound` is
    its body without that, where there is such a one.
    """

    kind: ReplyKind
    expected: ExpectedEnd
    replies: tuple[FuzzReply, ...]
    reasons: tuple[str, ...] = ()
    sound: bytes | None = None

    @property
    def reply(self) -> FuzzReply:
        return self.replies[0]

    def follows(self, reply: FuzzReply) -> bool:
        """Whether this is what the operation says after the reply under test."""
        return reply is not self.reply and reply.operation == self.reply.operation

    def repaired(self) -> FuzzCase:
        """The same with the sound body, which there must be."""
        assert self.sound is not None
        first = replace(self.reply, body=self.sound)
        return FuzzCase("valid", "either", (first, *self.replies[1:]))


@dataclass(frozen=True, slots=True)
class ClientEnd:
    """How a call or a command ended. `value` is the result, and is compared.

    `words` are for people, `cause` tells crashes apart, `where` says where they were. `has_asked`:
    it asked for a documented operation. `has_heard_end`: after the reply under test it heard that
    the job is completed. `stderr` is the last that a command printed there.
    """

    kind: Literal["result", "error", "crash", "hang"]
    value: Any = None
    words: str = ""
    cause: str = ""
    where: str = ""
    has_asked: bool = True
    has_heard_end: bool = False
    stderr: str = ""


@dataclass(frozen=True, slots=True)
class FuzzFailure:
    """What a client did wrong, and how it ended; `detail` adds what makes it wrong."""

    kind: FuzzFailureKind
    end: ClientEnd
    detail: str = ""

    @property
    def signature(self) -> tuple[str, str]:
        """What stays the same while the reply is made smaller."""
        return self.kind, self.end.cause

    def __str__(self) -> str:
        words = f": {self.end.words}" if self.end.words else ""
        return f"{self.kind}{words}{self.detail and f', {self.detail}'}"


def failure_of(
    case: FuzzCase, end: ClientEnd, repaired: Callable[[], ClientEnd], *, strict: bool
) -> FuzzFailure | None:
    """What is wrong with the end, if anything is.

    A result is wrong for a reply that is, unless the client has asked again and heard better, or
    gives the same one for the reply without what is wrong: then it does not read that. `repaired`
    finds out, and is called only where it matters; never when `strict`.
    """
    if end.kind == "crash" or end.kind == "hang":
        return FuzzFailure(end.kind, end)
    if end.kind == "error":
        return FuzzFailure("error on a valid reply", end) if case.expected == "result" else None
    if not end.has_asked:
        return FuzzFailure("made-up success", end, "without asking for a documented operation")
    if case.expected != "error" or end.has_heard_end:
        return None
    if case.sound is not None and not strict:
        other = repaired()
        if other.kind == "result" and is_same(end.value, other.value):
            return None
    return FuzzFailure("made-up success", end)


def is_same(result: Any, other: Any) -> bool:
    """Whether two results say the same; objects that do not compare themselves do so by members."""
    is_plain = "__eq__" not in {name for kind in type(result).__mro__[:-1] for name in vars(kind)}
    if type(result) is type(other) and is_plain and hasattr(result, "__dict__"):
        return is_same(vars(result), vars(other))
    with suppress(Exception):  # arrays of numbers, for one, have no single answer
        if result == other:
            return True
    if type(result) is not type(other):
        return False
    said = representation(result)
    return said is not None and said == representation(other)


def representation(value: object) -> str | None:
    """Its `repr`; None where that fails, as for an object that is only half made."""
    with suppress(Exception):
        return repr(value)
    return None
