"""The chart of a check as an SVG element for an HTML page, which also has the colours."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from xml.etree import ElementTree as ET

from mockserver.errors import visible
from mockserver.findings.rule import SEVERITIES, Severity
from mockserver.report.axis import axis
from mockserver.report.check_chart import Chart, Mark, Panel, Span
from mockserver.timeline import describe as words

__all__ = ["draw"]

_LEFT, _RIGHT = 64, 12
_TALL, _LOW = 130, 80
_BAND = 18
_MARK = 18
_LONGEST = 500
_LETTER = 6.9
"""A generous width of a letter of 12 pixels, as no font is at hand to ask."""


def draw(chart: Chart, width: int, name: str) -> str:
    """The text of the element, `width` pixels wide; ids in it begin with `name`."""
    picture = _Picture(chart, width, name)
    if chart.marks:
        picture.others()
    for panel in chart.panels:
        picture.panel(panel)
    picture.axis()
    return picture.finished()


@dataclass(frozen=True, slots=True)
class _Flag:
    """Marks that lie too close together to be told apart."""

    x: float
    marks: tuple[Mark, ...]

    @property
    def severity(self) -> Severity:
        return min((mark.severity for mark in self.marks), key=SEVERITIES.index)

    @property
    def label(self) -> str:
        """`3`, or `3+2` for three of them."""
        more = len(self.marks) - 1
        return f"{self.marks[0].number}" + (f"+{more}" if more else "")

    @property
    def width(self) -> float:
        return max(_MARK, len(self.label) * _LETTER + 8)


class _Picture:
    """Draws from the top down; `_y` is where the next thing goes."""

    def __init__(self, chart: Chart, width: int, name: str) -> None:
        self._chart = chart
        self._width = width
        self._plot = width - _LEFT - _RIGHT
        self._height = _TALL if len(chart.panels) <= 4 else _LOW
        self._y = 0.0
        self._root = ET.Element("svg", {"role": "img", "class": f"chart {name}"})
        self._root.set("aria-labelledby", f"{name}-title {name}-desc")
        self._add("title", {"id": f"{name}-title"}, "Downloaded bytes of each job over time")
        self._add("desc", {"id": f"{name}-desc"}, _described(chart))

    def others(self) -> None:
        """The findings that are about none of the jobs below."""
        self._y += 14
        self._text(0, self._y, "about none of these jobs alone", "name")
        self._flags(self._chart.marks, self._y + 8, self._y + 8 + _MARK)
        self._y += 8 + _MARK + 12

    def panel(self, panel: Panel) -> None:
        """One job: heading, findings, bytes, and status below them."""
        self._y += 14
        room = int(self._width / (_LETTER + 0.6))
        self._text(0, self._y, words.clipped(visible(panel.job_id), room), "name")
        top = self._y + (_MARK + 14 if panel.marks else 20)
        bottom = top + self._height
        self._scale(panel, top, bottom)
        for run in panel.runs:
            self._run(run, panel.top, bottom)
        for span in panel.spans:
            self._span(span, bottom + 4)
        self._flags(panel.marks, self._y + 8, bottom + 4 + _BAND)
        self._y = bottom + 4 + _BAND + 16

    def _scale(self, panel: Panel, top: float, bottom: float) -> None:
        for share in (0.0, 0.5, 1.0):
            y = bottom - (bottom - top) * share
            self._line(_LEFT, y, _LEFT + self._plot, y, "grid" if share else "frame")
            label = words.clipped(words.size(panel.top * share), 9)
            self._text(_LEFT - 6, y + 4, label, "faint", "end")
        if panel.total is not None:
            y = bottom - (bottom - top) * panel.total / panel.top
            self._line(_LEFT, y, _LEFT + self._plot, y, "total")

    def _run(self, run: Sequence[tuple[int, float]], top: float, bottom: float) -> None:
        places = [
            (self._x(at_ms), bottom - self._height * (size / top))
            for at_ms, size in _thinned(run, self._x)
        ]
        if len(places) == 1:
            (x, y) = places[0]
            self._add("circle", {"class": "dot", "cx": f"{x:.6g}", "cy": f"{y:.6g}", "r": "2.5"})
            return
        corners = [(places[0][0], bottom), *places, (places[-1][0], bottom)]
        self._add("polygon", {"class": "area", "points": _points(corners)})
        self._add("polyline", {"class": "bytes", "points": _points(places)})

    def _span(self, span: Span, y: float) -> None:
        x = self._x(span.begins_ms)
        width = max(2.0, self._x(span.ends_ms) - x)
        box = _box(x, y, min(width, _LEFT + self._plot + 2 - x), _BAND)
        bar = self._add("rect", {"class": f"status {span.kind}", **box})
        label = words.clipped(visible(span.status), 30)
        self._add("title", {}, f"{label}, {_when(span)}", bar)
        if words.cells(label) * _LETTER + 8 < width:
            self._text(x + 5, y + 13, label, "inside")

    def _flags(self, marks: Iterable[Mark], top: float, bottom: float) -> None:
        """A flag for each finding, or for some that lie together, and a line down from it."""
        for flag in self._gathered(marks):
            left = min(max(flag.x - flag.width / 2, _LEFT), _LEFT + self._plot - flag.width)
            group = self._add("g", {"class": f"flag {flag.severity}"})
            told = "; ".join(f"{one.number}. {visible(one.id)}" for one in flag.marks)
            self._add("title", {}, told, group)
            if bottom > top + _MARK:
                self._line(flag.x, top + _MARK, flag.x, bottom, "", group)
            box = _box(left, top, flag.width, _MARK)
            self._add("rect", {**box, "rx": "4"}, parent=group)
            middle = left + flag.width / 2
            self._text(middle, top + 13, flag.label, "inside", "middle", group)

    def _gathered(self, marks: Iterable[Mark]) -> Iterator[_Flag]:
        flag: _Flag | None = None
        for mark in sorted(marks, key=lambda one: one.at_ms):
            x = self._x(mark.at_ms)
            if flag is not None and x - flag.x < flag.width + 12:
                flag = _Flag(flag.x, (*flag.marks, mark))
                continue
            if flag is not None:
                yield flag
            flag = _Flag(x, (mark,))
        if flag is not None:
            yield flag

    def axis(self) -> None:
        """The time axis, its ticks and what they count."""
        found = axis(self._chart.ends_ms, max(3, self._plot // 70))
        self._line(_LEFT, self._y, _LEFT + self._plot, self._y, "frame")
        for at_ms, label in found.ticks:
            x = self._x(at_ms)
            self._line(x, self._y, x, self._y + 5, "frame")
            self._text(x, self._y + 18, label, "faint", "middle")
        self._y += 36
        title = f"{found.unit} since {self._chart.origin}"
        self._text(_LEFT + self._plot / 2, self._y, title, "faint", "middle")

    def finished(self) -> str:
        """The text of the element, now that its height is known."""
        height = str(round(self._y + 8))
        self._root.set("viewBox", f"0 0 {self._width} {height}")
        return ET.tostring(self._root, encoding="unicode")

    def _x(self, at_ms: int) -> float:
        return round(_LEFT + self._plot * (at_ms / self._chart.ends_ms), 2)

    def _line(
        self,
        x1: float,
        y1: float,
        x2: float,
        y2: float,
        kind: str,
        parent: ET.Element | None = None,
    ) -> None:
        ends = {"x1": x1, "y1": y1, "x2": x2, "y2": y2}
        shape = {**({"class": kind} if kind else {}), **_written(ends)}
        self._add("line", shape, parent=parent)

    def _text(
        self,
        x: float,
        y: float,
        text: str,
        kind: str,
        anchor: str = "start",
        parent: ET.Element | None = None,
    ) -> None:
        shape = {**_written({"x": x, "y": y}), "class": kind, "text-anchor": anchor}
        self._add("text", shape, text, parent)

    def _add(
        self,
        tag: str,
        attributes: dict[str, str],
        text: str | None = None,
        parent: ET.Element | None = None,
    ) -> ET.Element:
        element = ET.SubElement(self._root if parent is None else parent, tag, attributes)
        element.text = text
        return element


def _thinned(
    run: Sequence[tuple[int, float]], x_of: Callable[[int], float]
) -> Iterator[tuple[int, float]]:
    """Of many points in one column of pixels the first, the least, the greatest and the last."""
    for _, column in groupby(run, lambda one: int(x_of(one[0]))):
        points = list(column)
        places = range(len(points))
        size_at = [size for _, size in points].__getitem__
        kept = {0, min(places, key=size_at), max(places, key=size_at), places[-1]}
        yield from (points[place] for place in sorted(kept))


def _described(chart: Chart) -> str:
    """What the picture shows, for whoever does not see it."""
    jobs = [
        f"{visible(panel.job_id)}: "
        + ", ".join(f"{visible(span.status)} {_when(span)}" for span in panel.spans)
        for panel in chart.panels
    ]
    return ". ".join(words.clipped(job, _LONGEST) for job in jobs)


def _when(span: Span) -> str:
    since, until = words.duration(span.begins_ms), words.duration(span.ends_ms)
    return f"from {since} to {until}" if since != until else f"at {since}"


def _points(corners: Iterable[tuple[float, float]]) -> str:
    return " ".join(f"{x:.6g},{y:.6g}" for x, y in corners)


def _box(x: float, y: float, width: float, height: float) -> dict[str, str]:
    return _written({"x": x, "y": y, "width": width, "height": height})


def _written(numbers: dict[str, float]) -> dict[str, str]:
    return {name: f"{number:.6g}" for name, number in numbers.items()}
