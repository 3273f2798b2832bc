"""The lanes of a chart in SVG: what one job did, from its heading to the bar of its statuses."""

import math
from collections.abc import Callable, Iterator, Sequence
from itertools import groupby

from mockserver.documents.text import cells, clipped
from mockserver.findings.finding import SEVERITIES
from mockserver.report.chart import Chart, Curve, Flag, Lane, Span
from mockserver.report.svg import Svg

LEFT = 64
LETTER, _SMALL_LETTER = 6.9, 6.1
"""Generous widths of a letter of 12 and 11 pixels, as no font is at hand to ask."""
_HEIGHTS = {1: 220, 2: 130, 3: 90, 4: 90}
_LOW = 52
_TITLED = 130
"""From this height on, there is room for the title of the scale."""
_STATUS = _FLAG = 18


class LaneDrawing:
    def __init__(self, svg: Svg, chart: Chart, x_of: Callable[[int], float], *, plot: int) -> None:
        self._svg, self._chart, self._x = svg, chart, x_of
        self._plot, self._right = plot, LEFT + plot
        self._height = _HEIGHTS.get(len(chart.lanes), _LOW)

    def draw(self, lane: Lane, y: float) -> tuple[float, float]:
        """One job; gives the top and the bottom of what is below the heading."""
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
        return top, bottom

    def _heading(self, lane: Lane, y: float) -> None:
        waits = clipped(lane.waits, 50)
        room = int(self._plot / LETTER) - cells(waits) - 2
        name = clipped(lane.name, room)
        text = self._svg.text(LEFT, y, name, "name")
        if lane.facts:
            facts = clipped(" · ".join(lane.facts), max(0, room - cells(name) - 3))
            self._svg.add("tspan", "dim", text, font_weight="400", dx=10).text = facts
        if waits:
            self._svg.text(self._right, y, waits, "event", text_anchor="end")

    def _scale(self, lane: Lane, top: float, bottom: float) -> None:
        for share, label in lane.scale:
            y = round(bottom - self._height * share, 1)
            self._svg.horizontal(LEFT, self._right, y, "grid" if share else "frame")
            self._svg.text(LEFT - 6, y + 4, clipped(label, 9), "dim", text_anchor="end")
        if lane.total_share is not None:
            y = round(bottom - self._height * lane.total_share, 1)
            self._svg.horizontal(LEFT, self._right, y, "total")
        if self._chart.scale_title and self._height >= _TITLED:
            middle = round((top + bottom) / 2, 1)
            title = self._svg.text(16, middle, self._chart.scale_title, "dim", text_anchor="middle")
            title.set("transform", f"rotate(-90 16 {middle})")

    def _curve(self, curve: Curve, bottom: float) -> None:
        points = [
            (self._x(at_ms), bottom - self._height * share)
            for at_ms, share in _thinned(curve.points, self._x)
        ]
        (left, first), (right, _) = points[0], points[-1]
        if len(points) == 1:
            self._svg.add("circle", curve.kind, cx=left, cy=first, r=2.5)
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
                self._svg.bar(kind, x=at, y=y, width=part, height=_STATUS)
            bar = self._svg.bar(kind, x=x, y=y, width=width - 17, height=_STATUS)
        else:
            has_tip = span.goes_on and not span.waits_for and width > 12
            bar = self._svg.bar(kind, x=x, y=y, width=width, height=_STATUS, has_tip=has_tip)
        self._svg.add("title", parent=bar).text = str(span)
        waits = [f"{span.label}, waits for {span.waits_for}"] if span.waits_for else []
        labels = [*waits, span.label, span.short_label or span.label]
        room = width - (25 if span.waits_for else 8)
        label = next((label for label in labels if cells(label) * _SMALL_LETTER < room), None)
        if label:
            self._svg.text(x + 5, y + 13, label, "inside")

    def _flags(self, flags: Sequence[Flag], top: float, bottom: float) -> None:
        """A flag for each finding, or for some that lie together, and a line down from it."""
        for group in self._grouped(flags):
            x, width = self._x(group[0].at_ms), _flag_width(group)
            left = min(max(x - width / 2, LEFT), self._right - width)
            severity = min((flag.severity for flag in group), key=SEVERITIES.index)
            parent = self._svg.add("g", f"flag {severity}")
            names = "; ".join(f"{flag.number}. {flag.id}" for flag in group)
            self._svg.add("title", parent=parent).text = names
            if bottom > top + _FLAG + 6:
                self._svg.vertical(x, top + _FLAG, bottom, parent=parent)
            self._svg.add("rect", x=left, y=top, width=width, height=_FLAG, parent=parent)
            place = (left + width / 2, top + 13, _flag_label(group))
            self._svg.text(*place, "inside", text_anchor="middle", parent=parent)

    def _grouped(self, flags: Sequence[Flag]) -> list[list[Flag]]:
        """Those that lie too close together to be told apart, together."""
        groups: list[list[Flag]] = []
        room_from = -math.inf
        for flag in sorted(flags, key=lambda flag: flag.at_ms):
            if self._x(flag.at_ms) >= room_from:
                groups.append([])
            groups[-1].append(flag)
            room_from = self._x(groups[-1][0].at_ms) + _flag_width(groups[-1]) + 12
        return groups


def _flag_label(group: Sequence[Flag]) -> str:
    """`3`, or `3+2` for three of them."""
    return f"{group[0].number}" + (f"+{len(group) - 1}" if len(group) > 1 else "")


def _flag_width(group: Sequence[Flag]) -> float:
    return max(_FLAG, len(_flag_label(group)) * LETTER + 8)


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
