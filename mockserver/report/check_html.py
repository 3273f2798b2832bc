"""What a check found as one HTML page, with a chart of the jobs over time."""

from __future__ import annotations

from mockserver.report import check_words, page
from mockserver.report.check_chart import chart_of
from mockserver.report.check_svg import draw
from mockserver.server_rules.finding import Severity
from mockserver.server_rules.report import Report

__all__ = ["to_html"]

_WIDE, _NARROW = 960, 350


def to_html(report: Report, fails_on: Severity = "error") -> str:
    """The chart is in it twice, for wide and for narrow windows, of which one is shown."""
    chart = chart_of(report)
    drawn = [(_WIDE, "chart-wide"), (_NARROW, "chart-narrow")] if chart is not None else []
    return page.render(
        "check.html.jinja",
        report=report,
        words=check_words,
        groups=check_words.grouped(report.findings),
        has_passed=check_words.has_passed(report, fails_on),
        chart=chart,
        pictures=[draw(chart, width, name) for width, name in drawn if chart is not None],
    )
