"""HTML pages that need nothing besides themselves, from the templates in this folder."""

from __future__ import annotations

from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined

from mockserver.report.cleaning import holdable

__all__ = ["render"]


def render(template: str, **values: object) -> str:
    """The page; all values are text that is escaped, unless the template says otherwise."""
    return holdable(_environment().get_template(template).render(values))


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("mockserver.report", ""),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["duration"] = _duration
    return environment


def _duration(seconds: float) -> str:
    """`0.4 s`, `1 min 5 s`."""
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s"
