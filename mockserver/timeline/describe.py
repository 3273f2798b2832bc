"""What is in a timeline, said in words: sizes, durations, faults, reports."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from fractions import Fraction
from http import HTTPStatus

from mockserver.documents.text import cells, clipped, duration, plain, size, wrapped
from mockserver.timeline.fault import At, Fault, Reply, When
from mockserver.timeline.model import Overrides
from mockserver.timeline.playback import Playback

__all__ = [
    "cells",
    "clipped",
    "duration",
    "fault_in_words",
    "length",
    "overrides_in_words",
    "plain",
    "size",
    "struck_in_words",
    "waits_for",
    "wrapped",
]

_PLACES: dict[At, str] = {
    "before headers": "before the reply",
    "in headers": "in the middle of the headers",
    "after headers": "after the headers",
    "in body": "in the middle of the body",
}
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


def fault_in_words(fault: Fault) -> str:
    """`3rd job_status request: 503 Service Unavailable, Retry-After: 2`."""
    if fault.refuse:
        return f"connections are refused{_window(fault.when)}"
    what = "request"
    if fault.operation is not None:
        what = f"{fault.operation} request"
    elif fault.path is not None:
        what = f"request to {fault.path}"
    struck = _which(fault.when, what) + _window(fault.when) + _chance(fault.when)
    return plain(f"{struck}: {', '.join(_actions(fault))}")


def struck_in_words(fault: Fault) -> str:
    """What a fault does, without to which requests: `503 Service Unavailable, Retry-After: 2`."""
    if fault.by_test:
        return "a reply that the test made up"
    return "connections are refused" if fault.refuse else plain(", ".join(_actions(fault)))


def overrides_in_words(report: Overrides) -> str:
    """`reports status "queued", leaves out model`; empty when nothing differs."""
    parts = []
    if report.values:
        given = (f"{name} {_value(value)}" for name, value in report.values.items())
        parts.append("reports " + ", ".join(given))
    if omitted := report.without | report.without_in_list:
        parts.append("leaves out " + ", ".join(sorted(omitted)))
    if report.off_contract:
        parts.append("breaks the contract on purpose")
    return plain("; ".join(parts))


def _which(when: When, what: str) -> str:
    first, last = when.first, when.last
    if last == first:
        return f"{_ordinal(first)} {what}"
    if last is not None:
        return f"{_ordinal(first)} to {_ordinal(last)} {what}"
    return f"every {what}" if first == 1 else f"every {what} from the {_ordinal(first)} on"


def _window(when: When) -> str:
    if when.lasts_ms is None:
        return f", from {duration(when.after_ms)} on" if when.after_ms else ""
    ends = duration(when.after_ms + when.lasts_ms)
    return f", from {duration(when.after_ms)} to {ends}" if when.after_ms else f", until {ends}"


def _chance(when: When) -> str:
    if when.probability >= 1:
        return ""
    return f", with a chance of {100 * when.probability:g} %"


def _actions(fault: Fault) -> Iterable[str]:
    if fault.reply is not None:
        status = fault.reply.status
        names = {one.value: one.phrase for one in HTTPStatus}
        yield f"{status} {names.get(status, '')}".strip() + _odd_body(fault.reply)
        yield from (f"{name}: {value}" for name, value in fault.reply.headers.items())
        if isinstance(fault.reply.body, bytes):
            yield f"{_bytes(len(fault.reply.body))} of one's own"
    if fault.delay_ms:
        yield f"answered {duration(fault.delay_ms)} late"
    for name, value in fault.headers.items():
        yield f"without {name}" if value is None else f"with {name}: {value}"
    yield from _body_actions(fault)
    if fault.disconnect is not None:
        verb = "closes" if fault.disconnect.by == "close" else "is reset"
        yield f"the connection {verb} {_PLACES[fault.disconnect.at]}"


def _odd_body(reply: Reply) -> str:
    """What stands in a reply that looks like success."""
    if not 200 <= reply.status < 300 or reply.body is None or isinstance(reply.body, bytes):
        return ""
    has_error = isinstance(reply.body, Mapping) and reply.body.get("error") is not None
    return " with an error" if has_error else " with another body"


def _body_actions(fault: Fault) -> Iterable[str]:
    if fault.violate is not None:
        place = fault.violate.pointer
        where = "" if place is None else f" at {place or 'the whole'}"
        yield f"the body breaks the rule {fault.violate.rule!r}{where}"
    if isinstance(fault.truncate, Fraction):
        yield f"the body ends after {100 * float(fault.truncate):g} %"
    elif fault.truncate is not None:
        yield f"the body ends after {_bytes(fault.truncate)}"
    if fault.content_length is not None:
        yield f"announces a {fault.content_length} body than it sends"
    if fault.drip_ms:
        yield f"the body comes byte by byte in {duration(fault.drip_ms)}"


def _bytes(number: int) -> str:
    return f"{number:,} byte{'' if number == 1 else 's'}"


def _ordinal(number: int) -> str:
    teen = number // 10 % 10 == 1
    ending = "th" if teen else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number:,}{ending}"


def _value(value: object) -> str:
    return clipped(json.dumps(value, ensure_ascii=False), _SHOWN_VALUE)
