"""A chart as a picture: an SVG file with nothing outside it, or an element of an HTML page."""

from mockserver.documents.text import cells, clipped, duration, wrapped
from mockserver.report.chart import Chart, Kind, time_axis
from mockserver.report.svg import STYLE, Svg
from mockserver.report.svg_lanes import LEFT, LETTER, LaneDrawing

_FILE_WIDTH = 880
_RIGHT = 24
_FAULT = 6
_TICK_WIDTH = 70
_LONGEST = 500
_LEGEND: dict[Kind, str] = {
    "holding": "downloading, no bytes",
    "gone": "gone: no longer known",
    "other": "another status",
}


def draw(chart: Chart, width: int = _FILE_WIDTH, name: str = "") -> str:
    """The text of a file; with a name, of a page's element: title, legend, notes are elsewhere."""
    return _Drawing(chart, width, name).drawn()


class _Drawing:
    """Draws from the top down; `_y` is where the next thing goes."""

    def __init__(self, chart: Chart, width: int, name: str) -> None:
        self._chart, self._is_file = chart, not name
        self._plot = width - LEFT - _RIGHT
        self._right = LEFT + self._plot
        self._y = 0.0
        self._svg = Svg(width, chart.title, _described(chart), name)
        if self._is_file:
            self._svg.add("style").text = STYLE
            self._svg.add("rect", "paper", width="100%", height="100%")
        self._behind = self._svg.add("g")
        self._lanes: list[tuple[float, float]] = []

    def drawn(self) -> str:
        if self._is_file:
            self._header()
        drawing = LaneDrawing(self._svg, self._chart, self._x, plot=self._plot)
        for lane in self._chart.lanes:
            self._lanes.append(drawing.draw(lane, self._y))
            self._y = self._lanes[-1][1] + 10
        self._faults()
        self._time_axis()
        for mark in self._chart.marks:
            for top, bottom in self._lanes:
                self._svg.vertical(self._x(mark.at_ms), top, bottom, "mark")
        if self._is_file:
            self._legend()
            self._sentences()
        return self._svg.finished(self._y + 20, is_file=self._is_file)

    def _header(self) -> None:
        """The chart's name, its description, and the events above the line of each."""
        self._y = 32
        name = clipped(self._chart.name, int(self._plot / 10))
        self._svg.text(LEFT, self._y, name, "title")
        self._paragraph(self._chart.description, "dim")
        self._y += 14
        ends: list[float] = []
        for mark in self._chart.marks:
            name = f"▾ {clipped(mark.name, 40)} at {duration(mark.at_ms)}"
            width = cells(name) * LETTER
            left = min(self._x(mark.at_ms) - 5, self._right - width)
            # The first row that has room for it.
            row = next((row for row, end in enumerate(ends) if end < left), len(ends))
            ends[row : row + 1] = [left + width + 8]
            self._svg.text(left, self._y + 14 + 16 * row, name, "event")
        self._y += 16 * len(ends)

    def _faults(self) -> None:
        """A bar for each fault that strikes at a time, and its window behind the jobs."""
        for band in self._chart.bands:
            left = self._x(band.begins_ms)
            width = max(1.5, self._x(band.ends_ms) - left)
            for top, bottom in self._lanes:
                size = {"width": width, "height": bottom - top}
                self._svg.add("rect", "window", self._behind, x=left, y=top, **size)
            place = {"x": left, "y": self._y - 7, "width": width, "height": _FAULT}
            bar = self._svg.bar("fault", **place, has_tip=band.goes_on and width > 12)
            self._svg.add("title", parent=bar).text = self._chart.faults[band.number - 1]
            self._svg.text(LEFT - 8, self._y, f"fault {band.number}", "fault", text_anchor="end")
            self._y += 16

    def _time_axis(self) -> None:
        unit, ticks = time_axis(self._chart.ends_ms, max(3, self._plot // _TICK_WIDTH))
        self._svg.horizontal(LEFT, self._right, self._y, "frame")
        for at_ms, label in ticks.items():
            x = self._x(at_ms)
            self._svg.vertical(x, self._y, self._y + 5, "frame")
            self._svg.text(x, self._y + 18, label, "dim", text_anchor="middle")
        self._y += 38
        title = f"{unit} {self._chart.since}"
        self._svg.text(LEFT + self._plot / 2, self._y, title, "dim", text_anchor="middle")
        self._y += 10

    def _legend(self) -> None:
        self._y += 18
        x = float(LEFT)
        for kind in self._chart.kinds:
            name = _LEGEND.get(kind, kind)
            self._svg.bar(f"status {kind}", x=x, y=self._y - 10, width=12, height=12)
            self._svg.text(x + 18, self._y, name)
            x += 18 + len(name) * LETTER + 16
        if self._chart.bands:
            self._svg.bar("fault", x=x, y=self._y - 6, width=12, height=4)
            self._svg.text(x + 18, self._y, "fault")

    def _sentences(self) -> None:
        """What cannot be drawn: the jobs left out, the faults in words, the notes."""
        if self._chart.more:
            self._y += 4
            self._paragraph(f"Not drawn: {self._chart.more:,} more of the jobs.", "dim")
        faults = [f"{number}. {fault}" for number, fault in enumerate(self._chart.faults, 1)]
        for title, lines in (("Faults", faults), ("Notes", self._chart.notes)):
            if lines:
                self._y += 8
                self._paragraph(title, "name")
                for line in lines:
                    self._paragraph(line)

    def _x(self, at_ms: int) -> float:
        # The quotient first: a time may be too large for a float to hold its product.
        return round(LEFT + self._plot * (at_ms / self._chart.ends_ms), 2)

    def _paragraph(self, text: str, kind: str = "") -> None:
        for line in wrapped(text, int(self._plot / LETTER)) if text else []:
            self._y += 18
            self._svg.text(LEFT, self._y, line, kind)


def _described(chart: Chart) -> str:
    """What the picture shows, for whoever does not see it."""
    seen = [lane for lane in chart.lanes if lane.spans or not lane.flags]
    lives = (f"{lane.name}: {', '.join(map(str, lane.spans))}" for lane in seen)
    lanes = [clipped(life, _LONGEST) for life in lives]
    return ". ".join(filter(None, [chart.description, *lanes, *chart.faults]))
