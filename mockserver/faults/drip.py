"""The body comes byte by byte."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

from mockserver.documents.fields import Field
from mockserver.documents.text import duration
from mockserver.documents.units import duration_text
from mockserver.faults.delay import UP_TO_A_DAY
from mockserver.faults.effect import Effect, read_as


@dataclass(frozen=True, slots=True)
class Drip(Effect):
    """So much of the clock's time passes from the body's first byte to its last."""

    ms: int

    member = Field(
        read_as(UP_TO_A_DAY, lambda ms: Drip(ms)),
        "In how long the body comes, byte by byte, a day at most.",
        key="drip",
    )
    changes_reply: ClassVar[bool] = True
    hinders: ClassVar[bool] = True

    def words(self) -> Iterable[str]:
        yield f"the body comes byte by byte in {duration(self.ms)}"

    def data(self) -> str:
        return duration_text(self.ms)

    def drip_ms(self) -> int:
        return self.ms
