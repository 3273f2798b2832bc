"""The answer comes late, or its body byte by byte."""

from __future__ import annotations

from dataclasses import dataclass

from mockserver.documents.fields import Field
from mockserver.documents.kinds import Kind
from mockserver.documents.node import Node
from mockserver.documents.text import duration
from mockserver.documents.units import DURATION, duration_text
from mockserver.faults.effect import Effect

LONGEST_MS = 24 * 3_600_000


def _read(node: Node) -> int:
    ms = DURATION.read(node)
    if ms > LONGEST_MS:
        raise node.error(f"{node.name} is longer than a day", "at most 24h")
    return ms


_UP_TO_A_DAY = Kind(DURATION.expected, _read, DURATION.schema, DURATION.name)
"""Milliseconds."""


@dataclass(frozen=True, slots=True)
class Delay(Effect):
    """So much of the clock's time passes before the answer."""

    ms: int

    member = Field(_UP_TO_A_DAY, "How much later the answer comes, a day at most.", key="delay")
    hinders = True

    def words(self) -> str:
        return f"answered {duration(self.ms)} late"

    def data(self) -> str:
        return duration_text(self.ms)

    def wait_ms(self) -> int:
        return self.ms


@dataclass(frozen=True, slots=True)
class Drip(Effect):
    """So much of the clock's time passes from the body's first byte to its last."""

    ms: int

    member = Field(
        _UP_TO_A_DAY, "In how long the body comes, byte by byte, a day at most.", key="drip"
    )
    changes_reply = True
    hinders = True

    def words(self) -> str:
        return f"the body comes byte by byte in {duration(self.ms)}"

    def data(self) -> str:
        return duration_text(self.ms)

    def drip_ms(self) -> int:
        return self.ms
