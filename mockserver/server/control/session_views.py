"""Requests to the control API about the session that they are sent to."""

from __future__ import annotations

from typing import Any

from mockserver.errors import MockServerError, UnknownName
from mockserver.server.config import ServerConfig
from mockserver.server.control import session_json
from mockserver.server.control.request_body import config_from, fault_from_body, unknown, whole
from mockserver.server.control.routes import ControlError, ControlRequest, route
from mockserver.server.session import Session

_MOVES = ("advance", "advance_to", "run_until")


@route(
    "GET", "/state", "The session: timeline, clock, jobs, events awaited, faults.", reply="State"
)
def state(request: ControlRequest) -> dict[str, Any]:
    return session_json.state(request.session, request.about(request.target.opened))


@route("GET", "/clock", "What the clock shows.", reply="Clock")
def clock(request: ControlRequest) -> dict[str, Any]:
    return session_json.clock(request.session.clock)


@route(
    "POST",
    "/clock",
    "Move the clock, stop it, or change its speed.",
    body="ClockChange",
    reply="Clock",
    refusals=(404, 409),
)
def change_clock(request: ControlRequest) -> dict[str, Any]:
    body, clock = request.body, request.session.clock
    moves = [name for name in _MOVES if name in body]
    if len(moves) > 1:
        message = f"{' and '.join(moves)} are two moves"
        raise ControlError(400, message, pointer=f"/{moves[1]}", expected="at most one of them")
    if moves:
        _move(request, moves[0])
    if "speed" in body:
        clock.speed = body["speed"]
    if "paused" in body:
        (clock.pause if body["paused"] else clock.resume)()
    return session_json.clock(clock)


def _move(request: ControlRequest, move: str) -> None:
    target = request.body[move]
    try:
        if move == "advance":
            request.session.clock.advance(whole(target))
        elif move == "advance_to":
            request.session.clock.advance_to(target)
        else:
            request.session.run_until(request.body.get("job_id"), target)
    except UnknownName as error:
        raise unknown(error, 404, "/job_id") from None
    except (ValueError, MockServerError) as error:
        raise ControlError(409, str(error), pointer=f"/{move}") from None


@route("GET", "/events", "The events so far, and those that can happen.", reply="Events")
def events(request: ControlRequest) -> dict[str, Any]:
    return session_json.events(request.session)


@route(
    "POST",
    "/events",
    "Let an event such as `resume` happen now.",
    body="NewEvent",
    reply="EventOutcome",
    refusals=(404,),
)
def fire(request: ControlRequest) -> dict[str, Any]:
    try:
        fired = request.session.fire(request.body["name"], request.body.get("job_id"))
    except UnknownName as error:
        raise unknown(error, 404, "/name" if error.kind == "event" else "/job_id") from None
    return {"changed": list(fired), "now": session_json.instant(request.session.clock.now())}


@route(
    "PUT",
    "/timeline",
    "Play a timeline, or the same one with other settings, from its beginning.",
    body="Play",
    reply="State",
    refusals=(404, 409, 422),
)
def play(request: ControlRequest) -> dict[str, Any]:
    _begin_anew(request.session, config_from(request.session.config, request.body))
    return state(request)


@route(
    "POST",
    "/reset",
    "Play from the beginning, with an empty journal.",
    reply="State",
    refusals=(409,),
)
def reset(request: ControlRequest) -> dict[str, Any]:
    _begin_anew(request.session)
    return state(request)


def _begin_anew(session: Session, config: ServerConfig | None = None) -> None:
    try:
        session.begin_anew(config)
    except ValueError as error:
        # A clock that the app was given goes on, and can be where no timeline begins.
        message = f"the clock shows {session_json.instant(session.clock.now())}: {error}"
        raise ControlError(409, message) from None


@route("GET", "/faults", "The faults in force.", reply="Faults")
def faults(request: ControlRequest) -> dict[str, Any]:
    return {"faults": [session_json.fault(fault) for fault in request.session.faults]}


@route(
    "POST",
    "/faults",
    "Put a fault in force. It counts requests and time from now on.",
    body="NewFault",
    reply="Fault",
    status=201,
    refusals=(422, 429),
)
def arm(request: ControlRequest) -> dict[str, Any]:
    added = request.session.faults.add(fault_from_body(request.body, request.session.edition))
    return session_json.fault(added)


@route("DELETE", "/faults", "Take every fault out of force.", reply="Removed")
def disarm_all(request: ControlRequest) -> dict[str, Any]:
    return {"removed": request.session.faults.remove()}


@route("DELETE", "/faults/{id}", "Take one fault out of force.", reply="Removed", refusals=(404,))
def disarm(request: ControlRequest, id: str) -> dict[str, Any]:  # noqa: A002  # the parameter's name
    known = [str(fault.id) for fault in request.session.faults]
    if id not in known or not request.session.faults.remove(int(id)):
        raise unknown(UnknownName("fault", id, known), 404)
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
def journal(request: ControlRequest) -> dict[str, Any]:
    last, dropped, entries = request.session.journal.page(
        request.query["after"], request.query["limit"]
    )
    return {
        "requests": last,
        "dropped": dropped,
        "entries": [session_json.journal_entry(entry) for entry in entries],
    }


@route("DELETE", "/journal", "Empty the journal; numbers go on.", reply="Removed")
def clear_journal(request: ControlRequest) -> dict[str, Any]:
    return {"removed": request.session.journal.clear()}
