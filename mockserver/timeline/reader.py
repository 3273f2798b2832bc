"""Timeline files: finding them by name, and reading them into records.

A file is YAML 1.2 (JSON therefore too):

    description: What happens, for the reader.   # optional
    edition: 2025-10                             # optional, 2025-10 unless given
    starts_at: 2025-10-06T18:58:07.291Z          # optional: what the clock shows at first
    good_client:                                 # optional: what `mockserver exercise` expects
      ends: success                              # or failure, or either
      does: keeps polling while it is paused.    # for the reader
    jobs:
      - job_id: job_493c7c9ded                   # optional, made from the file's name unless given
        model: ibm/granite-4-micro               # optional: what a client asks for to get this job
        total_size_bytes: 2279145003
        begins: at start                         # optional; or: on request, or a duration
        started_at: 2025-10-03T15:33:23.496Z     # optional: when the script begins
        listed: false                            # optional: left out of the list; else true
        copies: 1000                             # optional: as many such jobs, each with its id
        every: 20ms                              # optional, with copies: each begins so much later
        script:
          - downloading: {for: 8s, to: 40%}      # at even speed, up to a share or a byte count
          - downloading: {hold: true, for: 9s}   # bytes and reported speed stand still
          - paused: {for: 5s}                    # or {until: resume}, an event; alone: for ever
          - failed: {until: resume}              # or alone
          - downloading: {for: 12s, to: 100%}
          - completed: {for: 60s}                # or alone
          - gone                                 # the server has forgotten the job
    faults:                                      # optional; `faults` says how they are written
      - operation: job_status
        when: {request: 3}
        reply: {status: 503, headers: {Retry-After: "2"}}

Each step also takes `report: {member: value}` and `omit: [member]`, and `off_contract: true` when
its replies then break the contract.
"""

from __future__ import annotations

import hashlib
import json
import ntpath
import re
from dataclasses import replace
from pathlib import Path
from typing import get_args

from mockserver import files, resources
from mockserver.documents import rfc3339, yaml_text
from mockserver.documents.node import Node
from mockserver.documents.source import Source
from mockserver.documents.units import DURATIONS, read_duration
from mockserver.errors import TimelineError, UnknownName, nearest
from mockserver.faults.fault import Fault
from mockserver.faults.reader import read_fault, read_faults
from mockserver.timeline.model import (
    FLOATING_EPOCH_MS,
    LATEST_START_MS,
    Begin,
    Ends,
    GoodClient,
    ScriptedJob,
    Timeline,
)
from mockserver.timeline.steps import MAX_SCRIPT_MS, read_script

__all__ = ["MAX_JOBS", "find", "find_named", "load", "load_fault"]

_MEMBERS = ("description", "edition", "starts_at", "good_client", "faults")
_REQUIRED = ("total_size_bytes", "script")
_OPTIONAL = ("job_id", "model", "begins", "started_at", "listed", "copies", "every")
_OTHER_ENDS: dict[str, Ends] = {
    "succeeds": "success",
    "completed": "success",
    "fails": "failure",
    "failed": "failure",
    "error": "failure",
    "any": "either",
    "both": "either",
}
_AT_START, _ON_REQUEST = "at start", "on request"
_DATE_TIMES = "a date-time such as 2025-10-03T15:33:23.496Z"
_TOO_FINE = re.compile(r"\.[0-9]{3}[0-9]*[1-9]")
MAX_JOBS = 10_000
MAX_STEPS_IN_ALL = 100_000
MAX_REPORTED = 4_000_000
"""Characters of JSON in the `report` members of all jobs, so that a list of them stays small."""
_MAX_ID_LENGTH = 200


def find(name: str | Path, folder: str | Path | None = None) -> Source:
    """The timeline of this name, or the file at this path.

    Text with a slash, or ending in .yaml, .yml or .json, is a path. A name is one in the user's own
    folder (`folder`, or where `resources` looks for it), else a bundled one. Raises UnknownName for
    a name that is in neither, UnreadableFile for a file or folder that cannot be read.
    """
    if isinstance(name, Path) or _is_path(name):
        return files.read_source(name)
    own = resources.own_timeline_files(folder)
    if name in own:
        return files.read_source(own[name])
    bundled = resources.timeline_files()
    if name not in bundled:
        where = resources.own_timelines_folder(folder)
        searched = "" if where is None else f"{where} or among the bundled ones"
        raise UnknownName("timeline", name, tuple(sorted({**bundled, **own})), searched)
    return Source(bundled[name].name, files.read_source(bundled[name]).text)


