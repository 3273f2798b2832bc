"""The body ends early, or its announced length is not its own."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from typing import ClassVar, Literal, TypeAlias

from mockserver.documents.fields import Field
from mockserver.documents.kinds import BYTES, Kind, words
from mockserver.documents.node import Node
from mockserver.documents.text import counted
from mockserver.documents.units import PERCENTAGE, PERCENTAGES, read_share
from mockserver.faults.effect import Effect, Scope, with_body
from mockserver.http.message import Response

_LENGTHS = f"{PERCENTAGES}, or a number of bytes"
_Announced: TypeAlias = Literal["longer", "shorter"]
_ANNOUNCED: Kind[_Announced] = words("longer", "shorter")
_LONGER_BY = 100
"""Bytes that are announced beyond the body."""


def _read(node: Node) -> Fraction | int:
    if type(node.value) is int:
        return BYTES.read(node)
    share = read_share(node, _LENGTHS)
    if share == 1:
        raise node.error(f"{node.name} is the whole body", "less than 100%")
    return share


_LENGTH = Kind(
    _LENGTHS,
    _read,
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
