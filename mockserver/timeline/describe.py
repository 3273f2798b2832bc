"""What is in a timeline, said in words."""

from __future__ import annotations

import json

from mockserver.documents.text import clipped, duration, plain
from mockserver.timeline.model import Overrides
from mockserver.timeline.playback import Playback

_SHOWN_EVENTS = 3
_SHOWN_VALUE = 40


def length(playback: Playback) -> str:
    """How long things go on changing: `25 s`, `at once`, `9 s, then until resume`."""
    lasts = playback.settles_ms - playback.epoch_ms
    known = duration(lasts) if lasts > 0 else ""
    awaited = waits_for(playback)
    if not awaited:
        return known or "at once"
    more = " …" if len(awaited) > _SHOWN_EVENTS else ""
    until = "until " + " or ".join(awaited[:_SHOWN_EVENTS]) + more
    return f"{known}, then {until}" if known else f"for ever {until}"


def waits_for(playback: Playback) -> tuple[str, ...]:
    """The events without which the jobs stay as they are in the end."""
    awaited = (schedule.awaits for schedule in playback.schedules.values())
    return tuple(dict.fromkeys(name for name in awaited if name is not None))


def overrides_in_words(overrides: Overrides) -> str:
    """`reports status "queued", leaves out model`; empty when nothing differs."""
    parts = []
    if overrides.values:
        told = {
            name: clipped(json.dumps(value, ensure_ascii=False), _SHOWN_VALUE)
            for name, value in overrides.values.items()
        }
        given = (f"{name} {value}" for name, value in told.items())
        parts.append("reports " + ", ".join(given))
    if omitted := overrides.without | overrides.without_in_list:
        parts.append("leaves out " + ", ".join(sorted(omitted)))
    if overrides.off_contract:
        parts.append("breaks the contract on purpose")
    return plain("; ".join(parts))
