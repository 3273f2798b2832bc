"""What the bodies of requests name: timelines, faults, settings."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any, TypeVar, cast

from mockserver.documents.source import Source
from mockserver.errors import MockServerError, SourceError, UnknownName
from mockserver.faults.fault import Fault
from mockserver.server.control.problem import Problem
from mockserver.server.settings import Changes
from mockserver.timeline.find import find_named
from mockserver.timeline.model import Timeline
from mockserver.timeline.reader import load, load_fault

__all__ = ["changes", "fault", "unknown", "whole"]

_T = TypeVar("_T")

_INLINE = "inline"
_RAW = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")


def changes(body: Mapping[str, Any]) -> Changes:
    """The settings that a body names. Raises Problem."""
    found: dict[str, Any] = {
        key: body[key] for key in ("edition", "token", "cors", "with_download") if key in body
    }
    if "timeline" in body:
        source = _source(body["timeline"], body.get("name", _INLINE))
        found["timeline"] = _read(lambda: load(source), "/timeline")
    elif "name" in body:
        found["timeline"] = _named(body["name"])
    if "clock" in body:
        clock = body["clock"]
        found["clock"] = clock["kind"]
        for setting, kind in (("speed", "wall"), ("step", "poll")):
            if setting not in clock:
                continue
            if clock["kind"] != kind:
                message = f"a {clock['kind']} clock has no {setting}"
                expected = f"a {kind} clock, or no {setting}"
                raise Problem(422, message, pointer=f"/clock/{setting}", expected=expected)
            found[setting] = whole(clock[setting]) if setting == "step" else clock[setting]
    return cast(Changes, found)


def fault(body: Mapping[str, Any], edition: str) -> Fault:
    """The fault that a body is. Raises Problem."""
    source = _source(body)
    return _read(lambda: load_fault(source, edition), "")


def whole(number: Any) -> Any:
    """What JSON Schema takes for an integer, such as 5.0, as one; text stays text."""
    return int(number) if isinstance(number, float) else number


def unknown(error: UnknownName, status: int, pointer: str | None = None) -> Problem:
    """The refusal of a name, with those that would have been right."""
    where = f" in {error.where}" if error.where else ""
    expected = ", ".join(error.known[:20]) + (" …" if error.known[20:] else "")
    return Problem(
        status,
        f"unknown {error.kind} {error.name!r}{where}",
        pointer=pointer,
        expected=f"one of {expected}" if expected else f"none: there is no {error.kind}",
        suggestion=error.suggestion,
    )


def _named(name: str) -> Timeline:
    try:
        return load(find_named(name))
    except UnknownName as error:
        raise unknown(error, 404, "/name") from None
    except SourceError as error:  # a file of the user's own that is none
        raise Problem(422, error.summary, pointer="/name") from None
    except MockServerError as error:
        raise Problem(422, str(error), pointer="/name") from None


def _source(data: Any, name: str = _INLINE) -> Source:
    """JSON as text, which is YAML too but for characters that YAML wants escaped."""
    text = json.dumps(data, ensure_ascii=False)
    return Source(name, _RAW.sub(lambda raw: rf"\u{ord(raw[0]):04x}", text))


def _read(read_it: Callable[[], _T], pointer: str) -> _T:
    try:
        return read_it()
    except SourceError as error:
        raise Problem(
            422,
            error.problem,
            pointer=pointer + getattr(error, "pointer", ""),
            expected=error.expected,
            suggestion=error.suggestion,
        ) from None
