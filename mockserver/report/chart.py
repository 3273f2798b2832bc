"""A chart of jobs over time, whatever it shows and whoever draws it, and its time axis.

Times are milliseconds from the chart's beginning, shares are from 0 to 1, texts are printable and
on one line.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Literal, NamedTuple, TypeAlias

from mockserver.documents.text import duration
from mockserver.findings.finding import Severity
from mockserver.timeline.model import Event

Kind: TypeAlias = Literal[
    "downloading", "holding", "paused", "completed", "failed", "gone", "other"
]
"""How a span is drawn: by its status, except that a download without a new byte, which is
`holding`, is one of its own, and so is a status that we do not know."""

_SECOND, _MINUTE, _HOUR, _DAY = 1_000, 60_000, 3_600_000, 86_400_000
_UNITS = {"days": _DAY, "hours": _HOUR, "minutes": _MINUTE, "seconds": _SECOND, "milliseconds": 1}


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of a lane. `label` is the status that its replies give, `short_label` what is
    written where there is little room. It holds a share of the bytes, where that is known.

    `goes_on`: it has not ended where the chart does; `waits_for` is the event that would end it.
    """

    kind: Kind
    label: str
    begins_ms: int
    ends_ms: int
    short_label: str = ""
    from_share: float = 0.0
    to_share: float = 0.0
    has_share: bool = False
    goes_on: bool = False
    waits_for: str | None = None

    def share_at(self, at_ms: float) -> float:
        """The share of the bytes at a time, held to the span."""
        length = self.ends_ms - self.begins_ms
        passed = min(1.0, max(0.0, (at_ms - self.begins_ms) / length))
        return self.from_share + (self.to_share - self.from_share) * passed

    def __str__(self) -> str:
        """`downloading from 0 s to 8 s, 0 % to 40 %`."""
        since, until = duration(self.begins_ms), duration(self.ends_ms)
        when = f"at {since}" if since == until else f"from {since} to {until}"
        if self.goes_on:
            when = f"from {since} on"
        shares = [f"{100 * share:.3g} %" for share in (self.from_share, self.to_share)]
        extent = ", " + " to ".join(dict.fromkeys(shares)) if self.has_share else ""
        return f"{self.label} {when}{extent}"


@dataclass(frozen=True, slots=True)
class Curve:
    """Shares of the bytes at times; a single one is a dot. `is_open`: nobody knows its end."""

    kind: Kind
    points: tuple[tuple[int, float], ...]
    label: str = ""
    is_open: bool = False


class Flag(NamedTuple):
    """The first occurrence of a finding; `number` is the finding's in the report."""

    at_ms: int
    number: int
    severity: Severity
    id: str


@dataclass(frozen=True, slots=True)
class Lane:
    """One job's life, or that of several jobs that live the same; `facts` are worth a heading.

    `scale` labels shares of the bytes, and is empty where there are none to draw; `total_share` is
    where all the bytes lie on a scale that goes beyond them. A lane may also have flags alone.
    """

    name: str
    spans: tuple[Span, ...] = ()
    curves: tuple[Curve, ...] = ()
    scale: tuple[tuple[float, str], ...] = ()
    total_share: float | None = None
    flags: tuple[Flag, ...] = ()
    facts: tuple[str, ...] = ()
    waits: str = ""


class Band(NamedTuple):
    """The time window of the fault with this number, counted from 1 in `Chart.faults`."""

    number: int
    begins_ms: int
    ends_ms: int
    goes_on: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """All that is drawn, and said below it; `more` jobs are not. Time counts from `since` on."""

    title: str
    since: str
    ends_ms: int
    lanes: tuple[Lane, ...]
    more: int = 0
    name: str = ""
    description: str = ""
    scale_title: str = ""
    marks: tuple[Event, ...] = ()
    bands: tuple[Band, ...] = ()
    faults: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def kinds(self) -> tuple[Kind, ...]:
        """The kinds of spans that are drawn, in the order of their first appearance."""
        return tuple(dict.fromkeys(span.kind for lane in self.lanes for span in lane.spans))

    @property
    def severities(self) -> frozenset[Severity]:
        return frozenset(flag.severity for lane in self.lanes for flag in lane.flags)


def time_axis(ends_ms: int, at_most: int) -> tuple[str, dict[int, str]]:
    """A unit, and at which times to write which number of it: at 0, and at most so many in all."""
    step = next(step for step in _round_steps() if ends_ms // step < max(1, at_most))
    unit, factor = next((unit, factor) for unit, factor in _UNITS.items() if step % factor == 0)
    return unit, {at: f"{at // factor:,}" for at in range(0, ends_ms + 1, step)}


class Run(NamedTuple):
    """The columns from `start` to before `stop` belong to a span."""

    span: Span
    start: int
    stop: int


def runs_of(spans: Sequence[Span], ends_ms: int, columns: int) -> Iterator[Run]:
    """The columns of each span: at least one, as long as there are many more than spans."""
    at_least = 1 if 2 * len(spans) <= columns else 0
    at = 0
    for number, span in enumerate(spans):
        start = max(at, round(span.begins_ms * columns / ends_ms))
        stop = max(start + at_least, round(span.ends_ms * columns / ends_ms))
        # What comes later keeps its columns too.
        at = min(stop, columns - at_least * (len(spans) - 1 - number))
        start = min(start, at - at_least)
        if at > start:
            yield Run(span, start, at)


def _round_steps() -> Iterator[int]:
    """From a millisecond up without an end."""
    yield from (1, 2, 5, 10, 20, 50, 100, 200, 500)
    for unit in (_SECOND, _MINUTE):
        yield from (unit * number for number in (1, 2, 5, 10, 15, 30))
    yield from (_HOUR * number for number in (1, 2, 3, 6, 12))
    yield from (_DAY * 10**power * number for power in count() for number in (1, 2, 5))
