"""JSON Schemas (2020-12) of what the control API replies, and of all that goes in and out."""

from __future__ import annotations

from mockserver.contract.openapi_parts import ref
from mockserver.server.control.request_schemas import (
    EDITION,
    FLAG,
    INSTANT,
    INTEGER,
    KIND,
    NUMBER,
    REQUESTS,
    Schema,
    list_of,
    or_null,
    reply_of,
    text,
)
from mockserver.timeline.model import PHASES

_EVENT = reply_of({"name": text(), "at": INSTANT, "job_id": or_null(text())})
_BODY = reply_of(
    {
        "size": INTEGER,
        "text": text("The beginning, as UTF-8."),
        "base64": text("The beginning, where it is not UTF-8.", contentEncoding="base64"),
        "truncated": {**FLAG, "description": "Whether only the beginning was kept."},
    },
    maybe=("text", "base64"),
)
_HEADERS = list_of(
    {"type": "array", "prefixItems": [text(), text()], "minItems": 2, "maxItems": 2},
    "Names and values; credentials are hidden.",
)

COMPONENTS: dict[str, Schema] = {
    **REQUESTS,
    "Error": reply_of(
        {
            "error": reply_of(
                {
                    "type": {"const": "mockserver_error"},
                    "message": text("What is wrong, in a sentence."),
                    "pointer": text("Where in the body, as a JSON pointer.", format="json-pointer"),
                    "expected": text("What would have been right."),
                    "suggestion": text("The nearest right word."),
                },
                maybe=("pointer", "expected", "suggestion"),
            )
        }
    ),
    "Clock": reply_of(
        {
            "now": INSTANT,
            "now_ms": {**INTEGER, "description": "Milliseconds since 1970."},
            "kind": KIND,
            "speed": {**NUMBER, "description": "Virtual seconds for each real one; 0: it stands."},
            "step_ms": or_null(INTEGER),
            "paused": FLAG,
        }
    ),
    "EventOutcome": reply_of(
        {"changed": list_of(text(), "The ids of the jobs that it changed."), "now": INSTANT}
    ),
    "Events": reply_of(
        {
            "happened": list_of(_EVENT),
            "known": list_of(text(), "Names that some step of the timeline waits for."),
        }
    ),
    "Session": reply_of(
        {
            "id": or_null(text("Null for the server's own.")),
            "url": text("The base URL for the client.", format="uri"),
            "control": text("Where its control API is.", format="uri"),
            "timeline": text(),
            "edition": EDITION,
            "expires_in_s": {**or_null(NUMBER), "description": "Real seconds; null: never."},
        }
    ),
    "Sessions": reply_of({"sessions": list_of(ref("Session"))}),
    "Job": reply_of(
        {
            "job_id": text(),
            "model": or_null(text()),
            "phase": text(
                "A status, `gone` when the server has forgotten it, `waiting` before it begins.",
                enum=[*PHASES, "waiting"],
            ),
            "total_size_bytes": INTEGER,
            "downloaded_bytes": INTEGER,
            "awaits": or_null(text("The event without which it stays as it is in the end.")),
        }
    ),
    "State": reply_of(
        {
            "session": ref("Session"),
            "timeline": reply_of({"name": text(), "description": or_null(text())}),
            "edition": EDITION,
            "operations": list_of(text()),
            "clock": ref("Clock"),
            "began_at": INSTANT,
            "jobs": list_of(ref("Job")),
            "awaited": list_of(text(), "Events without which some job stays as it is."),
            "faults": list_of(ref("Fault")),
            "refusing": {**FLAG, "description": "Whether clients find no server now."},
            "requests": {**INTEGER, "description": "How many have come."},
        }
    ),
    "Fault": reply_of(
        {
            "id": INTEGER,
            "words": text("What it does, for people."),
            "requests": {**INTEGER, "description": "How many requests it concerned."},
            "strikes": {**INTEGER, "description": "How many of them it befell."},
            "armed_at": INSTANT,
        }
    ),
    "Faults": reply_of({"faults": list_of(ref("Fault"))}),
    "Exchange": reply_of(
        {
            "number": {**INTEGER, "description": "Counts the session's requests from 1."},
            "received_at": INSTANT,
            "method": text(),
            "path": text("As it was sent, inside the session."),
            "query": text(),
            "operation": or_null(text("The documented one that was asked for, if any.")),
            "job_id": or_null(text("The job that was asked for, or that a POST was given.")),
            "headers": _HEADERS,
            "body": _BODY,
            "replied_at": or_null(INSTANT),
            "took_ms": {**or_null(NUMBER), "description": "Real time; null: not answered yet."},
            "status": or_null(INTEGER),
            "reply": {
                **reply_of({"status": INTEGER, "headers": _HEADERS, "body": _BODY}),
                "type": ["object", "null"],
                "description": "Null when the connection broke before it.",
            },
            "jobs": list_of(
                reply_of({"job_id": text(), "status": text(), "downloaded_bytes": INTEGER}),
                "What the reply said of at most 100 jobs.",
            ),
            "fault": {
                **reply_of({"id": INTEGER, "words": text()}),
                "type": ["object", "null"],
                "description": "The one that struck.",
            },
        }
    ),
    "Journal": reply_of(
        {
            "requests": {**INTEGER, "description": "How many have come."},
            "dropped": {**INTEGER, "description": "How many are no longer kept."},
            "entries": list_of(ref("Exchange")),
        }
    ),
    "Removed": reply_of({"removed": INTEGER}),
    "Health": reply_of(
        {"status": {"const": "ok"}, "version": text(), "sessions": INTEGER, "uptime_s": NUMBER}
    ),
    "Index": reply_of(
        {
            "version": text(),
            "session": ref("Session"),
            "endpoints": list_of(reply_of({"method": text(), "url": text(), "summary": text()})),
        }
    ),
    "Timelines": reply_of(
        {
            "timelines": list_of(
                reply_of({"name": text(), "bundled": FLAG}), "What can be played by name."
            )
        }
    ),
    "Schemas": reply_of(
        {
            "schemas": list_of(
                reply_of({"edition": text(), "operation": text(), "part": text(), "url": text()})
            )
        }
    ),
    "Document": {"type": "object"},
}
"""By name; `Timeline` and `NewFault`, which the fixture format's own schema gives, are not here."""
