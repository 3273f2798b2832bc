"""A chart as a picture: one SVG file with nothing outside it, readable on light and on dark."""

from __future__ import annotations

from collections.abc import Iterable
from xml.etree import ElementTree

from mockserver.report.axis import axis
from mockserver.report.plot_style import STYLE
from mockserver.report.timeline_chart import NO_BYTES, Chart, Kind, Lane, Span
from mockserver.timeline import describe as words

__all__ = ["draw"]

_WIDTH = 880
_LEFT, _RIGHT = 64, 24
_PLOT = _WIDTH - _LEFT - _RIGHT
_HEIGHTS = {1: 220, 2: 130, 3: 90, 4: 90}
_LOW = 52
_STATUS = 18
_LETTER, _SMALL_LETTER = 6.9, 6.1
"""Generous widths of a letter of 12 and 11 pixels, as no font is at hand to ask."""


def draw(chart: Chart) -> str:
    """The chart as the text of an SVG file."""
    picture = _Picture(chart)
    picture.header()
    for lane in chart.lanes:
        picture.lane(lane)
    picture.faults()
    picture.axis()
    picture.marks()
    picture.legend()
    picture.texts()
    return picture.finished()


class _Picture:
    """Draws from the top down; `_y` is where the next thing goes."""

    def __init__(self, chart: Chart) -> None:
        self._chart = chart
        self._y = 0.0
        self._height = _HEIGHTS.get(len(chart.lanes), _LOW)
        self._root = ElementTree.Element(
            "svg", {"xmlns": "http://www.w3.org/2000/svg", "role": "img"}
        )
        self._root.set("aria-labelledby", "title description")
        self._add("title", {"id": "title"}, f"Timeline {chart.name}")
        self._add("desc", {"id": "description"}, _described(chart))
        self._add("style", {}, STYLE)
        self._add("rect", {"class": "paper", "width": "100%", "height": "100%"})
        self._behind = self._add("g", {})
        self._lanes: list[tuple[float, float]] = []

    def header(self) -> None:
        """The timeline's name, and what it says of itself."""
        self._y = 32
        name = words.clipped(self._chart.name, int(_PLOT / 10))
        self._text(_LEFT, self._y, name, "title")
        self._paragraph(self._chart.description, "dim")
        self._y += 14
        self._label_marks()

    def lane(self, lane: Lane) -> None:
        """One job: heading, share of the bytes, and status below it."""
        self._heading(lane)
        top, bottom = self._y, self._y + (self._height if lane.has_bytes else 0)
        self._lanes.append((top, bottom + _STATUS + 4))
        if lane.has_bytes:
            self._scale(top, bottom)
        for span in lane.spans:
            if lane.has_bytes and span.kind != "gone":
                self._share(span, bottom)
            self._status(span, bottom + 4)
        self._y = bottom + _STATUS + 18

    def _scale(self, top: float, bottom: float) -> None:
        """The axis of the shares, and its lines across."""
        height = bottom - top
        for percent in (0, 25, 50, 75, 100) if height > _LOW else (0, 100):
            y = round(bottom - height * percent / 100, 1)
            self._line(_LEFT, y, _LEFT + _PLOT, y, "grid" if percent else "frame")
            if height >= _HEIGHTS[1] or percent in (0, 50, 100):
                self._text(_LEFT - 8, y + 4, f"{percent} %", "dim", "end")
        if height >= _HEIGHTS[2]:
            middle = round((top + bottom) / 2, 1)
            turn = {"transform": f"rotate(-90 16 {middle})"}
            self._text(16, middle, "share of the bytes", "dim", "middle", turn)

    def _heading(self, lane: Lane) -> None:
        self._y += 14
        waits = words.clipped(lane.waits or "", 50)
        room = int(_PLOT / _LETTER) - words.cells(waits) - 2
        name = words.clipped(lane.job_id, room)
        facts = words.clipped(" · ".join(lane.facts), max(0, room - words.cells(name) - 3))
        text = self._text(_LEFT, self._y, name, "name")
        self._add("tspan", {"dx": "10", "class": "dim", "font-weight": "400"}, facts, text)
        if waits:
            self._text(_LEFT + _PLOT, self._y, waits, "event", "end")
        self._y += 10

    def _share(self, span: Span, bottom: float) -> None:
        left, right = self._x(span.begins_ms), self._x(span.ends_ms)
        first, last = (bottom - self._height * share for share in (span.from_share, span.to_share))
        corners = [(left, bottom), (left, first), (right, last), (right, bottom)]
        self._add("polygon", {"class": f"area {span.kind}", "points": _points(corners)})
        waits = " goes-on" if span.waits_for else ""
        ends = [(left, first), (right, last)]
        self._add("polyline", {"class": f"line {span.kind}{waits}", "points": _points(ends)})
        stays = span.from_share == span.to_share and 0 < span.from_share < 1
        if stays and right - left > 50 and self._height > _LOW:
            above = -6 if span.from_share < 0.8 else 16
            self._text(left + 6, first + above, f"{100 * span.from_share:.3g} %", "dim")

    def _status(self, span: Span, y: float) -> None:
        """The bar below the share that says the status, pointed where it goes on for ever."""
        x = self._x(span.begins_ms)
        box = max(1.0, self._x(span.ends_ms) - x - 1)
        shape = {"class": f"status {span.kind}"}
        if span.waits_for and box > 24:  # it breaks up, as nobody knows when it ends
            for number, width in enumerate((4, 3, 2)):
                at = x + box - 15 + 6 * number
                self._add("rect", {**shape, **_box(at, y, width, _STATUS)})
            bar = self._add("rect", {**shape, **_box(x, y, box - 17, _STATUS)})
        elif span.goes_on and not span.waits_for and box > 12:
            bar = self._add("polygon", {**shape, "points": _arrow(x, y, box, _STATUS)})
        else:
            bar = self._add("rect", {**shape, **_box(x, y, box, _STATUS)})
        self._add("title", {}, _span_in_words(span), bar)
        labels = [span.label, span.short_label]
        if span.waits_for:
            labels.insert(0, f"{span.label}, waits for {span.waits_for}")
        for label in labels:
            if words.cells(label) * _SMALL_LETTER + (25 if span.waits_for else 8) < box:
                self._text(x + 5, y + 13, label, "inside")
                return

    def faults(self) -> None:
        """A bar for each fault that strikes at a time, and its window behind the jobs."""
        for band in self._chart.bands:
            left, right = self._x(band.begins_ms), self._x(band.ends_ms)
            width = max(1.5, right - left)
            for top, bottom in self._lanes:
                window = _box(left, top, width, bottom - top)
                self._add("rect", {"class": "window", **window}, parent=self._behind)
            y = self._y - 7
            if band.goes_on and width > 12:
                arrow = {"class": "fault", "points": _arrow(left, y, width, 6)}
                bar = self._add("polygon", arrow)
            else:
                bar = self._add("rect", {"class": "fault", **_box(left, y, width, 6)})
            self._add("title", {}, self._chart.faults[band.number - 1], bar)
            self._text(_LEFT - 8, self._y, f"fault {band.number}", "fault", "end")
            self._y += 16

    def axis(self) -> None:
        """The time axis, its ticks and what they count."""
        found = axis(self._chart.ends_ms, 11)
        self._line(_LEFT, self._y, _LEFT + _PLOT, self._y, "frame")
        for at, label in found.ticks:
            x = self._x(at)
            self._line(x, self._y, x, self._y + 5, "frame")
            self._text(x, self._y + 18, label, "dim", "middle")
        self._y += 38
        since = self._chart.origin or "the timeline begins"
        title = f"{found.unit} of virtual time since {since}"
        self._text(_LEFT + _PLOT / 2, self._y, title, "dim", "middle")
        self._y += 10

    def marks(self) -> None:
        """A line across each job for each event."""
        for mark in self._chart.marks:
            x = self._x(mark.at_ms)
            for top, bottom in self._lanes:
                self._line(x, top, x, bottom, "mark")

    def _label_marks(self) -> None:
        """The events' names above the jobs, each in the first row that has room for it."""
        ends: list[float] = []
        for mark in self._chart.marks:
            name = f"▾ {words.clipped(mark.name, 40)} at {words.duration(mark.at_ms)}"
            width = words.cells(name) * _LETTER
            left = min(self._x(mark.at_ms) - 5, _LEFT + _PLOT - width)
            row = next((row for row, end in enumerate(ends) if end < left), len(ends))
            ends[row : row + 1] = [left + width + 8]
            self._text(left, self._y + 14 + 16 * row, name, "event")
        self._y += 16 * len(ends)

    def legend(self) -> None:
        """Each kind of span that is drawn, in its colour."""
        self._y += 18
        x = float(_LEFT)
        for kind in self._chart.kinds:
            name = _LEGEND.get(kind, kind)
            self._add("rect", {"class": f"status {kind}", **_box(x, self._y - 10, 12, 12)})
            self._text(x + 18, self._y, name)
            x += 18 + len(name) * _LETTER + 16
        if self._chart.bands:
            self._add("rect", {"class": "fault", **_box(x, self._y - 6, 12, 4)})
            self._text(x + 18, self._y, "fault")

    def texts(self) -> None:
        """What cannot be drawn: the jobs left out, the faults in words, the notes."""
        if self._chart.more:
            self._y += 4
            self._paragraph(f"Not drawn: {self._chart.more:,} more of the jobs.", "dim")
        if self._chart.faults:
            self._y += 8
            self._paragraph("Faults", "name")
            for number, fault in enumerate(self._chart.faults, 1):
                self._paragraph(f"{number}. {fault}")
        if self._chart.notes:
            self._y += 8
            self._paragraph("Notes", "name")
            for note in self._chart.notes:
                self._paragraph(note)

    def finished(self) -> str:
        """The text of the file, now that its height is known."""
        height = str(round(self._y + 20))
        self._root.set("viewBox", f"0 0 {_WIDTH} {height}")
        self._root.set("width", str(_WIDTH))
        self._root.set("height", height)
        ElementTree.indent(self._root)
        return ElementTree.tostring(self._root, encoding="unicode") + "\n"

    def _x(self, at_ms: int) -> float:
        return round(_LEFT + _PLOT * at_ms / self._chart.ends_ms, 2)

    def _paragraph(self, text: str, kind: str = "") -> None:
        for line in words.wrapped(text, int(_PLOT / _LETTER)) if text else []:
            self._y += 18
            self._text(_LEFT, self._y, line, kind)

    def _line(self, x1: float, y1: float, x2: float, y2: float, kind: str) -> None:
        ends = {"x1": x1, "y1": y1, "x2": x2, "y2": y2}
        self._add("line", {"class": kind, **{name: f"{value:g}" for name, value in ends.items()}})

    def _text(
        self,
        x: float,
        y: float,
        text: str,
        kind: str = "",
        anchor: str = "start",
        more: dict[str, str] | None = None,
    ) -> ElementTree.Element:
        place = {"x": f"{x:g}", "y": f"{y:g}", **({"class": kind} if kind else {}), **(more or {})}
        if anchor != "start":
            place["text-anchor"] = anchor
        return self._add("text", place, text)

    def _add(
        self,
        tag: str,
        attributes: dict[str, str],
        text: str | None = None,
        parent: ElementTree.Element | None = None,
    ) -> ElementTree.Element:
        element = ElementTree.SubElement(self._root if parent is None else parent, tag, attributes)
        element.text = text
        return element


