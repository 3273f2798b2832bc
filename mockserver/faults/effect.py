"""What all kinds of faults have in common: a class for each, with everything about its kind."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Literal, TypeAlias

from mockserver.documents.fields import Field
from mockserver.documents.kinds import Kind, MemberRule
from mockserver.http.message import Body, Response

At: TypeAlias = Literal["before headers", "in headers", "after headers", "in body"]
"""How far a reply comes: not a byte, half of its headers, all of them, half of its body too."""

By: TypeAlias = Literal["close", "reset"]
"""How a connection ends: in order, as at the end of a reply (FIN), or at once (RST)."""


@dataclass(frozen=True, slots=True)
class Break:
    """Where in the reply the connection breaks, and in which way: for an effect to derive from."""

    at: At = "before headers"
    by: By = "close"


@dataclass(frozen=True, slots=True)
class Scope:
    """The operation whose reply it is, None for no documented one, and the edition it keeps to."""

    operation: str | None
    edition: str


class Effect:
    """One kind of thing that goes wrong; a fault has one effect or several, of different kinds.

    A kind is a frozen dataclass derived from this one, and a line of `reader.KINDS`. It says how it
    is written in a file, how it is told in words, and, by what it overrides below, what becomes of
    a request. The server carries that out, whatever the kind.
    """

    __slots__ = ()

    member: ClassVar[Field[Any]]
    """Its member of a fault: key, description, and how a value is written and read."""

    definitions: ClassVar[tuple[Kind[Any], ...]] = ()
    """Kinds of values within its own that the JSON Schema refers to by name."""

    excludes: ClassVar[Mapping[str, str]] = {}
    """Members that it cannot stand beside, whatever their values, each with the reason."""

    changes_reply: ClassVar[bool] = False
    """Whether it is about the reply, so that one has to be sent."""

    hinders: ClassVar[bool] = False
    """Whether the client may not get the whole reply, or not in time."""

    refuses: ClassVar[bool] = False
    """Whether nobody can connect while the fault's window is open."""

    wait_ms: int = 0
    """How much of the clock's time passes before the answer."""

    drip_ms: int = 0
    """How much of the clock's time passes while the body comes byte by byte."""

    @classmethod
    def rules(cls, kinds: Iterable[type[Effect]]) -> Iterable[MemberRule]:
        """What else its member cannot stand beside, or without; `kinds` are all there are."""
        return ()

    @classmethod
    def of(cls, value: Any, scope: Scope) -> Effect | None:
        """The effect that the member's value stands for; None where it has none.

        Raises TimelineError for a value that does not fit the fault's operation.
        """
        make: Callable[[Any], Effect] = cls
        return make(value)

    def words(self) -> str:
        """What it does, as a part of a sentence."""
        raise NotImplementedError

    def data(self) -> Any:
        """The value of its member, as a file has it."""
        raise NotImplementedError

    def answer(self) -> Response | None:
        """What is answered in place of the operation's own reply."""
        return None

    def change(self, response: Response, scope: Scope) -> Response | None:
        """The reply as it goes out; None where it has nothing for this effect to strike."""
        return response


def with_body(response: Response, body: bytes) -> Response:
    """The reply with this body, whose length it announces."""
    headers = response.headers.replaced("Content-Length", str(len(body)))
    return Response(response.status, headers, Body(body, len(body)))
