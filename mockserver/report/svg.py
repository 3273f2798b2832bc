"""SVG: elements that are written, and how charts look, on light paper and on dark."""

from collections.abc import Iterable
from importlib.resources import files
from typing import Any
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


def _style() -> str:
    # Each kind is written out, as not every viewer of pictures knows variables.
    light, dark = (
        "".join(
            f".chart .{kind} {{ fill: {shades[theme]}; }}\n"
            f".chart .line.{kind} {{ stroke: {shades[theme]}; }}\n"
            for kind, shades in COLOURS.items()
        )
        for theme in (0, 1)
    )
    rest = files("mockserver.report").joinpath("chart.css").read_text(encoding="utf-8")
    return f"\n{light}@media (prefers-color-scheme: dark) {{\n{dark}}}\n{rest}"


STYLE = _style()

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
        self.add("title", id=f"{prefix}title").text = title
        self.add("desc", id=f"{prefix}description").text = description

    def add(
        self, tag: str, kind: str = "", parent: Element | None = None, **attributes: str | float
    ) -> Element:
        """Any element; `kind` is its class, and an underscore in an attribute's name a dash."""
        found = {"class": kind, **attributes} if kind else attributes
        facts = {
            name.replace("_", "-"): value if isinstance(value, str) else f"{value:.6g}"
            for name, value in found.items()
        }
        return ElementTree.SubElement(self.root if parent is None else parent, tag, facts)

    def text(self, x: float, y: float, text: str, kind: str = "", **more: Any) -> Element:
        element = self.add("text", kind, x=x, y=y, **more)
        element.text = text
        return element

    def horizontal(self, left: float, right: float, y: float, kind: str) -> None:
        self.add("line", kind, x1=left, y1=y, x2=right, y2=y)

    def vertical(self, x: float, top: float, bottom: float, kind: str = "", **more: Any) -> None:
        self.add("line", kind, x1=x, y1=top, x2=x, y2=bottom, **more)

    def shape(self, tag: str, kind: str, points: Iterable[tuple[float, float]]) -> Element:
        return self.add(tag, kind, points=" ".join(f"{x:.6g},{y:.6g}" for x, y in points))

    def bar(
        self, kind: str, *, x: float, y: float, width: float, height: float, has_tip: bool = False
    ) -> Element:
        """A rectangle; with a tip it points to the right."""
        if not has_tip:
            return self.add("rect", kind, x=x, y=y, width=width, height=height)
        tip, low = x + width - 8, y + height
        corners = [(x, y), (tip, y), (x + width, y + height / 2), (tip, low), (x, low)]
        return self.shape("polygon", kind, corners)

    def finished(self, height: float, *, is_file: bool) -> str:
        """The text, of a file with its size and line ends."""
        size = {"width": str(self._width), "height": str(round(height))}
        self.root.set("viewBox", f"0 0 {size['width']} {size['height']}")
        if is_file:
            self.root.attrib.update(size)
            ElementTree.indent(self.root)
        return ElementTree.tostring(self.root, encoding="unicode") + "\n" * is_file
