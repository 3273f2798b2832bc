"""The fields of one job in a timeline file, and how their values are written."""

import re
from collections.abc import Mapping

from mockserver.documents import kinds, rfc3339
from mockserver.documents.fields import Field, Members
from mockserver.documents.kinds import Kind, Schema
from mockserver.documents.node import Node
from mockserver.documents.units import DURATION, DURATIONS, read_duration
from mockserver.errors import nearest
from mockserver.timeline.model import LATEST_START_MS, Begin
from mockserver.timeline.script import MAX_SCRIPT_MS

MAX_JOBS = 10_000
MAX_STEPS = 1_000
_MAX_ID_LENGTH = 200

_DATE_TIMES = "a date-time such as 2025-10-03T15:33:23.496Z"
_TOO_FINE = re.compile(r"\.[0-9]{3}[0-9]*[1-9]")
_AT_START, _ON_REQUEST = "at start", "on request"
_IDS = "text without slashes such as job_493c7c9ded"
_MODELS = "printable text such as ibm/granite-4-micro"
_SHARED_PROBLEM = "copies of a job cannot share one id"
_EVERY_PROBLEM = "`every` counts from the timeline's beginning"
_EVERY_EXPECTED = "no `started_at`, nor `on request`"


def _read_instant(node: Node) -> int:
    """Milliseconds since 1970."""
    text = node.value
    if not isinstance(text, str):
        raise node.wrong(_DATE_TIMES)
    try:
        instant = rfc3339.to_milliseconds(text)
    except ValueError:
        raise node.wrong(_DATE_TIMES, _corrected_date_time(text)) from None
    if _TOO_FINE.search(text):
        raise node.error(f"{node.name} is finer than a millisecond", _DATE_TIMES)
    if not 0 <= instant <= LATEST_START_MS:
        raise node.error(f"{node.name} is too far away", "a year from 1970 to 9899")
    return instant


def _corrected_date_time(text: str) -> str | None:
    joined = text.strip().replace(" ", "T", 1)
    guesses = (joined, joined + "Z", joined + ":00Z", joined + "T00:00:00Z")
    return next((guess for guess in guesses if rfc3339.is_date_time(guess)), None)


def _read_begin(node: Node) -> Begin:
    known = (_AT_START, _ON_REQUEST)
    if node.value in known:
        return Begin(on_request=node.value == _ON_REQUEST)
    if isinstance(node.value, str) and nearest(node.value, known):
        expected = f"{_AT_START}, {_ON_REQUEST} or {DURATIONS}"
        raise node.wrong(expected, nearest(node.value, known))
    after_ms = read_duration(node)
    if after_ms > MAX_SCRIPT_MS:
        raise node.error("the job begins after more than ten years", "at most 87600h")
    return Begin(after_ms=after_ms)


def _read_job_id(node: Node) -> str:
    """Any text that can stand as a segment of a URL's path, where clients take out `.` and `..`."""
    job_id = node.text(_IDS)
    if not job_id or job_id in (".", ".."):
        raise node.error(f"{node.name} is {job_id!r}", _IDS)
    if "/" in job_id or "\\" in job_id or not job_id.isprintable() or job_id != job_id.strip():
        raise node.error(f"{node.name} cannot stand in a URL's path", _IDS)
    if len(job_id) > _MAX_ID_LENGTH:
        raise node.error(f"{node.name} has {len(job_id)} characters", f"at most {_MAX_ID_LENGTH}")
    return job_id


def _read_model(node: Node) -> str:
    model = node.text(_MODELS)
    if not model.isprintable():
        raise node.error(f"{node.name} is {model!r}", _MODELS)
    return model


DATE_TIME = Kind(
    _DATE_TIMES,
    _read_instant,
    {
        "description": "An RFC 3339 date-time from 1970 to 9899, no finer than a millisecond.",
        "type": "string",
        "format": "date-time",
        "pattern": r"^[0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])"
        r"[Tt](?:[01][0-9]|2[0-3]):[0-5][0-9]:(?:[0-5][0-9]|60)(?:\.[0-9]{1,3}0*)?"
        r"(?:[Zz]|[+-](?:[01][0-9]|2[0-3]):[0-5][0-9])$",
        "examples": ["2025-10-03T15:33:23.496Z"],
    },
    "date_time",
)
BEGIN = Kind(
    f"`{_AT_START}`, `{_ON_REQUEST}` or {DURATIONS}",
    _read_begin,
    {"anyOf": [{"enum": [_AT_START, _ON_REQUEST]}, DURATION.reference]},
)
JOB_ID = Kind(
    _IDS,
    _read_job_id,
    {
        "type": "string",
        "maxLength": _MAX_ID_LENGTH,
        "pattern": r"^(?!\.{1,2}$)[^\s/\\](?:[^/\\]*[^\s/\\])?$",
    },
)
MODEL = Kind(_MODELS, _read_model, {"type": "string", "pattern": "^[^\\x00-\\x1f\\x7f-\\x9f]*$"})


class OneStart:
    """`started_at` is an instant, and `begins` another way to say one."""

    def check(self, nodes: Mapping[str, Node]) -> None:
        if "started_at" in nodes and "begins" in nodes and nodes["begins"].value != _AT_START:
            problem = "`begins` and `started_at` say two things of one instant"
            raise nodes["begins"].error(problem, "one of them", key=True)

    def add_to(self, schema: Schema) -> None:
        begins = {"begins": {"const": _AT_START}}
        schema["dependentSchemas"]["started_at"]["properties"] |= begins


class JobFields(Members):
    """One job, or as many alike as `copies` says."""

    job_id = Field(
        JOB_ID,
        "The job's id, one segment of a path. Unless given: `job_` and ten hexadecimal digits, "
        "made from the file's name.",
        examples=["job_493c7c9ded"],
    )
    model = Field(
        MODEL, "What a client asks for to get this job.", examples=["ibm/granite-4-micro"]
    )
    total_size_bytes = Field(kinds.BYTES, "How many bytes there are in all.", required=True)
    begins = Field(
        BEGIN,
        "When the script begins: `at start` (unless given), `on request`, or so long after the "
        "start.",
        default=Begin(),
        shown_default=_AT_START,
    )
    started_at = Field(DATE_TIME, "The instant at which the script begins, in place of `begins`.")
    listed = Field(kinds.FLAG, "false: the list operation leaves the job out.", default=True)
    copies = Field(
        kinds.whole_number("a whole number", 1, MAX_JOBS),
        "How many such jobs there are, each with an id of its own.",
        examples=[1000],
    )
    every = Field(DURATION, "How much later than the copy before it each copy begins.")
    script = Field(
        Kind(
            "a list of steps",
            lambda node: node,
            {
                "type": "array",
                "minItems": 1,
                "maxItems": MAX_STEPS,
                "items": {"$ref": "#/$defs/step"},
            },
        ),
        "The job's steps in order. The last one has neither `for` nor `until`: it lasts for ever.",
        required=True,
        examples=[[{"downloading": {"for": "20s", "to": "100%"}}, "completed"]],
    )
    RULES = (
        kinds.Needs("every", "copies", "`every` without `copies`", "copies: 10"),
        kinds.Excludes("job_id", "copies", _SHARED_PROBLEM, "no job_id, so that each gets one"),
        kinds.Excludes("every", "started_at", _EVERY_PROBLEM, _EVERY_EXPECTED),
        kinds.ExcludesWhen(
            "begins",
            lambda node: node.value == _ON_REQUEST,
            {"const": _ON_REQUEST},
            ("every",),
            _EVERY_PROBLEM,
            expected=_EVERY_EXPECTED,
        ),
        OneStart(),
    )
