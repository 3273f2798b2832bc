"""A chart as lines of characters for a terminal, in pieces that whoever prints them may colour."""

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Literal, TypeAlias

from mockserver.documents.text import cells, clipped, wrapped
from mockserver.report.chart import Band, Chart, Kind, Lane, Run, runs_of, time_axis
from mockserver.timeline.model import Event

Role: TypeAlias = Kind | Literal["", "title", "name", "dim", "event", "fault"]
Line: TypeAlias = list[tuple[str, Role]]

_MIN_WIDTH = 40
_TICK_COLUMNS = 9
_GUTTER = 7
_HEIGHTS = {1: 10, 2: 6, 3: 4, 4: 4}
_LOW = 3
_GLYPHS = {
    "tops": ("▁▂▃▄▅▆▇", ".:"),
    "downloading": ("█", "#"),
    "holding": ("▓", "%"),
    "paused": ("▒", "="),
    "failed": ("░", "x"),
    "completed": ("█", "@"),
    "wall": ("│", "|"),
    "line": ("─", "-"),
    "tick": ("┴", "+"),
    "corner": ("└", "+"),
    "goes on": ("▸", ">"),
    "mark": ("▾", "v"),
    "window": ("├┤╂", "[]!"),
    "ellipsis": ("…", "..."),
}
"""In Unicode and in ASCII. `tops` fill a cell from the bottom, the emptiest first."""


def draw(chart: Chart, width: int, unicode: bool = True) -> list[Line]:
    """The chart in lines of at most `width` columns, and of ASCII alone unless `unicode`."""
    plot = _Plot(chart, max(_MIN_WIDTH, width), is_ascii=not unicode)
    return [_trimmed(line) for line in plot.lines()]


