"""A chart as lines of characters for a terminal, in pieces that whoever prints them may colour."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Literal, TypeAlias

from mockserver.documents.text import cells, clipped, wrapped
from mockserver.report.chart import Band, Chart, EventMark, Kind, Lane, Span, TimeAxis

__all__ = ["MIN_WIDTH", "Line", "Role", "draw"]

MIN_WIDTH = 40
_GUTTER = 7
_TICK_COLUMNS = 9
_HEIGHTS = {1: 10, 2: 6, 3: 4, 4: 4}
_LOW = 3

Role: TypeAlias = Kind | Literal["", "title", "name", "dim", "event", "fault"]
Line: TypeAlias = list[tuple[str, Role]]


@dataclass(frozen=True, slots=True)
class _Glyphs:
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


_UNICODE = _Glyphs(
    "▁▂▃▄▅▆▇",
    {"downloading": "█", "holding": "▓", "paused": "▒", "failed": "░", "completed": "█"},
    "│",
    "─",
    "┴",
    "└",
    "▸",
    "▾",
    "├┤╂",
    "…",
)
_ASCII = _Glyphs(
    ".:",
    {"downloading": "#", "holding": "%", "paused": "=", "failed": "x", "completed": "@"},
    "|",
    "-",
    "+",
    "+",
    ">",
    "v",
    "[]!",
    "...",
)


@dataclass(frozen=True, slots=True)
class _Run:
    """The columns from `start` to before `stop` belong to a span."""

    span: Span
    start: int
    stop: int


def draw(chart: Chart, width: int, unicode: bool = True) -> list[Line]:
    """The chart in lines of at most `width` columns, and of ASCII alone unless `unicode`."""
    return _Plot(chart, max(MIN_WIDTH, width), _UNICODE if unicode else _ASCII).lines()


class _Plot:
    def __init__(self, chart: Chart, width: int, glyphs: _Glyphs) -> None:
        self._chart = chart
        self._width = width
        self._glyphs = glyphs
        self._columns = width - _GUTTER - 1
        self._height = _HEIGHTS.get(len(chart.lanes), _LOW)

    def lines(self) -> list[Line]:
        """All lines, from the title to the last note."""
        return [_trimmed(line) for line in self._all()]

    def _all(self) -> list[Line]:
        chart = self._chart
        lines: list[Line] = [[(self._clip(chart.name, self._width), "title")]]
        lines += self._text(chart.description)
        for lane in chart.lanes:
            lines += [[], *self._lane(lane)]
        lines += [self._fault(band) for band in chart.bands]
        lines += self._marks(chart.marks)
        lines += self._axis()
        lines += [[], *self._legend()]
        if chart.more:
            jobs = "1 more job is" if chart.more == 1 else f"{chart.more:,} more jobs are"
            lines += self._text(f"{jobs} not drawn; --job draws one.")
        if chart.faults:
            lines += [[], [("Faults", "name")]]
            for number, fault in enumerate(chart.faults, 1):
                lines += self._text(fault, f"{number:>3}  ")
        if chart.notes:
            lines += [[], [("Notes", "name")]]
            for note in chart.notes:
                lines += self._text(note, "  ")
        return lines

    def _lane(self, lane: Lane) -> Iterator[Line]:
        yield self._heading(lane)
        runs = _runs(lane.spans, self._chart.ends_ms, self._columns)
        for row in range(self._height if lane.scale else 0):
            yield [*self._gutter(row), *self._area(runs, row)]
        zero = "0 %" if lane.scale else ""
        yield [(f"{zero:>5} ", "dim"), (self._glyphs.wall, "dim"), *self._statuses(runs)]

    def _heading(self, lane: Lane) -> Line:
        """The job's name and what it waits for; then as many of the facts as there is room for."""
        waits = self._plain(f"  {lane.waits}" if lane.waits else "")
        least = max(self._width // 2, self._width - cells(waits))
        name = self._clip(lane.name, least)
        waits = self._clip(waits, self._width - cells(name))
        room = self._width - cells(name + waits)
        shown = ""
        for fact in lane.facts:
            if cells(more := shown + "  " + self._plain(fact)) > room:
                break
            shown = more
        return [(name, "name"), (shown, "dim"), (waits, "event")]

    def _gutter(self, row: int) -> Line:
        """The share at the row's upper edge, where it is a round one."""
        label = ""
        if row == 0:
            label = "100 %"
        elif 2 * row == self._height and self._height > _LOW:
            label = "50 %"
        return [(f"{label:>5} ", "dim"), (self._glyphs.wall, "dim")]

    def _area(self, runs: Sequence[_Run], row: int) -> Line:
        cells: list[tuple[str, Role]] = [(" ", "")] * self._columns
        for run in runs:
            for column in range(run.start, run.stop):
                middle = (column + 0.5) * self._chart.ends_ms / self._columns
                share = run.span.share_at(middle)
                cells[column] = (self._cell(run.span.kind, share, row), run.span.kind)
        return _joined(cells)

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
            if run.start > at:
                line.append((" " * (run.start - at), ""))
            line.append((self._status(run), run.span.kind))
            at = run.stop
        return line

    def _status(self, run: _Run) -> str:
        glyphs, room = self._glyphs, run.stop - run.start
        end = ""
        if run.span.goes_on and room > 1:
            end = "?" if run.span.waits_for else glyphs.goes_on
            room -= 1
        label = self._plain(run.span.label)
        if cells(label) > room - len(glyphs.wall):
            label = self._plain(run.span.short_label or run.span.label)
        if room == 1:
            return (label[:1] if cells(label[:1]) == 1 else "*") + end
        wall = glyphs.wall if run.start else ""
        room -= len(wall)
        text = clipped(label, room, "")
        return wall + text + glyphs.line * (room - cells(text)) + end

    def _fault(self, band: Band) -> Line:
        start = min(self._columns - 1, self._column(band.begins_ms))
        stop = min(self._columns, max(start + 1, self._column(band.ends_ms)))
        first, last, alone = tuple(self._glyphs.window)
        end = self._glyphs.goes_on if band.goes_on else last
        bar = first + self._glyphs.line * (stop - start - 2) + end if stop - start > 1 else alone
        label = next(
            text for text in (f"fault {band.number}", f"f{band.number}") if len(text) <= _GUTTER
        )
        return [(f"{label:<{_GUTTER}}", "fault"), (" " * start, ""), (bar, "fault")]

    def _marks(self, marks: Iterable[EventMark]) -> Iterator[Line]:
        for mark in marks:
            column = self._column(mark.at_ms)
            name = self._clip(mark.name, self._columns // 2)
            before, after = column, f"{self._glyphs.mark} {name}"
            if column + cells(after) > self._columns:
                after = f"{name} {self._glyphs.mark}"
                before = column + 1 - cells(after)
            yield [(f"{'event':<{_GUTTER}}", "event"), (" " * before, ""), (after, "event")]

    def _axis(self) -> Iterator[Line]:
        found = TimeAxis.of(self._chart.ends_ms, self._columns // _TICK_COLUMNS)
        rule = [self._glyphs.line] * self._columns
        labels = [" "] * (self._width)
        for at, label in found.ticks:
            column = min(self._columns - 1, self._column(at))
            rule[column] = self._glyphs.tick
            start = _GUTTER + column - len(label) // 2
            if start + len(label) <= self._width:
                labels[start : start + len(label)] = label
        yield [(" " * (_GUTTER - 1), ""), (self._glyphs.corner + "".join(rule), "dim")]
        yield [("".join(labels).rstrip(), "dim")]
        yield from self._text(
            f"{found.unit} {self._chart.since}",
            " " * _GUTTER,
            "dim",
        )

    def _legend(self) -> Iterator[Line]:
        pieces: Line = []
        for kind in self._chart.kinds:
            name = "no bytes" if kind == "holding" else kind
            pieces.append((f"{self._glyphs.fills.get(kind, '')} {name}".strip(), kind))
        spans = [span for lane in self._chart.lanes for span in lane.spans if span.goes_on]
        if any(span.waits_for is None for span in spans):
            pieces.append((f"{self._glyphs.goes_on} goes on", "dim"))
        if any(span.waits_for for span in spans):
            pieces.append(("? waits", "dim"))
        line: Line = [("share of the bytes:", "dim")]
        for text, role in pieces:
            if sum(cells(piece) for piece, _ in line) + 2 + cells(text) > self._width:
                yield line
                line = []
            line += [("  ", ""), (text, role)]
        yield line

    def _column(self, at_ms: int) -> int:
        return at_ms * self._columns // self._chart.ends_ms

    def _text(self, text: str, lead: str = "", role: Role = "") -> Iterator[Line]:
        """A paragraph, its later lines indented as far as the first."""
        lines = wrapped(self._plain(text), self._width - len(lead)) if text else []
        for number, line in enumerate(lines):
            yield [((lead if number == 0 else " " * len(lead)) + line, role)]

    def _clip(self, text: str, width: int) -> str:
        return clipped(self._plain(text), width, self._glyphs.ellipsis)

    def _plain(self, text: str) -> str:
        """The text in the characters that there are."""
        if self._glyphs is _UNICODE:
            return text
        return text.replace("…", "...").encode("ascii", "backslashreplace").decode("ascii")


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


def _joined(cells: Iterable[tuple[str, Role]]) -> Line:
    """Neighbours in one colour as one piece."""
    return [
        ("".join(text for text, _ in group), role)
        for role, group in groupby(cells, key=lambda cell: cell[1])
    ]


def _trimmed(line: Line) -> Line:
    """The line without empty pieces, nor spaces at its end."""
    kept = [piece for piece in line if piece[0]]
    while kept and not kept[-1][0].rstrip():
        kept.pop()
    return [*kept[:-1], (kept[-1][0].rstrip(), kept[-1][1])] if kept else []
