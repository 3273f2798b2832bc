"""What answers each route, by its id: from the request and the path's parameters to JSON data."""

from typing import Any

import mockserver
from mockserver import contract, resources
from mockserver.errors import MockServerError, UnknownName
from mockserver.server.config import ServerConfig
from mockserver.server.control import session_json
from mockserver.server.control.request_body import config_from, refused_at, whole
from mockserver.server.control.routes import ROUTES, ControlError, ControlRequest
from mockserver.server.loading import clock_kind
from mockserver.server.sessions import DEFAULT_EXPIRY_S
from mockserver.timeline.clock import Clock, PollClock
from mockserver.timeline.reader import fault_from

# Those that only tell what a session knows.
state, clock, events = session_json.state, session_json.clock, session_json.events
faults, journal = session_json.faults, session_json.journal

_MOVES = ("advance", "advance_to", "run_until")


def index(request: ControlRequest) -> dict[str, Any]:
    return {
        "version": mockserver.__version__,
        "session": request.about(request.opened),
        "endpoints": [
            {"method": route.method, "url": request.base + route.url, "summary": route.summary}
            for route in ROUTES
            if not (route.at_root and request.opened.id)
        ],
    }


def health(request: ControlRequest) -> dict[str, Any]:
    return {
        "status": "ok",
        "version": mockserver.__version__,
        "sessions": len(request.sessions.all()),
        "uptime_s": round(request.sessions.uptime_s(), 3),
    }


def openapi(request: ControlRequest) -> dict[str, Any]:
    from mockserver.server.control.openapi import document

    return document(request.base, at_root=not request.opened.id)


def timelines(request: ControlRequest) -> dict[str, Any]:
    bundled, own = resources.timeline_files(), resources.own_timeline_files()
    names = sorted({**bundled, **own})
    return {"timelines": [{"name": name, "bundled": name not in own} for name in names]}


def schemas(request: ControlRequest) -> dict[str, Any]:
    return {
        "schemas": [
            {
                "edition": edition,
                "operation": operation.id,
                "part": part,
                "url": f"{request.base}/_mock/schemas/{edition}/{operation.id}/{part}",
            }
            for edition in resources.edition_names()
            for operation in contract.edition(edition).operations.values()
            for part in operation.schemas
        ]
    }


def schema(request: ControlRequest, edition: str, operation: str, part: str) -> dict[str, Any]:
    return contract.edition(edition).operation(operation).schema(part)


def sessions(request: ControlRequest) -> dict[str, Any]:
    return {"sessions": [request.about(opened) for opened in request.sessions.all()]}


def open_session(request: ControlRequest) -> dict[str, Any]:
    body = dict(request.body)
    expires_after_s = body.pop("expires_after_s", DEFAULT_EXPIRY_S)
    config = config_from(_unshared(request.sessions.own.config), body)
    return request.about(request.sessions.open(config, expires_after_s=expires_after_s))


def _unshared(config: ServerConfig) -> ServerConfig:
    """The same with a clock of its own, like one that was made already."""
    clock = config.clock
    if not isinstance(clock, Clock):
        return config
    kind = clock_kind(clock)
    return config.changed(
        clock=kind,
        speed=clock.speed if kind == "wall" else None,
        step=clock.step_ms if isinstance(clock, PollClock) else None,
    )


def session(request: ControlRequest, id: str) -> dict[str, Any]:  # noqa: A002  # the parameter's name
    opened = request.sessions.find(id, use=False)
    if opened is None:
        raise ControlError(404, request.sessions.why_none(id))
    return request.about(opened)


def close_session(request: ControlRequest, id: str) -> dict[str, Any]:  # noqa: A002  # the parameter's name
    if not request.sessions.close(id):
        raise ControlError(404, request.sessions.why_none(id))
    return {"removed": 1}


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
    return session_json.clock(request)


def _move(request: ControlRequest, move: str) -> None:
    session, target = request.session, request.body[move]
    try:
        if move == "advance":
            session.clock.advance(whole(target))
        elif move == "advance_to":
            session.clock.advance_to(target)
        else:
            session.run_until(request.body.get("job_id"), target)
    except UnknownName:
        raise
    except (ValueError, MockServerError) as error:
        raise ControlError(409, str(error), pointer=f"/{move}") from None


def fire(request: ControlRequest) -> dict[str, Any]:
    fired = request.session.fire(request.body["name"], request.body.get("job_id"))
    return {"changed": list(fired), "now": session_json.instant(request.session.clock.now())}


def play(request: ControlRequest) -> dict[str, Any]:
    session = request.session
    config = config_from(session.config, request.body)
    try:
        session.begin_anew(config)
    except ValueError as error:
        # A clock that the app was given goes on, and can be where no timeline begins.
        message = f"the clock shows {session_json.instant(session.clock.now())}: {error}"
        raise ControlError(409, message) from None
    return session_json.state(request)


reset = play  # its body names nothing that would change


def arm(request: ControlRequest) -> dict[str, Any]:
    session = request.session
    with refused_at(""):
        fault = fault_from(request.body, session.edition)
    return session_json.fault(session.faults.add(fault))


def disarm_all(request: ControlRequest) -> dict[str, Any]:
    return {"removed": request.session.faults.remove()}


def disarm(request: ControlRequest, id: str) -> dict[str, Any]:  # noqa: A002  # the parameter's name
    known = [str(fault.id) for fault in request.session.faults]
    if id not in known or not request.session.faults.remove(int(id)):
        raise UnknownName("fault", id, known)
    return {"removed": 1}


def clear_journal(request: ControlRequest) -> dict[str, Any]:
    return {"removed": request.session.journal.clear()}
