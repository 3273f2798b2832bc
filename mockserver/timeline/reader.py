"""Timelines read into records, from files and from data; `fields` says how they are written."""

import hashlib
import json
import ntpath
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from mockserver.documents import yaml_text
from mockserver.documents.data import DataDocument
from mockserver.documents.node import Node
from mockserver.documents.source import PlacedData, Source
from mockserver.errors import TimelineError, nearest
from mockserver.faults.fault import Fault
from mockserver.faults.reader import read_fault, read_faults
from mockserver.timeline.fields import TimelineFields
from mockserver.timeline.job_fields import MAX_JOBS, MAX_STEPS, JobFields
from mockserver.timeline.model import FLOATING_EPOCH_MS, GoodClient, ScriptedJob, Step, Timeline
from mockserver.timeline.script import MAX_SCRIPT_MS, Script
from mockserver.timeline.steps import DOWNLOADING, STEP_TYPES, StepType

MAX_STEPS_IN_ALL = 100_000
MAX_REPORTED = 4_000_000
"""Characters of JSON in the `report` members of all jobs, so that a list of them stays small."""
_NAME = "inline"
_LAST = "a last step without `for` and `until`, such as `completed`, `failed`, `paused` or `gone`"


def load(source: Source) -> Timeline:
    """Read a timeline file. YamlError for what is no YAML, TimelineError for other faults."""
    return _timeline(yaml_text.load(source), source.path)


def timeline_from(document: object, name: str = _NAME) -> Timeline:
    """A timeline from what a file would hold, as data.

    Raises NotJson for what JSON has no form for, TimelineError for what the format does not allow.
    """
    return _timeline(DataDocument.of(document, name), name)


def fault_from(members: object, edition: str) -> Fault:
    """A fault from what a file would hold, as data. Raises NotJson, or TimelineError."""
    document = DataDocument.of(members, "fault")
    return read_fault(Node.root(document, "the fault", TimelineError), edition)


def _timeline(document: PlacedData, path: str) -> Timeline:
    """The timeline, whose name is the file's without the ending."""
    # ntpath splits at both kinds of slash.
    name = ntpath.splitext(ntpath.basename(path))[0] or path
    fields = TimelineFields(Node.root(document, "the timeline", TimelineError))
    reader = _JobReader(name, fields.edition)
    for node in fields.jobs:
        reader.add(node)
    starts_ms, good = fields.starts_at, fields.good_client
    anchors = [job.begin.at_ms for job in reader.jobs if job.begin.at_ms is not None]
    return Timeline(
        name,
        tuple(reader.jobs),
        min(anchors, default=FLOATING_EPOCH_MS) if starts_ms is None else starts_ms,
        fields.edition,
        floating=starts_ms is None and not anchors,
        description=fields.description,
        faults=read_faults(fields.faults, fields.edition) if fields.faults else (),
        good_client=None if good is None else GoodClient(good.ends, good.does),
    )


@dataclass(slots=True)
class _JobReader:
    """The jobs read so far, which together keep to the limits, and the place of each id."""

    timeline: str
    edition: str
    jobs: list[ScriptedJob] = field(default_factory=list)
    places: dict[str, Node] = field(default_factory=dict)
    steps: int = 0
    reported: int = 0

    def add(self, node: Node) -> None:
        """Read an entry: a job, or its copies."""
        jobs = list(self._jobs(JobFields(node)))
        values = (step.overrides.values for step in jobs[0].steps)
        reported = sum(len(json.dumps(dict(each))) for each in values if each)
        self.reported += reported * len(jobs)
        self.steps += sum(len(job.steps) for job in jobs)
        for count, most, what, expected in (
            (self.reported, MAX_REPORTED, "its replies report too much", "characters "),
            (len(self.jobs) + len(jobs), MAX_JOBS, "too many jobs", ""),
            (self.steps, MAX_STEPS_IN_ALL, "too many steps", ""),
        ):
            if count > most:
                raise node.error(what, f"at most {most:,} {expected}with all copies")
        for job in jobs:
            if job.job_id in self.places:
                raise self._duplicate(node, job.job_id)
            self.places[job.job_id] = node
        self.jobs += jobs

    def _jobs(self, fields: JobFields) -> Iterator[ScriptedJob]:
        begin = replace(fields.begins, at_ms=fields.started_at)
        steps = read_script(fields.script, fields.total_size_bytes, self.edition)
        every_ms, copies = fields.every or 0, fields.copies or 1
        if begin.after_ms + (copies - 1) * every_ms > MAX_SCRIPT_MS:
            problem = "the last copy begins after more than ten years"
            raise fields.nodes["every"].error(problem, "at most 87600h in all")
        for number in range(copies):
            yield ScriptedJob(
                fields.job_id or _generated_id(self.timeline, len(self.jobs) + number),
                fields.total_size_bytes,
                replace(begin, after_ms=begin.after_ms + number * every_ms) if every_ms else begin,
                steps,
                model=fields.model,
                listed=fields.listed,
            )

    def _duplicate(self, node: Node, job_id: str) -> Exception:
        first = self.places[job_id]
        line, _ = first.document.position(first.path)
        problem = f"duplicate job id {job_id!r}, first in the job at line {line}"
        return node.children.get("job_id", node).error(problem, "another id, or none")


def _generated_id(timeline: str, index: int) -> str:
    """`job_` and ten hex digits, as the real server makes them (D); the same in every run."""
    seed = f"{timeline}\n{index}".encode(errors="surrogatepass")
    return "job_" + hashlib.sha256(seed).hexdigest()[:10]


def read_script(node: Node, total_bytes: int, edition: str) -> tuple[Step, ...]:
    """The steps in order, the last of them for ever; TimelineError where the rules are broken."""
    script = Script(total_bytes, edition)
    items = node.items("step")
    if len(items) > MAX_STEPS:
        raise node.error(f"a script of {len(items):,} steps", f"at most {MAX_STEPS:,}")
    for item in items:
        kind, settings = _kind_of(item)
        script.refuse_after_the_end(item, kind.phase)
        kind.read(item, settings, script)
    if not script.steps[-1].is_endless:
        raise items[-1].error("the script breaks off: its last step comes to an end", _LAST)
    return tuple(script.steps)


def _kind_of(step: Node) -> tuple[StepType, Node | None]:
    """A step's kind and its settings; a step that is a bare word has none."""
    settings = next(iter(step.children.values()), None)
    word = step.value if settings is None else settings.path[-1]
    named = settings or step
    if not isinstance(word, str):
        raise step.wrong(f"a step such as `{DOWNLOADING}`")
    if word not in STEP_TYPES:
        expected = ", ".join(STEP_TYPES)
        raise named.error(f"unknown step {word!r}", expected, nearest(word, STEP_TYPES), key=True)
    if len(step.children) > 1:
        second = [*step.children.values()][1]
        expected = f"one step, with all that belongs to it in braces: `{DOWNLOADING}`"
        raise second.error(f"{step.name} is more than one thing", expected, key=True)
    return STEP_TYPES[word], settings
