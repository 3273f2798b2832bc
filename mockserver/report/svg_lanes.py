"""The lanes of a chart in SVG: what one job did, from its heading to the bar of its statuses."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import NamedTuple

from mockserver.documents.text import cells, clipped
from mockserver.findings.rule import SEVERITIES, Severity
from mockserver.report.chart import Chart, Curve, Flag, Lane, Span
from mockserver.report.svg import Svg

LEFT = 64
LETTER, _SMALL_LETTER = 6.9, 6.1
"""Generous widths of a letter of 12 and 11 pixels, as no font is at hand to ask."""
_HEIGHTS = {1: 220, 2: 130, 3: 90, 4: 90}
_LOW = 52
_TITLED = 130
"""From this height on, there is room for the title of the scale."""
_STATUS, _FLAG = 18, 18


class Extent(NamedTuple):
    """Where a lane lies, without its heading."""

    top: float
    bottom: float


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
        return max(_FLAG, len(self.label) * LETTER + 8)


class LaneDrawing:
    """Draws the lanes of a chart, each from a place on downwards."""

    def __init__(self, svg: Svg, chart: Chart, x_of: Callable[[int], float], *, plot: int) -> None:
        self._svg, self._chart, self._x = svg, chart, x_of
        self._plot, self._right = plot, LEFT + plot
        self._height = _HEIGHTS.get(len(chart.lanes), _LOW)

    def draw(self, lane: Lane, y: float) -> Extent:
        """One job: heading, flags, share of the bytes, and status below it."""
        self._heading(lane, y + 14)
        flags_top = y + 24
        top = flags_top + (_FLAG + 6 if lane.flags else 0)
        bottom = top + (self._height if lane.scale else 0)
        if lane.scale:
            self._scale(lane, top, bottom)
        for curve in lane.curves:
            self._curve(curve, bottom)
        for span in lane.spans:
            self._status(span, bottom + 4)
        if lane.spans:
            bottom += 4 + _STATUS
        self._flags(lane.flags, flags_top, bottom)
        return Extent(top, bottom)

    def _heading(self, lane: Lane, y: float) -> None:
        waits = clipped(lane.waits, 50)
        room = int(self._plot / LETTER) - cells(waits) - 2
        name = clipped(lane.name, room)
        text = self._svg.text(LEFT, y, name, "name")
        if lane.facts:
            facts = clipped(" · ".join(lane.facts), max(0, room - cells(name) - 3))
            style = {"class": "dim", "font-weight": "400"}
            self._svg.add("tspan", style, text=facts, parent=text, dx=10)
        if waits:
            self._svg.text(self._right, y, waits, "event", anchor="end")

    def _scale(self, lane: Lane, top: float, bottom: float) -> None:
        """The axis of the bytes, and its lines across."""
        for share, label in lane.scale:
            y = round(bottom - self._height * share, 1)
            self._svg.horizontal(LEFT, self._right, y, "grid" if share else "frame")
            self._svg.text(LEFT - 6, y + 4, clipped(label, 9), "dim", anchor="end")
        if lane.total_share is not None:
            y = round(bottom - self._height * lane.total_share, 1)
            self._svg.horizontal(LEFT, self._right, y, "total")
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
            left = min(max(group.x - group.width / 2, LEFT), self._right - group.width)
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
