"""Headers of the reply are set, or taken away."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from mockserver.documents.fields import Field
from mockserver.documents.kinds import Kind, Schema
from mockserver.documents.node import Node
from mockserver.faults.effect import Effect, Scope
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