class _Plot:
    def __init__(self, chart: Chart, width: int, *, is_ascii: bool) -> None:
        self._chart, self._width, self._is_ascii = chart, width, is_ascii
        self._columns = width - _GUTTER - 1
        self._height = _HEIGHTS.get(len(chart.lanes), _LOW)
        self._glyphs: dict[str, str] = {name: pair[is_ascii] for name, pair in _GLYPHS.items()}

    def lines(self) -> Iterator[Line]:
        chart = self._chart
        yield [(self._clip(chart.name, self._width), "title")]
        yield from self._text(chart.description)
        for lane in chart.lanes:
            yield from ([], *self._lane(lane))
        yield from map(self._fault, chart.bands)
        yield from map(self._mark, chart.marks)
        yield from self._axis()
        yield from ([], *self._legend())
        if chart.more:
            jobs = "1 more job is" if chart.more == 1 else f"{chart.more:,} more jobs are"
            yield from self._text(f"{jobs} not drawn; --job draws one.")
        faults = [(f"{number:>3}  ", fault) for number, fault in enumerate(chart.faults, 1)]
        notes = [("  ", note) for note in chart.notes]
        for title, sentences in (("Faults", faults), ("Notes", notes)):
            if sentences:
                yield []
                yield [(title, "name")]
            for lead, sentence in sentences:
                yield from self._text(sentence, lead)

    def _lane(self, lane: Lane) -> Iterator[Line]:
        """One job: heading, share of the bytes as an area, and status below it."""
        yield self._heading(lane)
        runs = list(runs_of(lane.spans, self._chart.ends_ms, self._columns))
        # Where a row's upper edge is a round share.
        labels = {0: "100 %", self._height / 2: "50 %" if self._height > _LOW else ""}
        for row in range(self._height if lane.scale else 0):
            yield [*self._gutter(labels.get(row, "")), *self._area(runs, row)]
        yield [*self._gutter("0 %" if lane.scale else ""), *self._statuses(runs)]

    def _heading(self, lane: Lane) -> Line:
        """The job's name and what it waits for; then as many of the facts as there is room for."""
        waits = self._plain(f"  {lane.waits}" if lane.waits else "")
        name = self._clip(lane.name, max(self._width // 2, self._width - cells(waits)))
        waits = self._clip(waits, self._width - cells(name))
        room = self._width - cells(name + waits)
        shown = ""
        for fact in map(self._plain, lane.facts):
            if cells(shown + fact) + 2 > room:
                break
            shown += f"  {fact}"
        return [(name, "name"), (shown, "dim"), (waits, "event")]

    def _gutter(self, label: str) -> Line:
        return [(f"{label:>5} ", "dim"), (self._glyphs["wall"], "dim")]

    def _area(self, runs: Sequence[Run], row: int) -> Line:
        area: list[tuple[str, Role]] = [(" ", "")] * self._columns
        for run in runs:
            for column in range(run.start, run.stop):
                middle = (column + 0.5) * self._chart.ends_ms / self._columns
                share = run.span.share_at(middle)
                area[column] = (self._cell(run.span.kind, share, row), run.span.kind)
        neighbours = groupby(area, key=lambda cell: cell[1])
        return [("".join(text for text, _ in group), role) for role, group in neighbours]

    def _cell(self, kind: Kind, share: float, row: int) -> str:
        """How much of a cell is filled; what is above nothing is seen, and only all is full."""
        ramp: list[str] = [" ", *self._glyphs["tops"], self._glyphs.get(kind, " ")]
        levels = len(ramp) - 1
        most = self._height * levels
        filled = most if share >= 1 else min(most - 1, max(1, round(share * most)))
        if kind == "gone" or share <= 0:
            filled = 0
        return ramp[min(levels, max(0, filled - (self._height - 1 - row) * levels))]

    def _statuses(self, runs: Sequence[Run]) -> Line:
        """Each run's status below it, from a wall on, in as many letters as there is room for."""
        ends = [0, *(run.stop for run in runs)]
        return [
            piece
            for end, run in zip(ends, runs, strict=False)
            for piece in ((" " * (run.start - end), ""), (self._status(run), run.span.kind))
        ]

    def _status(self, run: Run) -> str:
        wall, room, end = self._glyphs["wall"], run.stop - run.start, ""
        if run.span.goes_on and room > 1:
            end = "?" if run.span.waits_for else self._glyphs["goes on"]
            room -= 1
        label = self._plain(run.span.label)
        if cells(label) > room - len(wall):
            label = self._plain(run.span.short_label or run.span.label)
        if room == 1:
            return (label[:1] if cells(label[:1]) == 1 else "*") + end
        wall = wall if run.start else ""
        text = clipped(label, room - len(wall), "")
        return wall + text + self._glyphs["line"] * (room - len(wall) - cells(text)) + end

    def _fault(self, band: Band) -> Line:
        start = min(self._columns - 1, self._column(band.begins_ms))
        stop = min(self._columns, max(start + 1, self._column(band.ends_ms)))
        first, last, alone = tuple(self._glyphs["window"])
        end = self._glyphs["goes on"] if band.goes_on else last
        line = self._glyphs["line"] * (stop - start - 2)
        label = f"fault {band.number}" if band.number < 10 else f"f{band.number}"
        bar = first + line + end if stop - start > 1 else alone
        return [(f"{label:<{_GUTTER}}", "fault"), (" " * start, ""), (bar, "fault")]

    def _mark(self, mark: Event) -> Line:
        before = self._column(mark.at_ms)
        name, sign = self._clip(mark.name, self._columns // 2), self._glyphs["mark"]
        text = f"{sign} {name}"
        if before + cells(text) > self._columns:
            text = f"{name} {sign}"
            before += 1 - cells(text)
        return [(f"{'event':<{_GUTTER}}", "event"), (" " * before, ""), (text, "event")]

    def _axis(self) -> Iterator[Line]:
        unit, ticks = time_axis(self._chart.ends_ms, self._columns // _TICK_COLUMNS)
        rule = [self._glyphs["line"]] * self._columns
        labels = [" "] * self._width
        for at, label in ticks.items():
            column = min(self._columns - 1, self._column(at))
            rule[column] = self._glyphs["tick"]
            start = _GUTTER + column - len(label) // 2
            if start + len(label) <= self._width:
                labels[start : start + len(label)] = label
        yield [(" " * (_GUTTER - 1), ""), (self._glyphs["corner"] + "".join(rule), "dim")]
        yield [("".join(labels).rstrip(), "dim")]
        yield from self._text(f"{unit} {self._chart.since}", " " * _GUTTER, "dim")

    def _legend(self) -> Iterator[Line]:
        pieces: Line = []
        for kind in self._chart.kinds:
            name = "no bytes" if kind == "holding" else kind
            pieces.append((f"{self._glyphs.get(kind, '')} {name}".strip(), kind))
        spans = [span for lane in self._chart.lanes for span in lane.spans if span.goes_on]
        if any(span.waits_for is None for span in spans):
            pieces.append((f"{self._glyphs['goes on']} goes on", "dim"))
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

    def _clip(self, text: str, width: int) -> str:
        return clipped(self._plain(text), width, self._glyphs["ellipsis"])

    def _plain(self, text: str) -> str:
        """The text in the characters that there are."""
        if not self._is_ascii:
            return text
        return text.replace("…", "...").encode("ascii", "backslashreplace").decode("ascii")

    def _text(self, text: str, lead: str = "", role: Role = "") -> Iterator[Line]:
        """A paragraph, its later lines indented as far as the first."""
        for line in wrapped(self._plain(text), self._width - len(lead)) if text else []:
            yield [(lead + line, role)]
            lead = " " * len(lead)


def _trimmed(line: Line) -> Line:
    """The line without empty pieces, nor spaces at its end."""
    kept = [piece for piece in line if piece[0]]
    while kept and not kept[-1][0].rstrip():
        kept.pop()
    return [*kept[:-1], (kept[-1][0].rstrip(), kept[-1][1])] if kept else []
