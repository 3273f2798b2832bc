"""Requests to the control API about the session that they are sent to."""

from __future__ import annotations

from typing import Any

from mockserver.errors import MockServerError, UnknownName
from mockserver.server.config import ServerConfig
from mockserver.server.control import facts, given
from mockserver.server.control.given import unknown
from mockserver.server.control.problem import Problem
from mockserver.server.control.routes import Asked, route
from mockserver.server.session import Session

__all__: list[str] = []

_MOVES = ("advance", "advance_to", "run_until")


@route(
    "GET", "/state", "The session: timeline, clock, jobs, events awaited, faults.", reply="State"
)
def state(asked: Asked) -> dict[str, Any]:
    return facts.state(asked.session, asked.about(asked.target.opened, asked.session))


@route("GET", "/clock", "What the clock shows.", reply="Clock")
def clock(asked: Asked) -> dict[str, Any]:
    return facts.clock(asked.session.clock)


@route(
    "POST",
    "/clock",
    "Move the clock, stop it, or change its speed.",
    body="ClockChange",
    reply="Clock",
    refusals=(404, 409),
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
            asked.session.clock.advance(given.whole(target))
        elif move == "advance_to":
            asked.session.clock.advance_to(target)
        else:
            asked.session.run_until(asked.body.get("job_id"), target)
    except UnknownName as error:
        raise unknown(error, 404, "/job_id") from None
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
    refusals=(404,),
)
def fire(asked: Asked) -> dict[str, Any]:
    try:
        changed = asked.session.fire(asked.body["name"], asked.body.get("job_id"))
    except UnknownName as error:
        raise unknown(error, 404, "/name" if error.kind == "event" else "/job_id") from None
    return {"changed": list(changed), "now": facts.instant(asked.session.now())}


@route(
    "PUT",
    "/timeline",
    "Play a timeline, or the same one with other settings, from its beginning.",
    body="Play",
    reply="State",
    refusals=(404, 409, 422),
)
def play(asked: Asked) -> dict[str, Any]:
    _begin_anew(asked.session, given.changed(asked.session.config, asked.body))
    return state(asked)


@route(
    "POST",
    "/reset",
    "Play from the beginning, with an empty journal.",
    reply="State",
    refusals=(409,),
)
def reset(asked: Asked) -> dict[str, Any]:
    _begin_anew(asked.session)
    return state(asked)


def _begin_anew(session: Session, config: ServerConfig | None = None) -> None:
    try:
        session.begin_anew(config)
    except ValueError as error:
        # A clock that the app was given goes on, and can be where no timeline begins.
        message = f"the clock shows {facts.instant(session.now())}: {error}"
        raise Problem(409, message) from None


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
    armed = asked.session.faults.add(given.fault(asked.body, asked.session.edition))
    return facts.fault(armed)


@route("DELETE", "/faults", "Take every fault out of force.", reply="Removed")
def disarm_all(asked: Asked) -> dict[str, Any]:
    return {"removed": asked.session.faults.remove()}


@route("DELETE", "/faults/{id}", "Take one fault out of force.", reply="Removed", refusals=(404,))
def disarm(asked: Asked, id: str) -> dict[str, Any]:  # noqa: A002  # the parameter's name
    known = [str(one.id) for one in asked.session.faults]
    if id not in known or not asked.session.faults.remove(int(id)):
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
def journal(asked: Asked) -> dict[str, Any]:
    last, dropped, entries = asked.session.journal.page(asked.query["after"], asked.query["limit"])
    return {
        "requests": last,
        "dropped": dropped,
        "entries": [facts.exchange(one) for one in entries],
    }


@route("DELETE", "/journal", "Empty the journal; numbers go on.", reply="Removed")
def clear_journal(asked: Asked) -> dict[str, Any]:
    return {"removed": asked.session.journal.clear()}
