"""What goes into the control API and comes out of it, as JSON Schemas (2020-12).

Bodies that are sent are held to these schemas; the same ones describe the API.
"""

from __future__ import annotations

from typing import Any

from mockserver import resources
from mockserver.server.sessions import MAX_EXPIRY_S
from mockserver.timeline.model import LAST_INSTANT_MS

__all__ = ["COMPONENTS", "ref"]

Schema = dict[str, Any]


def ref(name: str) -> Schema:
    """A reference to a component."""
    return {"$ref": f"#/components/schemas/{name}"}


def _object(
    properties: dict[str, Schema], *, required: tuple[str, ...] = (), **more: Any
) -> Schema:
    """An object with these members and no others."""
    schema: Schema = {"type": "object", "properties": properties, "additionalProperties": False}
    if required:
        schema["required"] = list(required)
    return {**schema, **more}


def _reply(properties: dict[str, Schema], *, maybe: tuple[str, ...] = (), **more: Any) -> Schema:
    """An object with all of these members but those in `maybe`, and perhaps others some day."""
    required = [name for name in properties if name not in maybe]
    return {"type": "object", "properties": properties, "required": required, **more}


def _text(description: str = "", **more: Any) -> Schema:
    return {"type": "string", **({"description": description} if description else {}), **more}


def _list(items: Schema, description: str = "") -> Schema:
    return {
        "type": "array",
        "items": items,
        **({"description": description} if description else {}),
    }


def _or_null(schema: Schema) -> Schema:
    return {**schema, "type": [schema["type"], "null"]}


_INTEGER: Schema = {"type": "integer", "minimum": 0}
_NUMBER: Schema = {"type": "number", "minimum": 0}
_FLAG: Schema = {"type": "boolean"}
_INSTANT = _text("An instant of the session's clock, UTC.", format="date-time")
_NAME = _text("A timeline's name. Names alone: a path is refused.", minLength=1, maxLength=200)
_EDITION = _text("Which documented API to answer as.", enum=list(resources.edition_names()))
_KIND = _text(
    "Runs by itself, stands until it is moved, or moves with each poll.",
    enum=["wall", "manual", "poll"],
)
_DURATION: Schema = {
    "description": "A duration such as 250ms, 8s, 1m30s, or whole milliseconds.",
    "type": ["string", "integer"],
    "pattern": r"^(?=[0-9])([0-9]{1,6}h)?([0-9]{1,6}m)?([0-9]{1,9}s)?([0-9]{1,12}ms)?$",
    "minimum": 0,
    "maximum": LAST_INSTANT_MS,
    "x-expected": "a duration such as 8s, or whole milliseconds",
    "examples": ["10s", "1m30s", 250],
}
_STEP: Schema = {**_DURATION, "pattern": "^(?=.*[1-9])" + _DURATION["pattern"][1:], "minimum": 1}
_SPEED: Schema = {
    "description": "Virtual seconds for each real one.",
    "type": "number",
    "exclusiveMinimum": 0,
    "maximum": 1_000_000,
}
_PHASE = _text(enum=["downloading", "paused", "completed", "failed", "gone"])
_JOB_ID = _text("Which job; without it, see the operation.", minLength=1, maxLength=200)
_TOKEN = _or_null(
    _text(
        "What the API's requests must bear; null for none.",
        pattern="^[!-~]{1,200}$",
        **{"x-expected": "printable ASCII without spaces"},
    )
)

_SETTINGS: dict[str, Schema] = {
    "name": _NAME,
    "timeline": ref("Timeline"),
    "edition": _EDITION,
    "clock": _object(
        {"kind": _KIND, "speed": _SPEED, "step": _STEP},
        required=("kind",),
        description="A speed is a wall clock's, a step a poll clock's.",
    ),
    "token": _TOKEN,
    "cors": {**_FLAG, "description": "Let web pages read the replies."},
    "with_download": {
        **_FLAG,
        "description": "Answer POST also in an edition that does not document it.",
    },
}

