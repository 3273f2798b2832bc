"""A chart as a picture: an SVG file with nothing outside it, or an element of an HTML page."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from mockserver.documents.text import cells, clipped, duration, wrapped
from mockserver.findings.rule import SEVERITIES, Severity
from mockserver.report.chart import Chart, Curve, Flag, Kind, Lane, Span, TimeAxis
from mockserver.report.svg import STYLE, Svg

__all__ = ["draw"]

_FILE_WIDTH = 880
_LEFT, _RIGHT = 64, 24
_HEIGHTS = {1: 220, 2: 130, 3: 90, 4: 90}
_LOW = 52
_TITLED = 130
"""From this height on, there is room for the title of the scale."""
_STATUS, _FLAG, _FAULT = 18, 18, 6
_TICK_WIDTH = 70
_LETTER, _SMALL_LETTER = 6.9, 6.1
"""Generous widths of a letter of 12 and 11 pixels, as no font is at hand to ask."""
_LONGEST = 500
_LEGEND: dict[Kind, str] = {
    "holding": "downloading, no bytes",
    "gone": "gone: no longer known",
    "other": "another status",
}


def draw(chart: Chart, width: int = _FILE_WIDTH, name: str = "") -> str:
    """The text of a file; with a name, that of an element whose ids begin with it.

    A page has the title, the colours, the legend and all that is said in sentences elsewhere.
    """
    drawing = _Drawing(chart, width, name)
    if not name:
        drawing.header()
    for lane in chart.lanes:
        drawing.lane(lane)
    drawing.faults()
    drawing.time_axis()
    drawing.events()
    if not name:
        drawing.legend()
        drawing.sentences()
    return drawing.finished()


@dataclass(frozen=True, slots=True)
class _FlagGroup:
    """Flags that lie too close together to be told apart."""

    x: float
    flags: tuple[Flag, ...]

    @property
    def severity(self) -> Severity:
        return min((flag.severity for flag in self.flags), key=SEVERITIES.index)

    @property
    def label(self) -> str:
        """`3`, or `3+2` for three of them."""
        more = len(self.flags) - 1
        return f"{self.flags[0].number}" + (f"+{more}" if more else "")

    @property
    def width(self) -> float:
        return max(_FLAG, len(self.label) * _LETTER + 8)


class _Drawing:
    """Draws from the top down; `_y` is where the next thing goes."""

    def __init__(self, chart: Chart, width: int, name: str) -> None:
        self._chart, self._is_file = chart, not name
        self._plot = width - _LEFT - _RIGHT
        self._right = _LEFT + self._plot
        self._y = 0.0
        self._height = _HEIGHTS.get(len(chart.lanes), _LOW)
        self._svg = Svg(width, chart.title, _described(chart), name)
        if self._is_file:
            self._svg.add("style", text=STYLE)
            self._svg.add("rect", {"class": "paper", "width": "100%", "height": "100%"})
        self._behind = self._svg.add("g")
        self._lanes: list[tuple[float, float]] = []

    def header(self) -> None:
        """The chart's name, its description, and the events above the line of each."""
        self._y = 32
        name = clipped(self._chart.name, int(self._plot / 10))
        self._svg.text(_LEFT, self._y, name, "title")
        self._paragraph(self._chart.description, "dim")
        self._y += 14
        ends: list[float] = []
        for mark in self._chart.marks:
            name = f"▾ {clipped(mark.name, 40)} at {duration(mark.at_ms)}"
            width = cells(name) * _LETTER
            left = min(self._x(mark.at_ms) - 5, self._right - width)
            # The first row that has room for it.
            row = next((row for row, end in enumerate(ends) if end < left), len(ends))
            ends[row : row + 1] = [left + width + 8]
            self._svg.text(left, self._y + 14 + 16 * row, name, "event")
        self._y += 16 * len(ends)

    def lane(self, lane: Lane) -> None:
        """One job: heading, flags, share of the bytes, and status below it."""
        self._heading(lane)
        flags_top = self._y
        if lane.flags:
            self._y += _FLAG + 6
        bottom = self._y + (self._height if lane.scale else 0)
        self._lanes.append((self._y, bottom + _STATUS + 4))
        if lane.scale:
            self._scale(lane, self._y, bottom)
        for curve in lane.curves:
            self._curve(curve, bottom)
        for span in lane.spans:
            self._status(span, bottom + 4)
        if lane.spans:
            bottom += 4 + _STATUS
        self._flags(lane.flags, flags_top, bottom)
        self._y = bottom + 14

    def _heading(self, lane: Lane) -> None:
        self._y += 14
        waits = clipped(lane.waits, 50)
        room = int(self._plot / _LETTER) - cells(waits) - 2
        name = clipped(lane.name, room)
        text = self._svg.text(_LEFT, self._y, name, "name")
        if lane.facts:
            facts = clipped(" · ".join(lane.facts), max(0, room - cells(name) - 3))
            style = {"class": "dim", "font-weight": "400"}
            self._svg.add("tspan", style, text=facts, parent=text, dx=10)
        if waits:
            self._svg.text(self._right, self._y, waits, "event", anchor="end")
        self._y += 10

    def _scale(self, lane: Lane, top: float, bottom: float) -> None:
        """The axis of the bytes, and its lines across."""
        for share, label in lane.scale:
            y = round(bottom - self._height * share, 1)
            self._svg.horizontal(_LEFT, self._right, y, "grid" if share else "frame")
            self._svg.text(_LEFT - 6, y + 4, clipped(label, 9), "dim", anchor="end")
        if lane.total_share is not None:
            y = round(bottom - self._height * lane.total_share, 1)
            self._svg.horizontal(_LEFT, self._right, y, "total")
        if self._chart.scale_title and self._height >= _TITLED:
            middle = round((top + bottom) / 2, 1)
            title = self._svg.text(16, middle, self._chart.scale_title, "dim", anchor="middle")
            title.set("transform", f"rotate(-90 16 {middle})")

    def _curve(self, curve: Curve, bottom: float) -> None:
        points = [
            (self._x(at_ms), bottom - self._height * share)
            for at_ms, share in _thinned(curve.points, self._x)
        ]
        (left, first), (right, _) = points[0], points[-1]
        if len(points) == 1:
            self._svg.add("circle", {"class": curve.kind}, cx=left, cy=first, r=2.5)
            return
        area = [(left, bottom), *points, (right, bottom)]
        self._svg.shape("polygon", f"area {curve.kind}", area)
        self._svg.shape("polyline", f"line {curve.kind}{' goes-on' * curve.is_open}", points)
        if curve.label and right - left > 50 and self._height > _LOW:
            above = -6 if curve.points[0][1] < 0.8 else 16
            self._svg.text(left + 6, first + above, curve.label, "dim")

    def _status(self, span: Span, y: float) -> None:
        """The bar that says the status; it is pointed where it goes on for ever."""
        x, kind = self._x(span.begins_ms), f"status {span.kind}"
        width = max(1.0, self._x(span.ends_ms) - x - 1)
        if span.waits_for and width > 24:  # it breaks up, as nobody knows when it ends
            for number, part in enumerate((4, 3, 2)):
                at = x + width - 15 + 6 * number
                self._svg.rect(kind, x=at, y=y, width=part, height=_STATUS)
            bar = self._svg.rect(kind, x=x, y=y, width=width - 17, height=_STATUS)
        else:
            points = span.goes_on and not span.waits_for and width > 12
            draw_bar = self._svg.arrow if points else self._svg.rect
            bar = draw_bar(kind, x=x, y=y, width=width, height=_STATUS)
        self._svg.add("title", text=str(span), parent=bar)
        labels = [span.label, span.short_label or span.label]
        if span.waits_for:
            labels.insert(0, f"{span.label}, waits for {span.waits_for}")
        room = width - (25 if span.waits_for else 8)
        label = next((label for label in labels if cells(label) * _SMALL_LETTER < room), None)
        if label:
            self._svg.text(x + 5, y + 13, label, "inside")

    def _flags(self, flags: Sequence[Flag], top: float, bottom: float) -> None:
        """A flag for each finding, or for some that lie together, and a line down from it."""
        for group in self._grouped(flags):
            left = min(max(group.x - group.width / 2, _LEFT), self._right - group.width)
            parent = self._svg.add("g", {"class": f"flag {group.severity}"})
            names = "; ".join(f"{flag.number}. {flag.id}" for flag in group.flags)
            self._svg.add("title", text=names, parent=parent)
            if bottom > top + _FLAG + 6:
                self._svg.vertical(group.x, top + _FLAG, bottom, parent=parent)
            self._svg.rect("", x=left, y=top, width=group.width, height=_FLAG, parent=parent)
            middle = left + group.width / 2
            self._svg.text(middle, top + 13, group.label, "inside", anchor="middle", parent=parent)

    def _grouped(self, flags: Sequence[Flag]) -> Iterator[_FlagGroup]:
        group: _FlagGroup | None = None
        for flag in sorted(flags, key=lambda flag: flag.at_ms):
            x = self._x(flag.at_ms)
            if group is not None and x - group.x < group.width + 12:
                group = _FlagGroup(group.x, (*group.flags, flag))
                continue
            if group is not None:
                yield group
            group = _FlagGroup(x, (flag,))
        if group is not None:
            yield group

    def faults(self) -> None:
        """A bar for each fault that strikes at a time, and its window behind the jobs."""
        for band in self._chart.bands:
            left = self._x(band.begins_ms)
            width = max(1.5, self._x(band.ends_ms) - left)
            for top, bottom in self._lanes:
                height = bottom - top
                self._svg.rect(
                    "window", x=left, y=top, width=width, height=height, parent=self._behind
                )
            draw_bar = self._svg.arrow if band.goes_on and width > 12 else self._svg.rect
            bar = draw_bar("fault", x=left, y=self._y - 7, width=width, height=_FAULT)
            self._svg.add("title", text=self._chart.faults[band.number - 1], parent=bar)
            self._svg.text(_LEFT - 8, self._y, f"fault {band.number}", "fault", anchor="end")
            self._y += 16

    def time_axis(self) -> None:
        """The axis, its ticks and what they count."""
        axis = TimeAxis.of(self._chart.ends_ms, max(3, self._plot // _TICK_WIDTH))
        self._svg.horizontal(_LEFT, self._right, self._y, "frame")
        for at_ms, label in axis.ticks:
            x = self._x(at_ms)
            self._svg.vertical(x, self._y, self._y + 5, "frame")
            self._svg.text(x, self._y + 18, label, "dim", anchor="middle")
        self._y += 38
        title = f"{axis.unit} {self._chart.since}"
        self._svg.text(_LEFT + self._plot / 2, self._y, title, "dim", anchor="middle")
        self._y += 10

    def events(self) -> None:
        """A line across each job for each event."""
        for mark in self._chart.marks:
            for top, bottom in self._lanes:
                self._svg.vertical(self._x(mark.at_ms), top, bottom, "mark")

    def legend(self) -> None:
        """Each kind of span that is drawn, in its colour."""
        self._y += 18
        x = float(_LEFT)
        for kind in self._chart.kinds:
            name = _LEGEND.get(kind, kind)
            self._svg.rect(f"status {kind}", x=x, y=self._y - 10, width=12, height=12)
            self._svg.text(x + 18, self._y, name)
            x += 18 + len(name) * _LETTER + 16
        if self._chart.bands:
            self._svg.rect("fault", x=x, y=self._y - 6, width=12, height=4)
            self._svg.text(x + 18, self._y, "fault")

    def sentences(self) -> None:
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

    def finished(self) -> str:
        """The text, now that the height is known."""
        return self._svg.finished(self._y + 20, is_file=self._is_file)

    def _x(self, at_ms: int) -> float:
        # The quotient first: a time may be too large for a float to hold its product.
        return round(_LEFT + self._plot * (at_ms / self._chart.ends_ms), 2)

    def _paragraph(self, text: str, kind: str = "") -> None:
        for line in wrapped(text, int(self._plot / _LETTER)) if text else []:
            self._y += 18
            self._svg.text(_LEFT, self._y, line, kind)


def _thinned(
    points: Sequence[tuple[int, float]], x_of: Callable[[int], float]
) -> Iterator[tuple[int, float]]:
    """Of many points in one column of pixels the first, the least, the greatest and the last."""
    for _, column in groupby(points, lambda point: int(x_of(point[0]))):
        found = list(column)
        places = range(len(found))
        share_at = [share for _, share in found].__getitem__
        kept = {0, min(places, key=share_at), max(places, key=share_at), places[-1]}
        yield from (found[place] for place in sorted(kept))


def _described(chart: Chart) -> str:
    """What the picture shows, for whoever does not see it."""
    lanes = [
        clipped(f"{lane.name}: {', '.join(map(str, lane.spans))}", _LONGEST)
        for lane in chart.lanes
        if lane.spans or not lane.flags
    ]
    return ". ".join([*([chart.description] if chart.description else []), *lanes, *chart.faults])
