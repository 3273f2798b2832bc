"""Reports as HTML pages that need nothing besides themselves, from the templates in this folder."""

from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined, Template

from mockserver.documents.text import counted
from mockserver.findings.finding import Severity
from mockserver.findings.report import ExerciseReport
from mockserver.report import summary
from mockserver.report.chart_svg import draw
from mockserver.report.check_chart import chart_of, rows_of
from mockserver.report.formats import AnyReport, xml_safe
from mockserver.report.svg import COLOURS, STYLE

_WIDTHS = {"chart-wide": 960, "chart-narrow": 350}
"""A chart is in the page twice, for wide and for narrow windows, of which one is shown."""


def render(report: AnyReport, fails_on: Severity = "error") -> str:
    """The page; all values are text that is escaped, unless a template says otherwise."""
    if isinstance(report, ExerciseReport):
        return xml_safe(_template("exercise").render(report=report, words=summary))
    chart = chart_of(report)
    page = _template("check").render(
        report=report,
        words=summary,
        counted=counted,
        fails_on=fails_on,
        chart=chart,
        rows=chart and rows_of(report, chart),
        colours=COLOURS,
        chart_style=STYLE,
        pictures=chart and [draw(chart, width, name) for name, width in _WIDTHS.items()],
    )
    return xml_safe(page)


@cache
def _template(name: str) -> Template:
    environment = Environment(
        loader=PackageLoader("mockserver.report", ""),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["duration"] = _duration
    return environment.get_template(f"{name}.html.jinja")


def _duration(seconds: float) -> str:
    """`0.4 s`, `1 min 5 s`."""
    minutes, rest = divmod(round(seconds), 60)
    return f"{seconds:.1f} s" if seconds < 60 else f"{minutes} min {rest} s"
