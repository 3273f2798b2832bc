"""A chart as lines of characters for a terminal, in pieces that whoever prints them may colour."""

from __future__ import annotations

from collections.abc import Iterator

from mockserver.documents.text import cells, wrapped
from mockserver.report.chart import Band, Chart, EventMark, TimeAxis
from mockserver.report.text_lanes import ASCII, GUTTER, UNICODE, Glyphs, LanePlot, Line, Role

__all__ = ["Line", "Role", "draw"]

_MIN_WIDTH = 40
_TICK_COLUMNS = 9


def draw(chart: Chart, width: int, unicode: bool = True) -> list[Line]:
    """The chart in lines of at most `width` columns, and of ASCII alone unless `unicode`."""
    plot = _Plot(chart, max(_MIN_WIDTH, width), UNICODE if unicode else ASCII)
    return [_trimmed(line) for line in plot.lines()]


class _Plot:
    def __init__(self, chart: Chart, width: int, glyphs: Glyphs) -> None:
        self._chart, self._width, self._glyphs = chart, width, glyphs
        self._columns = width - GUTTER - 1

    def lines(self) -> Iterator[Line]:
        chart = self._chart
        yield [(self._glyphs.clip(chart.name, self._width), "title")]
        yield from self._text(chart.description)
        plot = LanePlot(chart, self._width, self._glyphs)
        for lane in chart.lanes:
            yield from ([], *plot.lines(lane))
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

    def _fault(self, band: Band) -> Line:
        start = min(self._columns - 1, self._column(band.begins_ms))
        stop = min(self._columns, max(start + 1, self._column(band.ends_ms)))
        first, last, alone = tuple(self._glyphs.window)
        end = self._glyphs.goes_on if band.goes_on else last
        bar = first + self._glyphs.line * (stop - start - 2) + end if stop - start > 1 else alone
        label = f"fault {band.number}" if band.number < 10 else f"f{band.number}"
        return [(f"{label:<{GUTTER}}", "fault"), (" " * start, ""), (bar, "fault")]

    def _mark(self, mark: EventMark) -> Line:
        before = self._column(mark.at_ms)
        name = self._glyphs.clip(mark.name, self._columns // 2)
        text = f"{self._glyphs.mark} {name}"
        if before + cells(text) > self._columns:
            text = f"{name} {self._glyphs.mark}"
            before += 1 - cells(text)
        return [(f"{'event':<{GUTTER}}", "event"), (" " * before, ""), (text, "event")]

    def _axis(self) -> Iterator[Line]:
        found = TimeAxis.of(self._chart.ends_ms, self._columns // _TICK_COLUMNS)
        rule = [self._glyphs.line] * self._columns
        labels = [" "] * self._width
        for at, label in found.ticks:
            column = min(self._columns - 1, self._column(at))
            rule[column] = self._glyphs.tick
            start = GUTTER + column - len(label) // 2
            if start + len(label) <= self._width:
                labels[start : start + len(label)] = label
        yield [(" " * (GUTTER - 1), ""), (self._glyphs.corner + "".join(rule), "dim")]
        yield [("".join(labels).rstrip(), "dim")]
        yield from self._text(f"{found.unit} {self._chart.since}", " " * GUTTER, "dim")

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
        for line in lines:
            yield [(lead + line, role)]
            lead = " " * len(lead)


def _trimmed(line: Line) -> Line:
    """The line without empty pieces, nor spaces at its end."""
    kept = [piece for piece in line if piece[0]]
    while kept and not kept[-1][0].rstrip():
        kept.pop()
    return [*kept[:-1], (kept[-1][0].rstrip(), kept[-1][1])] if kept else []
