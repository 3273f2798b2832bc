"""What a session knows, as JSON data: views, and what others show of it."""

import base64
import codecs
from typing import Any

from mockserver.client_rules.journal_entry import JournalEntry
from mockserver.documents import rfc3339
from mockserver.http.message import Request, Response
from mockserver.server.active_faults import ActiveFault
from mockserver.server.control.routes import ControlRequest
from mockserver.server.loading import clock_kind
from mockserver.timeline.clock import PollClock
from mockserver.timeline.playback import waits_for
from mockserver.timeline.schedule import Schedule

_SHOWN_STATES = 100
_UTF8 = codecs.getincrementaldecoder("utf-8")

instant = rfc3339.from_milliseconds


def state(request: ControlRequest) -> dict[str, Any]:
    session = request.session
    playback, now_ms = session.moment()
    timeline = session.timeline
    return {
        "session": request.about(request.opened),
        "timeline": {"name": timeline.name, "description": timeline.description},
        "edition": session.edition,
        "operations": list(session.operations),
        "clock": clock(request),
        "began_at": instant(playback.epoch_ms),
        "jobs": [_job(schedule, now_ms) for schedule in playback.schedules.values()],
        "awaited": list(waits_for(playback)),
        **faults(request),
        "refusing": session.faults.is_refusing(),
        "requests": session.journal.last,
    }


def clock(request: ControlRequest) -> dict[str, Any]:
    shown = request.session.clock
    now_ms = shown.now()
    return {
        "now": instant(now_ms),
        "now_ms": now_ms,
        "kind": clock_kind(shown),
        "speed": shown.speed,
        "step_ms": shown.step_ms if isinstance(shown, PollClock) else None,
        "paused": shown.is_paused,
    }


def _job(schedule: Schedule, now_ms: int) -> dict[str, Any]:
    job, stretch, known = schedule.job, schedule.stretch_at(now_ms), schedule.at(now_ms)
    return {
        "job_id": job.job_id,
        "model": job.model,
        "phase": "waiting" if stretch is None else stretch.step.phase,
        "total_size_bytes": job.total_size_bytes,
        "downloaded_bytes": 0 if known is None else known.downloaded_bytes,
        "awaits": schedule.awaits,
    }


def events(request: ControlRequest) -> dict[str, Any]:
    session = request.session
    happened = [
        {"name": event.name, "at": instant(event.at_ms), "job_id": event.job_id}
        for event in session.playback.events
    ]
    return {"happened": happened, "known": list(session.event_names)}


def faults(request: ControlRequest) -> dict[str, Any]:
    return {"faults": [fault(active) for active in request.session.faults]}


def fault(active: ActiveFault) -> dict[str, Any]:
    return {
        "id": active.id,
        "words": active.fault.words(),
        "requests": active.requests,
        "strikes": active.strikes,
        "armed_at": instant(active.since_ms),
    }


def journal(request: ControlRequest) -> dict[str, Any]:
    last, dropped, entries = request.session.journal.page(**request.query)
    return {"requests": last, "dropped": dropped, "entries": [*map(journal_entry, entries)]}


def journal_entry(entry: JournalEntry) -> dict[str, Any]:
    reply, struck = entry.reply, entry.fault
    return {
        "number": entry.number,
        "received_at": instant(entry.received_ms),
        "method": entry.method,
        "path": entry.path,
        "query": entry.request.query,
        "operation": entry.operation,
        "job_id": entry.job_id,
        **_content(entry.request),
        "replied_at": None if entry.replied_ms is None else instant(entry.replied_ms),
        "took_ms": None if entry.took_s is None else round(entry.took_s * 1000, 3),
        "status": entry.status,
        "reply": None if reply is None else {"status": reply.status, **_content(reply)},
        "jobs": [
            {name: getattr(state, name) for name in ("job_id", "status", "downloaded_bytes")}
            for state in entry.states[:_SHOWN_STATES]
        ],
        "fault": None if struck is None else {"id": entry.fault_id, "words": struck.words()},
    }


def _content(message: Request | Response) -> dict[str, Any]:
    body = message.body
    facts: dict[str, Any] = {"size": body.size}
    try:
        # What was cut off in the middle of a character is text all the same.
        facts["text"] = _UTF8().decode(body.start, final=body.is_whole)
    except UnicodeDecodeError:
        facts["base64"] = base64.b64encode(body.start).decode()
    facts["truncated"] = not body.is_whole
    return {"headers": [*map(list, message.headers)], "body": facts}