_FAULT = _reply(
    {
        "id": _INTEGER,
        "words": _text("What it does, for people."),
        "requests": {**_INTEGER, "description": "How many requests it concerned."},
        "strikes": {**_INTEGER, "description": "How many of them it befell."},
        "armed_at": _INSTANT,
    }
)
_CLOCK = _reply(
    {
        "now": _INSTANT,
        "now_ms": {**_INTEGER, "description": "Milliseconds since 1970."},
        "kind": _KIND,
        "speed": {**_NUMBER, "description": "Virtual seconds for each real one; 0: it stands."},
        "step_ms": _or_null(_INTEGER),
        "paused": _FLAG,
    }
)
_JOB = _reply(
    {
        "job_id": _text(),
        "model": _or_null(_text()),
        "phase": _text(
            "A status, `gone` when the server has forgotten it, `waiting` before it begins.",
            enum=["downloading", "paused", "completed", "failed", "gone", "waiting"],
        ),
        "total_size_bytes": _INTEGER,
        "downloaded_bytes": _INTEGER,
        "awaits": _or_null(_text("The event without which it stays as it is in the end.")),
    }
)
_EVENT = _reply({"name": _text(), "at": _INSTANT, "job_id": _or_null(_text())})
_BODY = _reply(
    {
        "size": _INTEGER,
        "text": _text("The beginning, as UTF-8."),
        "base64": _text("The beginning, where it is not UTF-8.", contentEncoding="base64"),
        "truncated": {**_FLAG, "description": "Whether only the beginning was kept."},
    },
    maybe=("text", "base64"),
)
_HEADERS = _list(
    {"type": "array", "prefixItems": [_text(), _text()], "minItems": 2, "maxItems": 2},
    "Names and values; credentials are hidden.",
)
_EXCHANGE = _reply(
    {
        "number": {**_INTEGER, "description": "Counts the session's requests from 1."},
        "received_at": _INSTANT,
        "method": _text(),
        "path": _text("As it was sent, inside the session."),
        "query": _text(),
        "operation": _or_null(_text("The documented one that was asked for, if any.")),
        "job_id": _or_null(_text("The job that was asked for, or that a POST was given.")),
        "headers": _HEADERS,
        "body": _BODY,
        "replied_at": _or_null(_INSTANT),
        "took_ms": {**_or_null(_NUMBER), "description": "Real time; null: not answered yet."},
        "status": _or_null(_INTEGER),
        "reply": {
            **_reply({"status": _INTEGER, "headers": _HEADERS, "body": _BODY}),
            "type": ["object", "null"],
            "description": "Null when the connection broke before it.",
        },
        "jobs": _list(
            _reply({"job_id": _text(), "status": _text(), "downloaded_bytes": _INTEGER}),
            "What the reply said of at most 100 jobs.",
        ),
        "fault": {
            **_reply({"id": _INTEGER, "words": _text()}),
            "type": ["object", "null"],
            "description": "The one that struck.",
        },
    }
)
_SESSION = _reply(
    {
        "id": _or_null(_text("Null for the server's own.")),
        "url": _text("The base URL for the client.", format="uri"),
        "control": _text("Where its control API is.", format="uri"),
        "timeline": _text(),
        "edition": _EDITION,
        "expires_in_s": {**_or_null(_NUMBER), "description": "Real seconds; null: never."},
    }
)

