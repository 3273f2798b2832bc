"""JSON Schemas (2020-12) of what is sent to the control API: bodies are held to them."""

from __future__ import annotations

from typing import Any

from mockserver import resources
from mockserver.contract.openapi_parts import ref
from mockserver.server.config import CLOCKS, MAX_SPEED, TOKEN_EXPECTED, TOKEN_PATTERN
from mockserver.server.sessions import MAX_EXPIRY_S
from mockserver.timeline.model import LAST_INSTANT_MS, PHASES

Schema = dict[str, Any]


def object_of(
    properties: dict[str, Schema], *, required: tuple[str, ...] = (), **more: Any
) -> Schema:
    """An object with these members and no others."""
    schema: Schema = {"type": "object", "properties": properties, "additionalProperties": False}
    if required:
        schema["required"] = list(required)
    return {**schema, **more}


def reply_of(properties: dict[str, Schema], *, maybe: tuple[str, ...] = (), **more: Any) -> Schema:
    """An object with all of these members but those in `maybe`, and perhaps others some day."""
    required = [name for name in properties if name not in maybe]
    return {"type": "object", "properties": properties, "required": required, **more}


def text(description: str = "", **more: Any) -> Schema:
    return {"type": "string", **({"description": description} if description else {}), **more}


def list_of(items: Schema, description: str = "") -> Schema:
    return {
        "type": "array",
        "items": items,
        **({"description": description} if description else {}),
    }


def or_null(schema: Schema) -> Schema:
    return {**schema, "type": [schema["type"], "null"]}


INTEGER: Schema = {"type": "integer", "minimum": 0}
NUMBER: Schema = {"type": "number", "minimum": 0}
FLAG: Schema = {"type": "boolean"}

INSTANT = text("An instant of the session's clock, UTC.", format="date-time")
EDITION = text("Which documented API to answer as.", enum=list(resources.edition_names()))
KIND = text("Runs by itself, stands until it is moved, or moves with each poll.", enum=list(CLOCKS))
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
_PHASE = text(enum=list(PHASES))
_JOB_ID = text("Which job; without it, see the operation.", minLength=1, maxLength=200)
_TOKEN = or_null(
    text(
        "What the API's requests must bear; null for none.",
        pattern=f"^{TOKEN_PATTERN}$",
        **{"x-expected": TOKEN_EXPECTED},
    )
)

_NAME = text("A timeline's name. Names alone: a path is refused.", minLength=1, maxLength=200)
_SETTINGS: dict[str, Schema] = {
    "name": _NAME,
    "timeline": {
        **ref("Timeline"),
        "x-expected": "a timeline written out, as an object; a timeline's name goes into `name`",
    },
    "edition": {
        **EDITION,
        "description": "Which documented API to answer as. One that was given stays; otherwise it "
        "is the timeline's own.",
    },
    "clock": object_of(
        {"kind": KIND, "speed": _SPEED, "step": _STEP},
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

REQUESTS: dict[str, Schema] = {
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
    "NewEvent": object_of(
        {
            "name": text("An event that the timeline waits for.", minLength=1, maxLength=64),
            "job_id": {**or_null(_JOB_ID), "description": "To which job; to all unless given."},
        },
        required=("name",),
        examples=[{"name": "resume"}],
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
}
"""By name; `NewFault`, which the fixture format's own schema gives, is not here."""
