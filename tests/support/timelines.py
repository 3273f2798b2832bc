"""Timeline files for property tests: legal ones with all that the format has, and accidents."""

import json
import re
from base64 import b64encode
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

from mockserver.documents.source import Source
from mockserver.strategies.jobs import step_changes
from mockserver.strategies.scripts import Document, Elements, StepKind, durations
from mockserver.strategies.timelines import documents as timeline_documents
from mockserver.timeline.model import LAST_INSTANT_MS, Event, Timeline
from mockserver.timeline.playback import Playback
from mockserver.timeline.reader import load

YEAR_MS = 365 * 24 * 3_600_000
START = "2025-10-03T15:33:23.496Z"
START_MS = 1_759_505_603_496
EVENTS = ("resume", "request", "go-1", "X_9")
MEMBERS_THAT_MAY_MISS = ("total_size_bytes", "downloaded_bytes", "started_at")


def loaded(*jobs: Document, **rest: Any) -> Timeline:
    """The timeline with these jobs, read as a file would be."""
    return load(Source("made.json", json.dumps({"jobs": jobs, **rest})))


def played(*jobs: Document, **rest: Any) -> Playback:
    """The same, laid at its own epoch."""
    return Playback.of(loaded(*jobs, **rest))


def scripted(*script: Any, total: int = 1_000, **rest: Any) -> Document:
    """A job with this script that begins at `START` unless the rest says otherwise."""
    if "begins" not in rest and "copies" not in rest:
        rest.setdefault("started_at", START)
    return {"total_size_bytes": total, "script": list(script), **rest}


# Legal documents.

_lengths = st.integers(1, 50) | st.integers(1, YEAR_MS // 4)
_SHORT = st.integers(1, 6)
_words = st.text(st.characters(exclude_categories=["C"]), max_size=12)
_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
    | _words,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_words, inner, max_size=3),
    max_leaves=4,
)  # fmt: skip


@st.composite
def reports(draw: st.DrawFn, kind: StepKind) -> Document:
    """Settings for one in four steps of this kind; some replies then break the contract."""
    settings: Document = {}
    if kind == "growing" and draw(st.integers(0, 4)) == 4:
        settings["hold"] = False
    if draw(st.integers(0, 3)) < 3:
        return settings
    values: Document = {"progress": 0.4, "downloaded_bytes": 5, "started_at": START}
    values["x" + draw(_words)] = draw(_json)
    if kind in ("growing", "holding"):
        values |= {"bytes_per_second": 0, "estimated_completion": "2025-10-06T22:24:29+02:00"}
    if kind == "completed":
        values["completed_at"] = START
    off_contract = draw(st.integers(0, 3)) == 0
    if off_contract:
        settings["off_contract"] = True
        values |= {"status": "queued", "total_size_bytes": None, "job_id": 5}
    chosen = draw(st.lists(st.sampled_from(list(values)), max_size=3, unique=True))
    if chosen:
        settings["report"] = {key: values[key] for key in chosen}
    names = MEMBERS_THAT_MAY_MISS + (("status", "job_id") if off_contract else ())
    omitted = draw(st.lists(st.sampled_from(names), max_size=2, unique=True))
    if omitted:
        settings["omit"] = omitted
    return settings


_header_texts = st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=5)
_header_names = st.sampled_from(["Retry-After", "X-A", "content-type"])
_places = st.sampled_from(["before headers", "in headers", "after headers", "in body"])
_rules = st.sampled_from(["required", "type", "format"])
_ACTIONS: dict[str, st.SearchStrategy[Any]] = {
    "delay": durations(st.integers(1, 86_400_000)),
    "headers": st.dictionaries(_header_names, st.none() | _header_texts, min_size=1, max_size=2),
    "violate": _rules
    | st.fixed_dictionaries(
        {"rule": _rules},
        optional={"pointer": st.sampled_from(["", "/job_id", "/downloading/0", "/~0~1/"])},
    ),
    "truncate": st.sampled_from(["0%", "33.3%", "099.99%"]) | st.integers(0, 2**53 - 1),
    "content_length": st.sampled_from(["longer", "shorter"]),
    "drip": durations(st.integers(1, 86_400_000)),
    "disconnect": _places
    | st.fixed_dictionaries(
        {"at": _places}, optional={"by": st.sampled_from(["close", "reset"])}
    )
    | st.just({"by": "reset"}),
    "refuse": st.just(False),
    "reply": st.fixed_dictionaries(
        {"status": st.integers(200, 599)},
        optional={"headers": st.dictionaries(_header_names, _header_texts), "body": _json},
    )
    | st.builds(lambda body: {"body_base64": b64encode(body).decode()}, st.binary(max_size=20)),
}  # fmt: skip


_window = {"after": durations(_lengths), "for": durations(_lengths)}
_whens = st.fixed_dictionaries(
    {},
    optional={
        **_window,
        "request": st.sampled_from([3, "3", "3-5", "7-7", "12-"]),
        "probability": st.sampled_from(["30%", "99.5%", "100%", 0.01, 1]),
    },
)
_operations = st.sampled_from(["job_status", "list_status", "download"])
_paths = st.sampled_from(["/", "/api/v1/models", "/ü/%20", "/api/v1*", "/*/x"])
_wheres: st.SearchStrategy[Document] = st.one_of(
    st.just({}),
    st.fixed_dictionaries({"operation": _operations}),
    st.fixed_dictionaries({"path": _paths}),
)
_refusals = st.fixed_dictionaries(
    {"refuse": st.just(True)}, optional={"when": st.fixed_dictionaries({}, optional=_window)}
)


