"""SVG: elements that are written, and how charts look, on light paper and on dark."""

from __future__ import annotations

from collections.abc import Iterable
from xml.etree import ElementTree

from mockserver.report.chart import Kind

COLOURS: dict[Kind, tuple[str, str]] = {
    "downloading": ("#1d5fd1", "#6ea8ff"),
    "holding": ("#0b6e80", "#58c4d8"),
    "paused": ("#8a5a00", "#e3b341"),
    "completed": ("#1b7a36", "#56d364"),
    "failed": ("#c02b2b", "#ff7b72"),
    "gone": ("#5f6670", "#9198a1"),
    "other": ("#5f6670", "#9198a1"),
}
"""On light and on dark paper; each has a contrast of 4.5 to what it stands on or is written in."""

_KINDS = "".join(f"\n  .chart .{kind} {{ fill: {light}; }}" for kind, (light, _) in COLOURS.items())
_LINES = "".join(
    f"\n  .chart .line.{kind} {{ stroke: {light}; }}" for kind, (light, _) in COLOURS.items()
)
_DARK = "".join(
    f"\n    .chart .{kind} {{ fill: {dark}; }} .chart .line.{kind} {{ stroke: {dark}; }}"
    for kind, (_, dark) in COLOURS.items()
)

# Written out for each kind, as not every viewer of pictures knows variables.
STYLE = f"""
  .chart text {{ font: 12px system-ui, "Segoe UI", "DejaVu Sans", sans-serif; fill: #1f2328; }}
  .chart .title {{ font-size: 18px; font-weight: 600; }}
  .chart .name {{ font-weight: 600; }}
  .chart .dim, .chart .dim tspan {{ fill: #59636e; }}
  .chart .event {{ fill: #8250df; }}
  .chart .fault {{ fill: #b3261e; }}
  .chart .inside {{ fill: #ffffff; font-size: 11px; }}
  .chart .paper {{ fill: #ffffff; }}
  .chart .grid {{ stroke: #d1d9e0; stroke-width: 1; }}
  .chart .frame, .chart .total {{ stroke: #818b98; stroke-width: 1; }}
  .chart .total {{ stroke-dasharray: 5 4; }}
  .chart .mark {{ stroke: #8250df; stroke-width: 1.5; stroke-dasharray: 4 3; }}
  .chart .window {{ fill: #b3261e; opacity: 0.09; }}
  .chart .flag {{ fill: currentColor; stroke: currentColor; }}
  .chart .flag line {{ stroke-dasharray: 3 3; }}
  .chart .flag text {{ stroke: none; }}{_KINDS}{_LINES}
  .chart .area {{ opacity: 0.22; }}
  .chart .line {{ fill: none; stroke-width: 2.5; stroke-linejoin: round; }}
  .chart .goes-on {{ stroke-dasharray: 5 4; }}
  @media (prefers-color-scheme: dark) {{
    .chart text {{ fill: #e6edf3; }}
    .chart .dim, .chart .dim tspan {{ fill: #9198a1; }}
    .chart .event {{ fill: #c297ff; }}
    .chart .fault {{ fill: #ff8f87; }}
    .chart .inside, .chart .paper {{ fill: #0d1117; }}
    .chart .grid {{ stroke: #2f3742; }}
    .chart .frame, .chart .total {{ stroke: #656c76; }}
    .chart .mark {{ stroke: #c297ff; }}
    .chart .window {{ fill: #ff8f87; opacity: 0.14; }}
    .chart .area {{ opacity: 0.3; }}{_DARK}
    .chart .line {{ fill: none; }}
  }}
"""

Element = ElementTree.Element


class Svg:
    """A picture that grows; `name` is what its ids begin with, where it stands in a page."""

    def __init__(self, width: int, title: str, description: str, name: str = "") -> None:
        prefix = f"{name}-" if name else ""
        self.root = Element("svg", {"role": "img", "class": f"chart {name}".rstrip()})
        if not name:
            self.root.set("xmlns", "http://www.w3.org/2000/svg")
        self.root.set("aria-labelledby", f"{prefix}title {prefix}description")
        self._width = width
        self.add("title", {"id": f"{prefix}title"}, text=title)
        self.add("desc", {"id": f"{prefix}description"}, text=description)

    def add(
        self,
        tag: str,
        attributes: dict[str, str] | None = None,
        *,
        text: str | None = None,
        parent: Element | None = None,
        **numbers: float,
    ) -> Element:
        """Any element; attributes that are numbers are given by keyword."""
        facts = {**(attributes or {}), **{key: f"{value:.6g}" for key, value in numbers.items()}}
        element = ElementTree.SubElement(self.root if parent is None else parent, tag, facts)
        element.text = text
        return element

    def text(
        self,
        x: float,
        y: float,
        text: str,
        kind: str = "",
        *,
        anchor: str = "start",
        parent: Element | None = None,
    ) -> Element:
        attributes = {"class": kind} if kind else {}
        if anchor != "start":
            attributes["text-anchor"] = anchor
        return self.add("text", attributes, text=text, parent=parent, x=x, y=y)

    def rect(
        self,
        kind: str,
        *,
        x: float,
        y: float,
        width: float,
        height: float,
        parent: Element | None = None,
    ) -> Element:
        facts = {"class": kind} if kind else {}
        return self.add("rect", facts, parent=parent, x=x, y=y, width=width, height=height)

    def horizontal(self, left: float, right: float, y: float, kind: str) -> None:
        self.add("line", {"class": kind}, x1=left, y1=y, x2=right, y2=y)

    def vertical(
        self, x: float, top: float, bottom: float, kind: str = "", parent: Element | None = None
    ) -> None:
        facts = {"class": kind} if kind else {}
        self.add("line", facts, parent=parent, x1=x, y1=top, x2=x, y2=bottom)

    def shape(self, tag: str, kind: str, points: Iterable[tuple[float, float]]) -> Element:
        """A polygon or a polyline."""
        places = " ".join(f"{x:.6g},{y:.6g}" for x, y in points)
        return self.add(tag, {"class": kind, "points": places})

    def arrow(self, kind: str, *, x: float, y: float, width: float, height: float) -> Element:
        """A bar that points to the right."""
        tip, low = x + width - 8, y + height
        corners = [(x, y), (tip, y), (x + width, y + height / 2), (tip, low), (x, low)]
        return self.shape("polygon", kind, corners)

    def finished(self, height: float, *, is_file: bool) -> str:
        """The text, of a file with its size and line ends."""
        rounded = str(round(height))
        self.root.set("viewBox", f"0 0 {self._width} {rounded}")
        if not is_file:
            return ElementTree.tostring(self.root, encoding="unicode")
        self.root.set("width", str(self._width))
        self.root.set("height", rounded)
        ElementTree.indent(self.root)
        return ElementTree.tostring(self.root, encoding="unicode") + "\n"
