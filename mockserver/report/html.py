"""A report as one HTML page that needs nothing besides itself."""

from __future__ import annotations

from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined, Template

from mockserver.report.cleaning import holdable
from mockserver.report.record import Report

__all__ = ["to_html"]


def to_html(report: Report) -> str:
    return holdable(_template().render(report=report))


@cache
def _template() -> Template:
    loader = PackageLoader("mockserver.report", "")
    environment = Environment(
        loader=loader,
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["duration"] = _duration
    return environment.get_template("exercise.html.jinja")


def _duration(seconds: float) -> str:
    """`0.4 s`, `1 min 5 s`."""
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s"
