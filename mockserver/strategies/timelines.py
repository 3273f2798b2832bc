"""Whole timelines, drawn: as the data that a file holds, and loaded."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any, Self

from hypothesis import strategies as st

from mockserver import contract, resources
from mockserver.strategies.scripts import Document, Elements, StepKind, scripts
from mockserver.timeline.model import Timeline
from mockserver.timeline.reader import timeline_from

_starts = st.sampled_from(
    ["2025-10-03T15:33:23.496Z", "1970-01-01T00:00:00Z", "9899-12-31T00:00:00+00:00"]
)
_made_ids = st.integers(0, 16**10 - 1).map("job_{:010x}".format)
_JOB_MEMBERS = ("total_size_bytes", "downloaded_bytes", "started_at")
"""What the tables of every edition let miss."""
_unknown_members = st.sampled_from(
    [{"progress": 0.4}, {"queue_position": None}, {"labels": ["gguf", "4-bit"]}]
)


@dataclass(frozen=True, slots=True, repr=False)
class DrawnTimeline(Timeline):
    """A timeline that shows itself as what gives it again: `timeline_from({…})` of `document`."""

    document: Mapping[str, Any] = field(default_factory=dict, compare=False)

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> Self:
        """The timeline of this data. Raises TimelineError."""
        loaded = timeline_from(document)
        names = [member.name for member in fields(loaded) if member.init]
        return cls(**{name: getattr(loaded, name) for name in names}, document=document)

    def __repr__(self) -> str:
        return f"timeline_from({self.document!r})"

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        """How Hypothesis and IPython print it, over several lines."""
        printer.text("timeline_from(")
        printer.pretty(self.document)
        printer.text(")")


def timelines(
    *, edition: str | None = None, max_jobs: int = 3, events: bool = True, surprises: bool = False
) -> st.SearchStrategy[Timeline]:
    """Timelines whose jobs download, stall, pause, fail, go on, complete and are forgotten.

    Every reply keeps to the edition's contract. With `events`, steps wait for `resume` or `go`,
    and jobs for `request`; without, time alone changes them. With `surprises`, replies also lack
    members that may be missing, and have some that no page documents. The simplest is one job
    that downloads and completes.

    One that was drawn prints as `timeline_from({…})`: `MockServer({…})` plays that data, and a file
    may hold it, as JSON or as YAML. Raises UnknownName for an unknown edition,
    ValueError for less than one job.
    """
    if max_jobs < 1:
        raise ValueError(f"a timeline has a job, so max_jobs is at least 1, not {max_jobs}")
    edition = contract.edition(edition or resources.DEFAULT_EDITION).name
    usual = Elements(reports=_surprises) if surprises else Elements()
    elements = usual if events else replace(usual, events=())
    return documents(elements, max_jobs=max_jobs, edition=edition).map(DrawnTimeline.of)


@st.composite
def documents(
    draw: st.DrawFn,
    elements: Elements = Elements(),  # noqa: B008  # it is frozen
    *,
    max_jobs: int = 3,
    edition: str = resources.DEFAULT_EDITION,
) -> Document:
    """A legal timeline as data: what a file holds."""
    found = draw(st.lists(_jobs(elements), min_size=1, max_size=max_jobs))
    ids = draw(st.lists(_made_ids, min_size=len(found), max_size=len(found), unique=True))
    for job, job_id in zip(found, ids, strict=True):
        if "copies" not in job and draw(st.booleans()):
            job["job_id"] = job_id
    document: Document = {"jobs": found}
    if edition != resources.DEFAULT_EDITION:
        document["edition"] = edition
    if draw(st.integers(0, 2)) == 2:
        document["starts_at"] = draw(_starts)
    return document


@st.composite
def _jobs(draw: st.DrawFn, elements: Elements) -> Document:
    """A legal job, without an id."""
    total = draw(elements.sizes)
    job: Document = {"total_size_bytes": total, "script": draw(scripts(total, elements))}
    begins = ["", "at start", "later", "started_at"]
    begin = draw(st.sampled_from([*begins, "on request"] if elements.events else begins))
    if begin == "started_at":
        job["started_at"] = draw(_starts)
    elif begin:
        job["begins"] = draw(elements.durations) if begin == "later" else begin
    if draw(st.booleans()):
        job["model"] = draw(elements.models)
    if draw(st.integers(0, 3)) == 3:
        job["listed"] = draw(st.booleans())
    if draw(st.integers(0, 3)) == 3:
        job["copies"] = draw(st.integers(1, 4))
        if begin in ("", "at start", "later") and draw(st.booleans()):
            job["every"] = draw(elements.durations)
    return job


@st.composite
def _surprises(draw: st.DrawFn, kind: StepKind) -> Document:
    """What the contract lets a step report that few clients expect."""
    settings: Document = {}
    if draw(st.booleans()):
        settings["report"] = draw(_unknown_members)
    omitted = draw(st.lists(st.sampled_from(_JOB_MEMBERS), max_size=3, unique=True))
    if omitted:
        settings["omit"] = omitted
    return settings
