"""What each request to the control API does."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, TypeVar, cast

import mockserver
from mockserver import contract, resources
from mockserver.errors import MockServerError, SourceError, UnknownName
from mockserver.server.control import facts
from mockserver.server.control.problem import Problem
from mockserver.server.control.routes import ROUTES, Asked, route
from mockserver.server.session import Session
from mockserver.server.sessions import DEFAULT_EXPIRY_S, OpenSession
from mockserver.server.settings import Changes
from mockserver.source import Source
from mockserver.timeline.load import find_named, load, load_fault
from mockserver.timeline.model import Timeline

__all__: list[str] = []

_T = TypeVar("_T")

_MOVES = ("advance", "advance_to", "run_until")
_INLINE = "inline"


@route("GET", "", "What there is to ask, and where.", reply="Index")
def index(asked: Asked) -> dict[str, Any]:
    shown = [one for one in ROUTES if not (one.at_root and asked.target.opened)]
    return {
        "version": mockserver.__version__,
        "session": _about(asked, asked.target.opened, asked.session),
        "endpoints": [
            {"method": one.method, "url": asked.base + one.url, "summary": one.summary}
            for one in shown
        ],
    }


@route("GET", "/health", "Whether the server is up.", reply="Health")
def health(asked: Asked) -> dict[str, Any]:
    return {
        "status": "ok",
        "version": mockserver.__version__,
        "sessions": len(asked.sessions.all()),
        "uptime_s": round(asked.uptime_s, 3),
    }


@route("GET", "/openapi.json", "This API, described by OpenAPI 3.1.")
def openapi(asked: Asked) -> dict[str, Any]:
    from mockserver.server.control.openapi import document

    return document(asked.base)


@route(
    "GET", "/state", "The session: timeline, clock, jobs, events awaited, faults.", reply="State"
)
def state(asked: Asked) -> dict[str, Any]:
    return facts.state(asked.session, _about(asked, asked.target.opened, asked.session))


@route("GET", "/clock", "What the clock shows.", reply="Clock")
def clock(asked: Asked) -> dict[str, Any]:
    return facts.clock(asked.session.clock)


@route(
    "POST",
    "/clock",
    "Move the clock, stop it, or change its speed.",
    body="ClockChange",
    reply="Clock",
    refusals=(409,),
)
def change_clock(asked: Asked) -> dict[str, Any]:
    body, clock = asked.body, asked.session.clock
    moves = [name for name in _MOVES if name in body]
    if len(moves) > 1:
        message = f"{' and '.join(moves)} are two moves"
        raise Problem(400, message, pointer=f"/{moves[1]}", expected="at most one of them")
    if moves:
        _move(asked, moves[0])
    if "speed" in body:
        clock.speed = body["speed"]
    if "paused" in body:
        (clock.pause if body["paused"] else clock.resume)()
    return facts.clock(clock)


def _move(asked: Asked, move: str) -> None:
    target = asked.body[move]
    try:
        if move == "advance":
            asked.session.clock.advance(target)
        elif move == "advance_to":
            asked.session.clock.advance_to(target)
        else:
            asked.session.run_until(asked.body.get("job_id"), target)
    except UnknownName as error:
        raise _unknown(error, 400, "/job_id") from None
    except (ValueError, MockServerError) as error:
        raise Problem(409, str(error), pointer=f"/{move}") from None


@route("GET", "/events", "The events so far, and those that can happen.", reply="Events")
def events(asked: Asked) -> dict[str, Any]:
    return facts.events(asked.session)


@route(
    "POST",
    "/events",
    "Let an event such as `resume` happen now.",
    body="NewEvent",
    reply="EventOutcome",
)
def fire(asked: Asked) -> dict[str, Any]:
    try:
        changed = asked.session.fire(asked.body["name"], asked.body.get("job_id"))
    except UnknownName as error:
        raise _unknown(error, 400, "/name" if error.kind == "event" else "/job_id") from None
    return {"changed": list(changed), "now": facts.instant(asked.session.now())}


@route("GET", "/timelines", "The timelines that have a name.", reply="Timelines")
def timelines(asked: Asked) -> dict[str, Any]:
    bundled, own = resources.timeline_files(), resources.own_timeline_files()
    names = sorted({**bundled, **own})
    return {"timelines": [{"name": name, "bundled": name not in own} for name in names]}


@route(
    "PUT",
    "/timeline",
    "Play a timeline, or the same one with other settings, from its beginning.",
    body="Play",
    reply="State",
    refusals=(404, 422),
)
def play(asked: Asked) -> dict[str, Any]:
    changes = _changes(asked.body)
    _begin_anew(asked.session, changes)
    return state(asked)


@route("POST", "/reset", "Play from the beginning, with an empty journal.", reply="State")
def reset(asked: Asked) -> dict[str, Any]:
    asked.session.begin_anew()
    return state(asked)


@route("GET", "/faults", "The faults in force.", reply="Faults")
def faults(asked: Asked) -> dict[str, Any]:
    return {"faults": [facts.fault(one) for one in asked.session.faults]}


@route(
    "POST",
    "/faults",
    "Put a fault in force. It counts requests and time from now on.",
    body="NewFault",
    reply="Fault",
    status=201,
    refusals=(422, 429),
)
def arm(asked: Asked) -> dict[str, Any]:
    source, edition = _source(asked.body), asked.session.edition
    armed = asked.session.arm(_read(lambda: load_fault(source, edition), ""))
    return facts.fault(armed)


@route("DELETE", "/faults", "Take every fault out of force.", reply="Removed")
def disarm_all(asked: Asked) -> dict[str, Any]:
    return {"removed": asked.session.disarm()}


@route("DELETE", "/faults/{id}", "Take one fault out of force.", reply="Removed", refusals=(404,))
def disarm(asked: Asked, id: str) -> dict[str, Any]:  # noqa: A002  # the parameter's name
    known = [str(one.id) for one in asked.session.faults]
    if id not in known or not asked.session.disarm(int(id)):
        raise _unknown(UnknownName("fault", id, known), 404)
    return {"removed": 1}


@route(
    "GET",
    "/journal",
    "The requests that have come, with their replies, oldest first.",
    reply="Journal",
    query={
        "after": {"type": "integer", "minimum": 0, "maximum": 2**53 - 1, "default": 0},
        "limit": {"type": "integer", "minimum": 1, "maximum": 1000, "default": 1000},
    },
)
def journal(asked: Asked) -> dict[str, Any]:
    kept = asked.session.journal
    entries = kept.entries(asked.query["after"], asked.query["limit"])
    return {
        "requests": kept.last,
        "dropped": kept.dropped,
        "entries": [facts.exchange(one) for one in entries],
    }


@route("DELETE", "/journal", "Empty the journal; numbers go on.", reply="Removed")
def clear_journal(asked: Asked) -> dict[str, Any]:
    return {"removed": asked.session.journal.clear()}


@route("GET", "/sessions", "The sessions that are open.", reply="Sessions", at_root=True)
def sessions(asked: Asked) -> dict[str, Any]:
    return {"sessions": [_about(asked, one, one.session) for one in asked.sessions.all()]}


@route(
    "POST",
    "/sessions",
    "Open a session: a base URL of its own, which nothing else touches.",
    body="NewSession",
    body_is_optional=True,
    reply="Session",
    status=201,
    refusals=(404, 422, 429),
    at_root=True,
)
def open_session(asked: Asked) -> dict[str, Any]:
    body = dict(asked.body)
    expires_after_s = body.pop("expires_after_s", DEFAULT_EXPIRY_S)
    changes = _changes(body)
    try:
        settings = asked.sessions.own.settings.changed(changes)
    except ValueError as error:
        raise Problem(422, str(error), pointer="/clock") from None
    opened = asked.sessions.open(settings, expires_after_s=expires_after_s)
    return _about(asked, opened, opened.session)


@route("GET", "/sessions/{id}", "One session.", reply="Session", refusals=(404,), at_root=True)
def session(asked: Asked, id: str) -> dict[str, Any]:  # noqa: A002  # the parameter's name
    opened = asked.sessions.find(id)
    if opened is None:
        raise _unknown(UnknownName("session", id, ()), 404)
    return _about(asked, opened, opened.session)


@route("DELETE", "/sessions/{id}", "End a session.", reply="Removed", refusals=(404,), at_root=True)
def close_session(asked: Asked, id: str) -> dict[str, Any]:  # noqa: A002  # the parameter's name
    if not asked.sessions.close(id):
        raise _unknown(UnknownName("session", id, ()), 404)
    return {"removed": 1}


@route("GET", "/schemas", "The JSON Schemas of every edition.", reply="Schemas")
def schemas(asked: Asked) -> dict[str, Any]:
    return {
        "schemas": [
            {
                "edition": edition,
                "operation": operation.id,
                "part": part,
                "url": f"{asked.base}/_mock/schemas/{edition}/{operation.id}/{part}",
            }
            for edition in resources.edition_names()
            for operation in contract.edition(edition).operations.values()
            for part in operation.schemas
        ]
    }


@route(
    "GET",
    "/schemas/{edition}/{operation}/{part}",
    "One JSON Schema, such as that of `2025-10/job_status/response`.",
    refusals=(404,),
)
def schema(asked: Asked, edition: str, operation: str, part: str) -> dict[str, Any]:
    try:
        return contract.edition(edition).operation(operation).schema(part)
    except UnknownName as error:
        raise _unknown(error, 404) from None


def _about(asked: Asked, opened: OpenSession | None, one: Session) -> dict[str, Any]:
    base = asked.root + ("" if opened is None else opened.prefix)
    left_s = None if opened is None else asked.sessions.left_s(opened)
    return {
        "id": None if opened is None else opened.id,
        "url": base,
        "control": f"{base}/_mock",
        "timeline": one.timeline.name,
        "edition": one.edition,
        "expires_in_s": None if left_s is None else round(left_s, 3),
    }


def _changes(body: dict[str, Any] | Any) -> Changes:
    """The settings that a body names. Raises Problem."""
    changes: dict[str, Any] = {
        key: body[key] for key in ("edition", "token", "cors", "with_download") if key in body
    }
    if "timeline" in body:
        source = _source(body["timeline"], body.get("name", _INLINE))
        changes["timeline"] = _read(lambda: load(source), "/timeline")
    elif "name" in body:
        changes["timeline"] = _named(body["name"])
    if "clock" in body:
        given = body["clock"]
        changes["clock"] = given["kind"]
        for setting, kind in (("speed", "wall"), ("step", "poll")):
            if setting in given and given["kind"] != kind:
                message = f"a {given['kind']} clock has no {setting}"
                raise Problem(422, message, pointer=f"/clock/{setting}")
        changes.update({key: given[key] for key in ("speed", "step") if key in given})
    return cast(Changes, changes)


def _begin_anew(one: Session, changes: Changes) -> None:
    try:
        one.begin_anew(changes)
    except ValueError as error:
        raise Problem(422, str(error), pointer="/clock") from None


def _named(name: str) -> Timeline:
    try:
        return load(find_named(name))
    except UnknownName as error:
        raise _unknown(error, 404, "/name") from None
    except MockServerError as error:  # a file of the user's own that is none
        raise Problem(422, str(error), pointer="/name") from None


def _source(data: Any, name: str = _INLINE) -> Source:
    """JSON as text, which is YAML too."""
    return Source(name, json.dumps(data, indent=1, ensure_ascii=False))


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


def _unknown(error: UnknownName, status: int, pointer: str | None = None) -> Problem:
    where = f" in {error.where}" if error.where else ""
    expected = ", ".join(error.known[:20]) + (" …" if error.known[20:] else "")
    return Problem(
        status,
        f"unknown {error.kind} {error.name!r}{where}",
        pointer=pointer,
        expected=f"one of {expected}" if expected else None,
        suggestion=error.suggestion,
    )
