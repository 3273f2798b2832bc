"""What goes into the control API and comes out of it, as JSON Schemas (2020-12).

Bodies that are sent are held to these schemas; the same ones describe the API.
"""

from __future__ import annotations

from mockserver import resources
from mockserver.server.config import CLOCKS, MAX_SPEED, TOKEN_EXPECTED, TOKEN_PATTERN
from mockserver.server.control.shape import (
    FLAG,
    INTEGER,
    NUMBER,
    Schema,
    list_of,
    object_of,
    or_null,
    ref,
    reply_of,
    text,
)
from mockserver.server.sessions import MAX_EXPIRY_S
from mockserver.timeline.model import LAST_INSTANT_MS

__all__ = ["COMPONENTS"]

_INSTANT = text("An instant of the session's clock, UTC.", format="date-time")
_NAME = text("A timeline's name. Names alone: a path is refused.", minLength=1, maxLength=200)
_EDITION = text("Which documented API to answer as.", enum=list(resources.edition_names()))
_KIND = text(
    "Runs by itself, stands until it is moved, or moves with each poll.",
    enum=list(CLOCKS),
)
_DURATION: Schema = {
    "description": "A duration such as 250ms, 8s, 1.5m, 1m30s, or whole milliseconds.",
    "type": ["string", "integer"],
    "pattern": r"^(?=[0-9])([0-9]{1,6}(\.[0-9]{1,3})?h)?([0-9]{1,6}(\.[0-9]{1,3})?m)?"
    r"([0-9]{1,9}(\.[0-9]{1,3})?s)?([0-9]{1,12}ms)?$",
    "minimum": 0,
    "maximum": LAST_INSTANT_MS,
    "x-expected": "a duration such as 8s, or whole milliseconds",
    "examples": ["10s", "1.5m", "1m30s", 250],
}
_STEP: Schema = {**_DURATION, "pattern": "^(?=.*[1-9])" + _DURATION["pattern"][1:], "minimum": 1}
_SPEED: Schema = {
    "description": "Virtual seconds for each real one.",
    "type": "number",
    "exclusiveMinimum": 0,
    "maximum": MAX_SPEED,
}
_PHASE = text(enum=["downloading", "paused", "completed", "failed", "gone"])
_JOB_ID = text("Which job; without it, see the operation.", minLength=1, maxLength=200)
_TOKEN = or_null(
    text(
        "What the API's requests must bear; null for none.",
        pattern=f"^{TOKEN_PATTERN}$",
        **{"x-expected": TOKEN_EXPECTED},
    )
)

_SETTINGS: dict[str, Schema] = {
    "name": _NAME,
    "timeline": {
        **ref("Timeline"),
        "x-expected": "a timeline written out, as an object; a timeline's name goes into `name`",
    },
    "edition": {
        **_EDITION,
        "description": "Which documented API to answer as. One that was given stays; otherwise it "
        "is the timeline's own.",
    },
    "clock": object_of(
        {"kind": _KIND, "speed": _SPEED, "step": _STEP},
        required=("kind",),
        description="A speed is a wall clock's, a step a poll clock's.",
        **{"x-expected": 'an object such as {"kind": "manual"}'},
    ),
    "token": _TOKEN,
    "cors": {**FLAG, "description": "Let web pages read the replies."},
    "with_download": {
        **FLAG,
        "description": "Answer POST also in an edition that does not document it.",
    },
}

