"""The body ends early, and its length is that of what is sent."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import ClassVar

from mockserver.documents.fields import Field
from mockserver.documents.kinds import BYTES, Kind
from mockserver.documents.node import Node
from mockserver.documents.text import counted
from mockserver.documents.units import PERCENTAGE, PERCENTAGES, read_share
from mockserver.faults.effect import Effect, Scope, read_as, with_body
from mockserver.http.message import Response


def _read(node: Node) -> Fraction | int:
    if type(node.value) is int:
        return BYTES.read(node)
    share = read_share(node, f"{PERCENTAGES}, or a number of bytes")
    if share == 1:
        raise node.error(f"{node.name} is the whole body", "less than 100%")
    return share


_LENGTH = Kind(
    f"{PERCENTAGES}, or a number of bytes",
    _read,
    {"anyOf": [{**PERCENTAGE.reference, "not": {"pattern": "^0*100"}}, BYTES.reference]},
)


@dataclass(frozen=True, slots=True)
class Truncate(Effect):
    """The body ends after a share of it, below 1, or after a number of bytes."""

    after: Fraction | int

    member = Field(
        read_as(_LENGTH, lambda length: Truncate(length)),
        "Where the body ends: after a share of it, or a number of bytes.",
        key="truncate",
        examples=["40%", 100],
    )
    excludes: ClassVar[Mapping[str, str]] = {"violate": "half a body breaks more than one rule"}
    changes_reply: ClassVar[bool] = True
    hinders: ClassVar[bool] = True

    def words(self) -> Iterable[str]:
        is_share = isinstance(self.after, Fraction)
        shown = f"{100 * float(self.after):g} %" if is_share else counted(int(self.after), "byte")
        yield f"the body ends after {shown}"

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