_LEGEND: dict[Kind, str] = {"holding": NO_BYTES, "gone": "gone: no longer known"}


def _described(chart: Chart) -> str:
    """What the picture shows, for whoever does not see it."""
    jobs = [
        f"{lane.job_id}: " + ", ".join(_span_in_words(span) for span in lane.spans)
        for lane in chart.lanes
    ]
    return ". ".join([*([chart.description] if chart.description else []), *jobs, *chart.faults])


def _span_in_words(span: Span) -> str:
    """`downloading from 0 s to 8 s, 0 % to 40 %`."""
    since, until = words.duration(span.begins_ms), words.duration(span.ends_ms)
    ends = f"from {since} on" if span.goes_on else f"from {since} to {until}"
    shares = [f"{100 * share:.3g} %" for share in (span.from_share, span.to_share)]
    told = "" if span.kind == "gone" else ", " + " to ".join(dict.fromkeys(shares))
    return f"{span.label} {ends}{told}"


def _arrow(x: float, y: float, width: float, height: float) -> str:
    """The corners of a bar that points to the right."""
    tip, low = x + width - 8, y + height
    return _points([(x, y), (tip, y), (x + width, y + height / 2), (tip, low), (x, low)])


def _points(corners: Iterable[tuple[float, float]]) -> str:
    return " ".join(f"{x:.6g},{y:.6g}" for x, y in corners)


def _box(x: float, y: float, width: float, height: float) -> dict[str, str]:
    sides = {"x": x, "y": y, "width": width, "height": height}
    return {name: f"{value:.6g}" for name, value in sides.items()}