def find_named(name: str, folder: str | Path | None = None) -> Source:
    """The same for names alone: what could be a path is an unknown name."""
    if _is_path(name):
        known = {**resources.timeline_files(), **resources.own_timeline_files(folder)}
        raise UnknownName("timeline", name, tuple(sorted(known)))
    return find(name, folder)


def load_fault(source: Source, edition: str) -> Fault:
    """Read one fault, written as in a timeline's `faults`.

    Raises YamlError for text that is not YAML, TimelineError for what the format does not allow.
    """
    document = yaml_text.load(source)
    return read_fault(Node(document, (), document.data, "the fault", TimelineError), edition)


def load(source: Source) -> Timeline:
    """Read a timeline; its name is the file's, without the ending.

    Raises YamlError for text that is not YAML, TimelineError for what the format does not allow.
    """
    document = yaml_text.load(source)
    root = Node(document, (), document.data, "the timeline", TimelineError)
    members = root.members(("jobs",), _MEMBERS)
    name = _name_of(source.path)
    description = members["description"].text() if "description" in members else None
    edition = _edition(members["edition"]) if "edition" in members else resources.DEFAULT_EDITION
    starts_ms = read_instant(members["starts_at"]) if "starts_at" in members else None
    nodes = members["jobs"].items("job")
    jobs: list[ScriptedJob] = []
    places: list[Node] = []
    steps = reported = 0
    for node in nodes:
        made = _jobs(node, name, len(jobs), edition)
        reported += _reported(made[0]) * len(made)
        if reported > MAX_REPORTED:
            raise node.error(
                "its replies report too much",
                f"at most {MAX_REPORTED:,} characters with all copies",
            )
        if len(jobs) + len(made) > MAX_JOBS:
            raise node.error("too many jobs", f"at most {MAX_JOBS:,} with all copies")
        steps += sum(len(job.steps) for job in made)
        if steps > MAX_STEPS_IN_ALL:
            raise node.error("too many steps", f"at most {MAX_STEPS_IN_ALL:,} with all copies")
        jobs += made
        places += [node] * len(made)
    _refuse_duplicates(places, jobs)
    anchors = [job.begin.at_ms for job in jobs if job.begin.at_ms is not None]
    floating = starts_ms is None and not anchors
    if starts_ms is None:
        starts_ms = min(anchors, default=FLOATING_EPOCH_MS)
    faults = read_faults(members["faults"], edition) if "faults" in members else ()
    good = _good_client(members["good_client"]) if "good_client" in members else None
    return Timeline(name, tuple(jobs), starts_ms, edition, floating, description, faults, good)


def read_instant(node: Node) -> int:
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


def _is_path(name: str) -> bool:
    return "/" in name or "\\" in name or name.lower().endswith(resources.TIMELINE_SUFFIXES)


def _name_of(path: str) -> str:
    # ntpath splits at both kinds of slash.
    return ntpath.splitext(ntpath.basename(path))[0] or path


def _made_id(timeline: str, index: int) -> str:
    """`job_` and ten hex digits, as the real server makes them (D); the same in every run."""
    seed = f"{timeline}\n{index}".encode(errors="surrogatepass")
    return "job_" + hashlib.sha256(seed).hexdigest()[:10]


def _edition(node: Node) -> str:
    known = resources.edition_names()
    name = node.value
    if not isinstance(name, str):
        raise node.wrong(" or ".join(known))
    if name not in known:
        raise node.error(f"unknown edition {name!r}", " or ".join(known), nearest(name, known))
    return name


def _good_client(node: Node) -> GoodClient:
    members = node.members(("ends", "does"), ())
    ends = members["ends"].word(get_args(Ends), _OTHER_ENDS)
    does = members["does"].text()
    if not does.strip():
        raise members["does"].error("`does` says nothing", "what a good client does, in a sentence")
    return GoodClient(ends, does)


