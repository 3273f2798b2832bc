"""The answer comes late."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

from mockserver.documents.fields import Field
from mockserver.documents.kinds import Kind
from mockserver.documents.node import Node
from mockserver.documents.text import duration
from mockserver.documents.units import DURATION, duration_text
from mockserver.faults.effect import Effect, read_as

LONGEST_MS = 24 * 3_600_000


def _read(node: Node) -> int:
    ms = DURATION.read(node)
    if ms > LONGEST_MS:
        raise node.error(f"{node.name} is longer than a day", "at most 24h")
    return ms


UP_TO_A_DAY = Kind(DURATION.expected, _read, DURATION.schema, DURATION.name)
"""Milliseconds."""


@dataclass(frozen=True, slots=True)
class Delay(Effect):
    """So much of the clock's time passes before the answer."""

    ms: int

    member = Field(
        read_as(UP_TO_A_DAY, lambda ms: Delay(ms)),
        "How much later the answer comes, a day at most.",
        key="delay",
    )
    hinders: ClassVar[bool] = True

    def words(self) -> Iterable[str]:
        yield f"answered {duration(self.ms)} late"

    def data(self) -> str:
        return duration_text(self.ms)

    def wait_ms(self) -> int:
        return self.ms
