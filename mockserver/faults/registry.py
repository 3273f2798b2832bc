"""The kinds of faults, in the order in which a fault is told and its effects are carried out."""

from __future__ import annotations

from mockserver.faults.content_length import ContentLength
from mockserver.faults.delay import Delay
from mockserver.faults.disconnect import Disconnect
from mockserver.faults.drip import Drip
from mockserver.faults.effect import Effect
from mockserver.faults.headers import HeaderChanges
from mockserver.faults.refuse import Refuse
from mockserver.faults.reply import Reply
from mockserver.faults.truncate import Truncate
from mockserver.faults.violate import Violate

__all__ = ["KINDS"]

KINDS: tuple[type[Effect], ...] = (
    Reply,
    Delay,
    HeaderChanges,
    Violate,
    Truncate,
    ContentLength,
    Drip,
    Disconnect,
    Refuse,
)