def _jobs(node: Node, timeline: str, index: int, edition: str) -> list[ScriptedJob]:
    """The job that an entry describes, or its copies; the first is the file's job `index`."""
    entry = node.members(_REQUIRED, _OPTIONAL)
    total = entry["total_size_bytes"].whole_number("a whole number of bytes")
    begin = _begin(entry)
    steps = read_script(entry["script"], total, edition)
    model = entry["model"].text() if "model" in entry else None
    listed = entry["listed"].flag() if "listed" in entry else True
    copies, every = _copies(entry, begin)
    made_ids = [_made_id(timeline, index + number) for number in range(copies)]
    ids = [_job_id(entry["job_id"])] if "job_id" in entry else made_ids
    return [
        ScriptedJob(
            job_id,
            total,
            replace(begin, after_ms=begin.after_ms + number * every) if every else begin,
            steps,
            model,
            listed,
        )
        for number, job_id in enumerate(ids)
    ]


def _reported(job: ScriptedJob) -> int:
    return sum(
        len(json.dumps(dict(step.overrides.values))) for step in job.steps if step.overrides.values
    )


def _begin(entry: dict[str, Node]) -> Begin:
    at_ms = read_instant(entry["started_at"]) if "started_at" in entry else None
    node = entry.get("begins")
    if node is None or node.value == _AT_START:
        return Begin(at_ms=at_ms)
    if at_ms is not None:
        problem = "`begins` and `started_at` say two things of one instant"
        raise node.error(problem, "one of them", key=True)
    if node.value == _ON_REQUEST:
        return Begin(on_request=True)
    known = (_AT_START, _ON_REQUEST)
    if isinstance(node.value, str) and nearest(node.value, known):
        expected = f"{_AT_START}, {_ON_REQUEST} or {DURATIONS}"
        raise node.wrong(expected, nearest(node.value, known))
    after_ms = read_duration(node)
    if after_ms > MAX_SCRIPT_MS:
        raise node.error("the job begins after more than ten years", "at most 87600h")
    return Begin(after_ms=after_ms)


def _copies(entry: dict[str, Node], begin: Begin) -> tuple[int, int]:
    """How many of the job there are, and how many milliseconds lie between their beginnings."""
    if "copies" not in entry:
        if "every" in entry:
            raise entry["every"].error("`every` without `copies`", "copies: 10", key=True)
        return 1, 0
    node = entry["copies"]
    count = node.value
    if isinstance(count, bool) or not isinstance(count, int) or not 1 <= count <= MAX_JOBS:
        raise node.wrong(f"a whole number from 1 to {MAX_JOBS:,}")
    if "job_id" in entry:
        problem = "copies of a job cannot share one id"
        raise entry["job_id"].error(problem, "no job_id, so that each gets one", key=True)
    if "every" not in entry:
        return count, 0
    if begin.on_request or begin.at_ms is not None:
        problem = "`every` counts from the timeline's beginning"
        raise entry["every"].error(problem, "no `started_at`, nor `on request`", key=True)
    every = read_duration(entry["every"])
    if begin.after_ms + (count - 1) * every > MAX_SCRIPT_MS:
        problem = "the last copy begins after more than ten years"
        raise entry["every"].error(problem, "at most 87600h in all")
    return count, every


def _job_id(node: Node) -> str:
    """Any text that can stand as one segment of a URL's path.

    Servers outside this project may make other ids than `job_` and ten hex digits, so every
    printable text is fine except with a slash, around spaces, or `.` and `..`, which clients
    take out of a path.
    """
    expected = "text without slashes such as job_493c7c9ded"
    job_id = node.text(expected)
    if not job_id or job_id in (".", ".."):
        raise node.error(f"{node.name} is {job_id!r}", expected)
    if "/" in job_id or "\\" in job_id or not job_id.isprintable() or job_id != job_id.strip():
        raise node.error(f"{node.name} cannot stand in a URL's path", expected)
    if len(job_id) > _MAX_ID_LENGTH:
        raise node.error(f"{node.name} has {len(job_id)} characters", f"at most {_MAX_ID_LENGTH}")
    return job_id


def _refuse_duplicates(nodes: list[Node], jobs: list[ScriptedJob]) -> None:
    seen: dict[str, Node] = {}
    for node, job in zip(nodes, jobs, strict=True):
        first = seen.get(job.job_id)
        seen[job.job_id] = node
        if first is not None:
            line, _ = first.document.position(first.path)
            problem = f"duplicate job id {job.job_id!r}, first in the job at line {line}"
            given = isinstance(node.value, dict) and "job_id" in node.value
            place = node.child("job_id", job.job_id) if given else node
            raise place.error(problem, "another id, or none")
