"""The lanes of a chart in characters: the share of the bytes as an area, statuses below it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Literal, NamedTuple, TypeAlias

from mockserver.documents.text import cells, clipped
from mockserver.report.chart import Chart, Kind, Lane, Span

GUTTER = 7
_HEIGHTS = {1: 10, 2: 6, 3: 4, 4: 4}
_LOW = 3

Role: TypeAlias = Kind | Literal["", "title", "name", "dim", "event", "fault"]
Line: TypeAlias = list[tuple[str, Role]]


@dataclass(frozen=True, slots=True)
class Glyphs:
    """What to draw with. `tops` fill a cell from the bottom, emptiest first."""

    tops: str
    fills: dict[Kind, str]
    wall: str
    line: str
    tick: str
    corner: str
    goes_on: str
    mark: str
    window: str
    ellipsis: str
    is_ascii: bool = False

    def clip(self, text: str, width: int) -> str:
        return clipped(self.plain(text), width, self.ellipsis)

    def plain(self, text: str) -> str:
        """The text in the characters that there are."""
        if not self.is_ascii:
            return text
        return text.replace("…", "...").encode("ascii", "backslashreplace").decode("ascii")


UNICODE = Glyphs(
    tops="▁▂▃▄▅▆▇",
    fills={"downloading": "█", "holding": "▓", "paused": "▒", "failed": "░", "completed": "█"},
    wall="│",
    line="─",
    tick="┴",
    corner="└",
    goes_on="▸",
    mark="▾",
    window="├┤╂",
    ellipsis="…",
)
ASCII = Glyphs(
    tops=".:",
    fills={"downloading": "#", "holding": "%", "paused": "=", "failed": "x", "completed": "@"},
    wall="|",
    line="-",
    tick="+",
    corner="+",
    goes_on=">",
    mark="v",
    window="[]!",
    ellipsis="...",
    is_ascii=True,
)


class _Run(NamedTuple):
    """The columns from `start` to before `stop` belong to a span."""

    span: Span
    start: int
    stop: int


class LanePlot:
    def __init__(self, chart: Chart, width: int, glyphs: Glyphs) -> None:
        self._chart, self._width, self._glyphs = chart, width, glyphs
        self._columns = width - GUTTER - 1
        self._height = _HEIGHTS.get(len(chart.lanes), _LOW)

    def lines(self, lane: Lane) -> Iterator[Line]:
        """One job: heading, share of the bytes, and status below it."""
        yield self._heading(lane)
        runs = _runs(lane.spans, self._chart.ends_ms, self._columns)
        # Where a row's upper edge is a round share.
        labels = {0: "100 %", self._height / 2: "50 %" if self._height > _LOW else ""}
        for row in range(self._height if lane.scale else 0):
            yield [*self._gutter(labels.get(row, "")), *self._area(runs, row)]
        yield [*self._gutter("0 %" if lane.scale else ""), *self._statuses(runs)]

    def _heading(self, lane: Lane) -> Line:
        """The job's name and what it waits for; then as many of the facts as there is room for."""
        waits = self._glyphs.plain(f"  {lane.waits}" if lane.waits else "")
        least = max(self._width // 2, self._width - cells(waits))
        name = self._glyphs.clip(lane.name, least)
        waits = self._glyphs.clip(waits, self._width - cells(name))
        room = self._width - cells(name + waits)
        shown = ""
        for fact in lane.facts:
            if cells(more := shown + "  " + self._glyphs.plain(fact)) > room:
                break
            shown = more
        return [(name, "name"), (shown, "dim"), (waits, "event")]

    def _gutter(self, label: str) -> Line:
        return [(f"{label:>5} ", "dim"), (self._glyphs.wall, "dim")]

    def _area(self, runs: Sequence[_Run], row: int) -> Line:
        area: list[tuple[str, Role]] = [(" ", "")] * self._columns
        for run in runs:
            for column in range(run.start, run.stop):
                middle = (column + 0.5) * self._chart.ends_ms / self._columns
                share = run.span.share_at(middle)
                area[column] = (self._cell(run.span.kind, share, row), run.span.kind)
        return _joined(area)

    def _cell(self, kind: Kind, share: float, row: int) -> str:
        """How much of a cell is filled; what is above nothing is seen, and only all is full."""
        glyphs, levels = self._glyphs, len(self._glyphs.tops) + 1
        if kind == "gone" or share <= 0:
            return " "
        most = self._height * levels
        filled = most if share >= 1 else min(most - 1, max(1, round(share * most)))
        here = filled - (self._height - 1 - row) * levels
        if here <= 0:
            return " "
        return glyphs.fills[kind] if here >= levels else glyphs.tops[here - 1]

    def _statuses(self, runs: Sequence[_Run]) -> Line:
        """Each run's status below it, from a wall on, in as many letters as there is room for."""
        line: Line = []
        at = 0
        for run in runs:
            line += [(" " * (run.start - at), ""), (self._status(run), run.span.kind)]
            at = run.stop
        return line

    def _status(self, run: _Run) -> str:
        glyphs, room = self._glyphs, run.stop - run.start
        end = ""
        if run.span.goes_on and room > 1:
            end = "?" if run.span.waits_for else glyphs.goes_on
            room -= 1
        label = self._glyphs.plain(run.span.label)
        if cells(label) > room - len(glyphs.wall):
            label = self._glyphs.plain(run.span.short_label or run.span.label)
        if room == 1:
            return (label[:1] if cells(label[:1]) == 1 else "*") + end
        wall = glyphs.wall if run.start else ""
        room -= len(wall)
        text = clipped(label, room, "")
        return wall + text + glyphs.line * (room - cells(text)) + end


def _runs(spans: Sequence[Span], ends_ms: int, columns: int) -> list[_Run]:
    """The columns of each span: at least one, as long as there are many more than spans."""
    runs: list[_Run] = []
    at_least = 1 if 2 * len(spans) <= columns else 0
    at = 0
    for number, span in enumerate(spans):
        start = max(at, round(span.begins_ms * columns / ends_ms))
        stop = max(start + at_least, round(span.ends_ms * columns / ends_ms))
        # What comes later keeps its columns too.
        at = min(stop, columns - at_least * (len(spans) - 1 - number))
        start = min(start, at - at_least)
        if at > start:
            runs.append(_Run(span, start, at))
    return runs


def _joined(pieces: Iterable[tuple[str, Role]]) -> Line:
    """Neighbours in one colour as one piece."""
    return [
        ("".join(text for text, _ in group), role)
        for role, group in groupby(pieces, key=lambda piece: piece[1])
    ]
