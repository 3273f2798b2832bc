"""The reply's headers are set, its body ends early, or another length of it is announced."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from fractions import Fraction
from typing import ClassVar, Literal, TypeAlias

from mockserver.documents.fields import Field
from mockserver.documents.kinds import BYTES, Kind, Schema, words
from mockserver.documents.node import Node
from mockserver.documents.text import counted
from mockserver.documents.units import PERCENTAGE, PERCENTAGES, read_share
from mockserver.faults.effect import Effect, Scope, with_body
from mockserver.http.message import Response

_EXPECTED = 'headers and their values, such as {Retry-After: "2"}'
NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
# What these say of the connection and of the body's length is what the server does.
_OWN = ("connection", "content-length", "transfer-encoding")


def _named(node: Node) -> Iterator[tuple[str, Node]]:
    """The headers by name; whether each name can be one is checked, its value is not yet."""
    if not isinstance(node.value, dict):
        raise node.wrong(_EXPECTED)
    for name, member in node.children.items():
        if not NAME.fullmatch(name):
            raise member.error(f"{name!r} is no name of a header", "such as Retry-After", key=True)
        if name.lower() in _OWN:
            raise member.error(f"{name} is the server's own to set", "another header", key=True)
        yield name, member


def _value(node: Node) -> str:
    text = node.text('text in quotes, such as "2"')
    if not text.isprintable() or not text.isascii():
        raise node.wrong("printable ASCII text")
    return text


def _in_any_case(name: str) -> str:
    return "".join(f"[{ch.upper()}{ch}]" if ch.isalpha() else ch for ch in name)


HEADER_NAME = Kind(
    "a header's name",
    Node.text,
    {
        "description": "A header's name; three are the server's own to set.",
        "pattern": f"^{NAME.pattern}$",
        "not": {"pattern": f"^(?:{'|'.join(map(_in_any_case, _OWN))})$"},
    },
    "header_name",
)


_SCHEMA: Schema = {
    "type": "object",
    "propertyNames": HEADER_NAME.reference,
    "additionalProperties": {"type": "string", "pattern": "^[ -~]*$"},
}
HEADERS: Kind[dict[str, str]] = Kind(
    _EXPECTED, lambda node: {name: _value(member) for name, member in _named(node)}, _SCHEMA
)


def _read_changes(node: Node) -> dict[str, str | None]:
    headers = {
        name: None if member.value is None else _value(member) for name, member in _named(node)
    }
    if not headers:
        raise node.error(f"{node.name} says nothing", "at least one header")
    return headers


_CHANGES = Kind(
    "headers and their values, which are text, or null",
    _read_changes,
    {
        "description": "Headers and their values, which are text, or null.",
        **_SCHEMA,
        "minProperties": 1,
        "additionalProperties": {"type": ["string", "null"], "pattern": "^[ -~]*$"},
        "examples": [{"Content-Type": "text/html", "X-Old": None}],
    },
    "changed_headers",
)


@dataclass(frozen=True, slots=True)
class HeaderChanges(Effect):
    """Headers by name, with the values that they get; None takes a header away."""

    values: Mapping[str, str | None] = field(hash=False)

    member = Field(
        _CHANGES, "Headers to set in whatever reply is sent; null takes one away.", key="headers"
    )
    definitions = (HEADER_NAME,)
    changes_reply = True

    def words(self) -> str:
        return ", ".join(
            f"without {name}" if value is None else f"with {name}: {value}"
            for name, value in self.values.items()
        )

    def data(self) -> dict[str, str | None]:
        return dict(self.values)

    def change(self, response: Response, scope: Scope) -> Response:
        headers = response.headers
        for name, value in self.values.items():
            headers = headers.replaced(name, value)
        return replace(response, headers=headers)


_LENGTHS = f"{PERCENTAGES}, or a number of bytes"
_Announced: TypeAlias = Literal["longer", "shorter"]
_ANNOUNCED: Kind[_Announced] = words("longer", "shorter")
_LONGER_BY = 100
"""Bytes that are announced beyond the body."""


def _read_length(node: Node) -> Fraction | int:
    if type(node.value) is int:
        return BYTES.read(node)
    share = read_share(node, _LENGTHS)
    if share == 1:
        raise node.error(f"{node.name} is the whole body", "less than 100%")
    return share


_LENGTH = Kind(
    _LENGTHS,
    _read_length,
    {"anyOf": [{**PERCENTAGE.reference, "not": {"pattern": "^0*100"}}, BYTES.reference]},
)


@dataclass(frozen=True, slots=True)
class Truncate(Effect):
    """The body ends after a share of it, below 1, or after a number of bytes; so it says itself."""

    after: Fraction | int

    member = Field(
        _LENGTH,
        "Where the body ends: after a share of it, or a number of bytes.",
        key="truncate",
        examples=["40%", 100],
    )
    excludes: ClassVar = {"violate": "half a body breaks more than one rule"}
    changes_reply = True
    hinders = True

    def words(self) -> str:
        if isinstance(self.after, int):
            return f"the body ends after {counted(self.after, 'byte')}"
        return f"the body ends after {100 * float(self.after):g} %"

    def data(self) -> str | int:
        if isinstance(self.after, int):
            return self.after
        percent = Decimal(100 * self.after.numerator) / Decimal(self.after.denominator)
        return f"{percent:f}%"

    def change(self, response: Response, scope: Scope) -> Response:
        body, after = response.body.start, self.after
        return with_body(
            response, body[: after if isinstance(after, int) else int(len(body) * after)]
        )


@dataclass(frozen=True, slots=True)
class ContentLength(Effect):
    """A longer or a shorter body is announced than is sent."""

    announces: _Announced

    member = Field(
        _ANNOUNCED,
        "What the Content-Length announces: a longer or a shorter body than is sent.",
        key="content_length",
    )
    excludes: ClassVar = {"truncate": "one length is announced"}
    changes_reply = True
    hinders = True

    def words(self) -> str:
        return f"announces a {self.announces} body than it sends"

    def data(self) -> str:
        return self.announces

    def change(self, response: Response, scope: Scope) -> Response:
        size = response.body.size
        length = size + _LONGER_BY if self.announces == "longer" else size // 2
        headers = response.headers.replaced("Content-Length", str(length))
        return replace(response, headers=headers)
