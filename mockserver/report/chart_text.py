"""A chart as lines of characters for a terminal, in pieces that whoever prints them may colour."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from mockserver.documents.text import cells, wrapped
from mockserver.report.chart import Band, Chart, EventMark, TimeAxis
from mockserver.report.text_lanes import ASCII, GUTTER, UNICODE, Glyphs, LanePlot, Line, Role

__all__ = ["MIN_WIDTH", "Line", "Role", "draw"]

MIN_WIDTH = 40
_TICK_COLUMNS = 9


def draw(chart: Chart, width: int, unicode: bool = True) -> list[Line]:
    """The chart in lines of at most `width` columns, and of ASCII alone unless `unicode`."""
    return _Plot(chart, max(MIN_WIDTH, width), UNICODE if unicode else ASCII).lines()


class _Plot:
    def __init__(self, chart: Chart, width: int, glyphs: Glyphs) -> None:
        self._chart, self._width, self._glyphs = chart, width, glyphs
        self._columns = width - GUTTER - 1

    def lines(self) -> list[Line]:
        """All lines, from the title to the last note."""
        return [_trimmed(line) for line in self._all()]

    def _all(self) -> list[Line]:
        chart = self._chart
        lines: list[Line] = [[(self._glyphs.clip(chart.name, self._width), "title")]]
        lines += self._text(chart.description)
        plot = LanePlot(chart, self._width, self._glyphs)
        for lane in chart.lanes:
            lines += [[], *plot.lines(lane)]
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

    def _fault(self, band: Band) -> Line:
        start = min(self._columns - 1, self._column(band.begins_ms))
        stop = min(self._columns, max(start + 1, self._column(band.ends_ms)))
        first, last, alone = tuple(self._glyphs.window)
        end = self._glyphs.goes_on if band.goes_on else last
        bar = first + self._glyphs.line * (stop - start - 2) + end if stop - start > 1 else alone
        label = next(
            text for text in (f"fault {band.number}", f"f{band.number}") if len(text) <= GUTTER
        )
        return [(f"{label:<{GUTTER}}", "fault"), (" " * start, ""), (bar, "fault")]

    def _marks(self, marks: Iterable[EventMark]) -> Iterator[Line]:
        for mark in marks:
            column = self._column(mark.at_ms)
            name = self._glyphs.clip(mark.name, self._columns // 2)
            before, after = column, f"{self._glyphs.mark} {name}"
            if column + cells(after) > self._columns:
                after = f"{name} {self._glyphs.mark}"
                before = column + 1 - cells(after)
            yield [(f"{'event':<{GUTTER}}", "event"), (" " * before, ""), (after, "event")]

    def _axis(self) -> Iterator[Line]:
        found = TimeAxis.of(self._chart.ends_ms, self._columns // _TICK_COLUMNS)
        rule = [self._glyphs.line] * self._columns
        labels = [" "] * (self._width)
        for at, label in found.ticks:
            column = min(self._columns - 1, self._column(at))
            rule[column] = self._glyphs.tick
            start = GUTTER + column - len(label) // 2
            if start + len(label) <= self._width:
                labels[start : start + len(label)] = label
        yield [(" " * (GUTTER - 1), ""), (self._glyphs.corner + "".join(rule), "dim")]
        yield [("".join(labels).rstrip(), "dim")]
        yield from self._text(
            f"{found.unit} {self._chart.since}",
            " " * GUTTER,
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
        lines = wrapped(self._glyphs.plain(text), self._width - len(lead)) if text else []
        for number, line in enumerate(lines):
            yield [((lead if number == 0 else " " * len(lead)) + line, role)]


def _trimmed(line: Line) -> Line:
    """The line without empty pieces, nor spaces at its end."""
    kept = [piece for piece in line if piece[0]]
    while kept and not kept[-1][0].rstrip():
        kept.pop()
    return [*kept[:-1], (kept[-1][0].rstrip(), kept[-1][1])] if kept else []
