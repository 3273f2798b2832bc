"""Nobody can connect, the answer comes late or byte by byte, or the connection breaks."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Self, get_args

from mockserver.documents.fields import Field, Members
from mockserver.documents.kinds import FLAG, ExcludesWhen, Kind, words
from mockserver.documents.node import Node
from mockserver.documents.text import duration
from mockserver.documents.units import DURATION, duration_text
from mockserver.faults.effect import At, Break, By, Effect, Scope

LONGEST_MS = 24 * 3_600_000


def _read_time(node: Node) -> int:
    ms = DURATION.read(node)
    if ms > LONGEST_MS:
        raise node.error(f"{node.name} is longer than a day", "at most 24h")
    return ms


_UP_TO_A_DAY = Kind(DURATION.expected, _read_time, DURATION.schema, DURATION.name)
"""Milliseconds."""


@dataclass(frozen=True, slots=True)
class Delay(Effect):
    """So much of the clock's time passes before the answer."""

    wait_ms: int

    member = Field(_UP_TO_A_DAY, "How much later the answer comes, a day at most.", key="delay")
    hinders = True

    def words(self) -> str:
        return f"answered {duration(self.wait_ms)} late"

    def data(self) -> str:
        return duration_text(self.wait_ms)


@dataclass(frozen=True, slots=True)
class Drip(Effect):
    """So much of the clock's time passes from the body's first byte to its last."""

    drip_ms: int

    member = Field(
        _UP_TO_A_DAY, "In how long the body comes, byte by byte, a day at most.", key="drip"
    )
    changes_reply = True
    hinders = True

    def words(self) -> str:
        return f"the body comes byte by byte in {duration(self.drip_ms)}"

    def data(self) -> str:
        return duration_text(self.drip_ms)


_BEFORE_HEADERS: At = "before headers"
_OLD_WORDS: dict[str, At] = {"before reply": _BEFORE_HEADERS, "during reply": "in body"}
_IN_WORDS: dict[At, str] = {
    "before headers": "before the reply",
    "in headers": "in the middle of the headers",
    "after headers": "after the headers",
    "in body": "in the middle of the body",
}
_AT: Kind[At] = words(*get_args(At), old=_OLD_WORDS)
_PLACE = Kind(
    _AT.expected,
    _AT.read,
    {
        "description": "Before a single byte, half-way through the headers, after them, or "
        "half-way through the body.",
        **_AT.schema,
    },
    "break_place",
)


class DisconnectMembers(Members):
    """A place in the reply, or a place and a way."""

    at = Field(_PLACE, "Where in the reply the connection breaks.", default=_BEFORE_HEADERS)
    by: Field[By] = Field(
        words(*get_args(By)), "How it ends: in order, or at once, with a reset.", default="close"
    )
    LEAST = 1


_DISCONNECT = DisconnectMembers.or_first(
    "a place in the reply, or `at` and `by`",
    "disconnect",
    "A place in the reply, or a place and a way.",
    ["in body", {"at": "in body", "by": "reset"}],
)


def _sends_nothing(node: Node) -> bool:
    at = node.value.get("at", _BEFORE_HEADERS) if isinstance(node.value, dict) else node.value
    return at == _BEFORE_HEADERS and node.value != {}


@dataclass(frozen=True, slots=True)
class Disconnect(Break, Effect):
    """The connection breaks, at this point of the reply and in this way."""

    member = Field(
        _DISCONNECT, "Where in the reply the connection breaks, and how.", key="disconnect"
    )
    definitions = (_PLACE,)
    hinders = True

    @classmethod
    def rules(cls, kinds: Iterable[type[Effect]]) -> Iterable[ExcludesWhen]:
        at = {"type": "object", "properties": {"at": {"const": _BEFORE_HEADERS}}}
        yield ExcludesWhen(
            "disconnect",
            _sends_nothing,
            {"anyOf": [{"const": _BEFORE_HEADERS}, at]},
            tuple(kind.member.key for kind in kinds if kind.changes_reply),
            problem="{} beside a disconnect before headers: no reply is sent",
            expected="a later disconnect, or none",
        )

    @classmethod
    def of(cls, value: tuple[At, By], scope: Scope) -> Self:
        return cls(*value)

    def words(self) -> str:
        verb = "closes" if self.by == "close" else "is reset"
        return f"the connection {verb} {_IN_WORDS[self.at]}"

    def data(self) -> str | dict[str, str]:
        return self.at if self.by == "close" else {"at": self.at, "by": self.by}


@dataclass(frozen=True, slots=True)
class Refuse(Effect):
    """Nobody can connect at all while the fault's window is open."""

    member = Field(
        FLAG, "true: nobody can connect at all while the window of `when` is open.", key="refuse"
    )
    refuses = True

    @classmethod
    def rules(cls, kinds: Iterable[type[Effect]]) -> Iterable[ExcludesWhen]:
        effects = [kind.member.key for kind in kinds if kind is not cls]
        is_set: dict[str, Any] = {"holds": lambda node: node.value is True}
        is_set["schema"] = {"const": True}
        yield ExcludesWhen(
            "refuse",
            **is_set,
            others=("operation", "path", *effects),
            problem="{} beside refuse: who cannot connect asks for nothing",
            expected="when: {after: …, for: …} alone",
        )
        yield ExcludesWhen(
            "refuse",
            **is_set,
            others=("request", "probability", "seed"),
            problem="`{}` beside refuse: who cannot connect makes no request",
            expected="after and for",
            inside="when",
        )

    @classmethod
    def of(cls, value: bool, scope: Scope) -> Self | None:
        return cls() if value else None

    def words(self) -> str:
        return "connections are refused"

    def data(self) -> bool:
        return True
