"""What the bodies of requests name: timelines, faults, settings."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from mockserver.errors import MockServerError, SourceError, UnknownName
from mockserver.faults.fault import Fault
from mockserver.server.config import BadSetting, ServerConfig
from mockserver.server.control.problem import Problem
from mockserver.timeline.find import find_named
from mockserver.timeline.model import Timeline
from mockserver.timeline.reader import fault_from, load, timeline_from

__all__ = ["changed", "fault", "unknown", "whole"]

_T = TypeVar("_T")

_INLINE = "inline"


def changed(config: ServerConfig, body: Mapping[str, Any]) -> ServerConfig:
    """The config with the settings that a body names. Raises Problem."""
    try:
        return config.changed(**_settings(body))
    except BadSetting as error:
        where = "/clock" if error.setting in ("speed", "step") else ""
        pointer = f"{where}/{error.setting}"
        raise Problem(422, str(error), pointer=pointer, expected=error.expected) from None


def _settings(body: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {
        key: body[key] for key in ("edition", "token", "cors", "with_download") if key in body
    }
    if "timeline" in body:
        document, name = body["timeline"], body.get("name", _INLINE)
        found["timeline"] = _read(lambda: timeline_from(document, name), "/timeline")
    elif "name" in body:
        found["timeline"] = _named(body["name"])
    if "clock" in body:
        clock = body["clock"]
        found["clock"], found["speed"] = clock["kind"], clock.get("speed")
        found["step"] = whole(clock["step"]) if "step" in clock else None
    return found


def fault(body: Mapping[str, Any], edition: str) -> Fault:
    """The fault that a body is. Raises Problem."""
    return _read(lambda: fault_from(body, edition), "")


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