@st.composite
def faults(draw: st.DrawFn) -> Document:
    """A legal fault; its operation is in some edition."""
    if draw(st.integers(0, 3)) == 0:
        return draw(_refusals)
    fault: Document = draw(st.fixed_dictionaries({}, optional={"when": _whens}))
    fault |= draw(_wheres)
    if "probability" in fault.get("when", {}) and draw(st.booleans()):
        fault["when"]["seed"] = draw(st.integers(0, 2**53 - 1))
    actions = draw(st.lists(st.sampled_from(list(_ACTIONS)), min_size=1, unique=True))
    fault |= {action: draw(_ACTIONS[action]) for action in actions}
    _unmix(fault)
    return fault


def _unmix(fault: Document) -> None:
    """Take away what does not go with the rest of a fault."""
    if "operation" not in fault:
        fault.pop("violate", None)
    disconnect = fault.get("disconnect")
    at = disconnect.get("at", "before headers") if isinstance(disconnect, dict) else disconnect
    if at == "before headers":
        for key in ("reply", "headers", "violate", "truncate", "content_length", "drip"):
            fault.pop(key, None)
    if "violate" in fault:
        fault.pop("reply", None)
        fault.pop("truncate", None)
    if "truncate" in fault:
        fault.pop("content_length", None)
    if not fault.keys() & _ACTIONS.keys():
        fault["delay"] = "1s"


def elements(lengths: st.SearchStrategy[int]) -> Elements:
    """All that a format has, with steps of these lengths in milliseconds."""
    return Elements(
        durations=durations(lengths),
        sizes=st.integers(0, 50) | st.integers(0, 2**53 - 1),
        models=_words.filter(str.isprintable),
        events=EVENTS,
        reports=reports,
        rest_lasts="1ms",
    )


@st.composite
def documents(draw: st.DrawFn, lengths: st.SearchStrategy[int] = _lengths) -> Document:
    """A legal timeline as data, with what changes no reply, names and faults of all kinds."""
    edition = draw(st.sampled_from(["2025-10", "2026-01"]))
    document = draw(timeline_documents(elements(lengths), edition=edition))
    for number, job in enumerate(document["jobs"]):
        if "job_id" in job and draw(st.booleans()):
            job["job_id"] = draw(st.sampled_from(["job_0123456789", "a b", "ü%?#"])) + str(number)
    if draw(st.booleans()):
        document["description"] = draw(_words)
    if draw(st.integers(0, 2)) == 0:
        ends = draw(st.sampled_from(["success", "failure", "either"]))
        document["good_client"] = {"ends": ends, "does": "x" + draw(_words)}
    if draw(st.integers(0, 2)) == 0:
        document["faults"] = draw(st.lists(faults(), min_size=1, max_size=3))
    return document


short_documents = documents(_SHORT)
"""Timelines in which little time passes, so that every millisecond of them can be looked at."""


# Documents as text.

_PLAIN = re.compile(
    r"[A-Za-z][A-Za-z0-9_-]*(?: [A-Za-z0-9_-]+)*|[0-9][0-9.hms]*[hms%]|[0-9]+-[0-9]*"
    r"|[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+(?:Z|\+[0-9:]+)"
)
_NO_TEXT = ("null", "true", "false")


def written(document: Document, block_levels: int) -> str:
    """The document as YAML, in block style for so many levels, or as JSON for none."""
    if not block_levels:
        return json.dumps(document)
    return "\n".join(_block(document, block_levels - 1)) + "\n"


def _block(value: Any, levels: int) -> list[str]:
    heads: list[tuple[str, Any]] = (
        [(f"{_flow(key)}:", item) for key, item in value.items()]
        if isinstance(value, dict)
        else [("-", item) for item in value]
    )
    lines: list[str] = []
    for head, item in heads:
        if not levels or not isinstance(item, dict | list) or not item:
            lines.append(f"{head} {_flow(item)}")
            continue
        inner = _block(item, levels - 1)
        if head == "-":
            lines.append(f"- {inner.pop(0)}")
        else:
            lines.append(head)
        lines += [f"  {line}" for line in inner]
    return lines


def _flow(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_flow(key)}: {_flow(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_flow, value)) + "]"
    if isinstance(value, str) and _PLAIN.fullmatch(value) and value.lower() not in _NO_TEXT:
        return value
    return json.dumps(value)


texts = st.builds(written, documents(), st.integers(0, 7))
"""Legal timeline files."""

short_texts = st.builds(written, short_documents, st.just(3))


# What happens while a timeline is played.


@dataclass(frozen=True)
class Moment:
    """An instant, and the timeline with the events until then."""

    now_ms: int
    playback: Playback


@st.composite
def stories(draw: st.DrawFn, timeline: Timeline, most: int = 8) -> list[Moment]:
    """Instants in their order, more often near the changes of jobs than chance would have it.

    At some of them an event happens, to one job or to all; a moment comes after its event.
    """
    playback = Playback.of(timeline)
    begins = (schedule.begins_ms for schedule in playback.schedules.values())
    known = [begins_ms for begins_ms in begins if begins_ms is not None]
    now = max(0, min([playback.epoch_ms, *known]) - draw(st.integers(0, 3)))
    names = (*playback.event_names, *playback.event_names, "nothing")
    moments: list[Moment] = []
    for _ in range(draw(st.integers(1, most))):
        coming = step_changes(playback.schedules.values(), now)
        if len(coming) > 0 and draw(st.booleans()):
            now = max(now, draw(st.sampled_from(coming[:4])) + draw(st.integers(-2, 2)))
        else:
            now += draw(st.integers(0, 20) | st.integers(0, YEAR_MS))
        now = min(now, LAST_INSTANT_MS)
        if draw(st.booleans()):
            struck = draw(st.none() | st.sampled_from(list(playback.schedules)))
            playback = playback.after(Event(draw(st.sampled_from(names)), now, struck))
        moments.append(Moment(now, playback))
    return moments