_FAULT = reply_of(
    {
        "id": INTEGER,
        "words": text("What it does, for people."),
        "requests": {**INTEGER, "description": "How many requests it concerned."},
        "strikes": {**INTEGER, "description": "How many of them it befell."},
        "armed_at": _INSTANT,
    }
)
_CLOCK = reply_of(
    {
        "now": _INSTANT,
        "now_ms": {**INTEGER, "description": "Milliseconds since 1970."},
        "kind": _KIND,
        "speed": {**NUMBER, "description": "Virtual seconds for each real one; 0: it stands."},
        "step_ms": or_null(INTEGER),
        "paused": FLAG,
    }
)
_JOB = reply_of(
    {
        "job_id": text(),
        "model": or_null(text()),
        "phase": text(
            "A status, `gone` when the server has forgotten it, `waiting` before it begins.",
            enum=["downloading", "paused", "completed", "failed", "gone", "waiting"],
        ),
        "total_size_bytes": INTEGER,
        "downloaded_bytes": INTEGER,
        "awaits": or_null(text("The event without which it stays as it is in the end.")),
    }
)
_EVENT = reply_of({"name": text(), "at": _INSTANT, "job_id": or_null(text())})
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
_EXCHANGE = reply_of(
    {
        "number": {**INTEGER, "description": "Counts the session's requests from 1."},
        "received_at": _INSTANT,
        "method": text(),
        "path": text("As it was sent, inside the session."),
        "query": text(),
        "operation": or_null(text("The documented one that was asked for, if any.")),
        "job_id": or_null(text("The job that was asked for, or that a POST was given.")),
        "headers": _HEADERS,
        "body": _BODY,
        "replied_at": or_null(_INSTANT),
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
)
_SESSION = reply_of(
    {
        "id": or_null(text("Null for the server's own.")),
        "url": text("The base URL for the client.", format="uri"),
        "control": text("Where its control API is.", format="uri"),
        "timeline": text(),
        "edition": _EDITION,
        "expires_in_s": {**or_null(NUMBER), "description": "Real seconds; null: never."},
    }
)

COMPONENTS: dict[str, Schema] = {
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
    "ClockChange": object_of(
        {
            "advance": {**_DURATION, "description": "Move on by so much."},
            "advance_to": text("Move on to an instant that has not passed.", format="date-time"),
            "run_until": {**_PHASE, "description": "Move on to where a job is so."},
            "job_id": {**_JOB_ID, "description": "Whose phase; the first job's unless given."},
            "speed": {**_SPEED, "description": "Let it run so fast from now on."},
            "paused": {**FLAG, "description": "Stop it, or let it run on."},
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
    "NewEvent": object_of(
        {
            "name": text("An event that the timeline waits for.", minLength=1, maxLength=64),
            "job_id": {**or_null(_JOB_ID), "description": "To which job; to all unless given."},
        },
        required=("name",),
        examples=[{"name": "resume"}],
    ),
    "EventOutcome": reply_of(
        {"changed": list_of(text(), "The ids of the jobs that it changed."), "now": _INSTANT}
    ),
    "Events": reply_of(
        {
            "happened": list_of(_EVENT),
            "known": list_of(text(), "Names that some step of the timeline waits for."),
        }
    ),
    "Play": object_of(
        _SETTINGS,
        minProperties=1,
        description="What to play, by name or as a timeline; what is left out stays as it is.",
        examples=[{"name": "paused-then-resumed", "clock": {"kind": "manual"}}],
    ),
    "NewSession": object_of(
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
    "Sessions": reply_of({"sessions": list_of(ref("Session"))}),
    "Job": _JOB,
    "State": reply_of(
        {
            "session": ref("Session"),
            "timeline": reply_of({"name": text(), "description": or_null(text())}),
            "edition": _EDITION,
            "operations": list_of(text()),
            "clock": ref("Clock"),
            "began_at": _INSTANT,
            "jobs": list_of(ref("Job")),
            "awaited": list_of(text(), "Events without which some job stays as it is."),
            "faults": list_of(ref("Fault")),
            "refusing": {**FLAG, "description": "Whether clients find no server now."},
            "requests": {**INTEGER, "description": "How many have come."},
        }
    ),
    "Fault": _FAULT,
    "Faults": reply_of({"faults": list_of(ref("Fault"))}),
    "Exchange": _EXCHANGE,
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