COMPONENTS: dict[str, Schema] = {
    "Error": _reply(
        {
            "error": _reply(
                {
                    "type": {"const": "mockserver_error"},
                    "message": _text("What is wrong, in a sentence."),
                    "pointer": _text(
                        "Where in the body, as a JSON pointer.", format="json-pointer"
                    ),
                    "expected": _text("What would have been right."),
                    "suggestion": _text("The nearest right word."),
                },
                maybe=("pointer", "expected", "suggestion"),
            )
        }
    ),
    "ClockChange": _object(
        {
            "advance": {**_DURATION, "description": "Move on by so much."},
            "advance_to": _text("Move on to an instant that has not passed.", format="date-time"),
            "run_until": {**_PHASE, "description": "Move on to where a job is so."},
            "job_id": {**_JOB_ID, "description": "Whose phase; the first job's unless given."},
            "speed": {**_SPEED, "description": "Let it run so fast from now on."},
            "paused": {**_FLAG, "description": "Stop it, or let it run on."},
        },
        minProperties=1,
        dependentRequired={"job_id": ["run_until"]},
        dependentSchemas={
            "advance": {"properties": {"advance_to": False, "run_until": False}},
            "advance_to": {"properties": {"run_until": False}},
        },
        description="What to change; of the three moves at most one.",
        examples=[{"advance": "10s"}, {"run_until": "completed"}, {"paused": True}],
    ),
    "Clock": _CLOCK,
    "NewEvent": _object(
        {
            "name": _text("An event that the timeline waits for.", minLength=1, maxLength=64),
            "job_id": {**_or_null(_JOB_ID), "description": "To which job; to all unless given."},
        },
        required=("name",),
        examples=[{"name": "resume"}],
    ),
    "EventOutcome": _reply(
        {"changed": _list(_text(), "The ids of the jobs that it changed."), "now": _INSTANT}
    ),
    "Events": _reply(
        {
            "happened": _list(_EVENT),
            "known": _list(_text(), "Names that some step of the timeline waits for."),
        }
    ),
    "Play": _object(
        _SETTINGS,
        minProperties=1,
        description="What to play, by name or as a timeline; what is left out stays as it is.",
        examples=[{"name": "paused-then-resumed", "clock": {"kind": "manual"}}],
    ),
    "NewSession": _object(
        {
            **_SETTINGS,
            "expires_after_s": {
                "type": "number",
                "exclusiveMinimum": 0,
                "maximum": MAX_EXPIRY_S,
                "description": "Real seconds without a request after which it ends.",
            },
        },
        description="What is left out is as in the server's own session.",
        examples=[{"name": "stalled-frozen-speed", "clock": {"kind": "poll", "step": "1s"}}],
    ),
    "Session": _SESSION,
    "Sessions": _reply({"sessions": _list(ref("Session"))}),
    "Job": _JOB,
    "State": _reply(
        {
            "session": ref("Session"),
            "timeline": _reply({"name": _text(), "description": _or_null(_text())}),
            "edition": _EDITION,
            "operations": _list(_text()),
            "clock": ref("Clock"),
            "began_at": _INSTANT,
            "jobs": _list(ref("Job")),
            "awaited": _list(_text(), "Events without which some job stays as it is."),
            "faults": _list(ref("Fault")),
            "refusing": {**_FLAG, "description": "Whether clients find no server now."},
            "requests": {**_INTEGER, "description": "How many have come."},
        }
    ),
    "Fault": _FAULT,
    "Faults": _reply({"faults": _list(ref("Fault"))}),
    "Exchange": _EXCHANGE,
    "Journal": _reply(
        {
            "requests": {**_INTEGER, "description": "How many have come."},
            "dropped": {**_INTEGER, "description": "How many are no longer kept."},
            "entries": _list(ref("Exchange")),
        }
    ),
    "Removed": _reply({"removed": _INTEGER}),
    "Health": _reply(
        {"status": {"const": "ok"}, "version": _text(), "sessions": _INTEGER, "uptime_s": _NUMBER}
    ),
    "Index": _reply(
        {
            "version": _text(),
            "session": ref("Session"),
            "endpoints": _list(_reply({"method": _text(), "url": _text(), "summary": _text()})),
        }
    ),
    "Timelines": _reply(
        {
            "timelines": _list(
                _reply({"name": _text(), "bundled": _FLAG}), "What can be played by name."
            )
        }
    ),
    "Schemas": _reply(
        {
            "schemas": _list(
                _reply({"edition": _text(), "operation": _text(), "part": _text(), "url": _text()})
            )
        }
    ),
    "Document": {"type": "object"},
}
"""By name; `Timeline` and `NewFault`, which the fixture format's own schema gives, are not here."""
