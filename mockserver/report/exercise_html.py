"""A client's report as one HTML page."""

from __future__ import annotations

from mockserver.report import page
from mockserver.report.exercise_record import Report

__all__ = ["to_html"]


def to_html(report: Report) -> str:
    return page.render("exercise.html.jinja", report=report)
