"""What a check found as HTML: one page, safe whatever a server sends."""

import re
from dataclasses import replace

from hypothesis import given

from mockserver.findings.report import CheckReport, JobSample, JobSeries
from mockserver.report.chart import Chart, Lane
from mockserver.report.chart_svg import draw
from mockserver.report.check_chart import chart_of, rows_of
from mockserver.report.html import render as to_html
from mockserver.report.summary import grouped
from support.check_reports import BACK, BEGAN_MS, CLEAN, JOB, OTHER_JOB, REPORT, reports
from support.html_page import Page

TAGS = """
html head meta title style body header main footer h1 h2 p code dl dt dd span div a section
table thead tbody tr th td details summary ul li figure figcaption
svg desc text line rect circle polygon polyline g
"""
ATTRIBUTES = """
lang charset http-equiv content name class id href role aria-labelledby
viewbox x y x1 x2 y1 y2 cx cy r rx width height points text-anchor
"""


def chart_text(report: CheckReport, width: int = 960) -> str:
    chart = chart_of(report)
    assert chart is not None
    return draw(chart, width, "chart")


def jobs(chart: Chart) -> list[Lane]:
    return [lane for lane in chart.lanes if lane.spans]


def test_it_has_every_finding_with_all_its_facts() -> None:
    page = Page(to_html(REPORT))
    text = re.sub(r"\s+", " ", page.text)
    for piece in (
        "1 error, 1 warning, 1 drift, 1 info",
        "1 error: promises that the server breaks",
        "1. required:/downloading/*/job_id",
        "list_status /downloading/0/job_id of job_493c7c9ded",
        "documented, 2025-10/download-status.md:34",
        "first in request 4 at 2025-10-03T15:33:26.496Z",
        "curl http://127.0.0.1:1234/api/v1/models/download/status",
        "mockserver explain bytes-go-back",
        "1 finding that the baseline knows",
        "No longer seen",
        "--post MODEL",
    ):
        assert piece in text
    assert page.count("section") == 4 + 1


def test_findings_are_numbered_as_they_are_shown() -> None:
    groups = grouped(REPORT.findings[::-1])
    assert [pair for group in groups for pair in group.findings] == list(
        enumerate(REPORT.findings, 1)
    )


def test_a_link_leads_to_each_finding() -> None:
    page = Page(to_html(REPORT))
    links = {attributes["href"] for tag, attributes in page.tags if tag == "a"}
    ids = {
        f"#{attributes['id']}"
        for tag, attributes in page.tags
        if tag == "section" and attributes.get("id")
    }
    assert links == ids == {"#1", "#2", "#3", "#4"}


def test_a_clean_one_is_short() -> None:
    page = Page(to_html(replace(CLEAN, tracks=())))
    assert "Nothing found" in page.text
    assert page.count("section") == page.count("table") == page.count("svg") == 0
    assert 'h1 class="good"' in to_html(CLEAN)
    assert 'h1 class="bad"' in to_html(replace(CLEAN, is_whole=False))
    assert 'h1 class="bad"' in to_html(REPORT)
    assert 'h1 class="good"' in to_html(replace(REPORT, findings=(BACK,)))
    assert 'h1 class="bad"' in to_html(replace(REPORT, findings=(BACK,)), "warning")


def test_ids_are_not_given_twice() -> None:
    page = Page(to_html(REPORT))
    ids = [attributes["id"] for _, attributes in page.tags if "id" in attributes]
    assert len(ids) == len(set(ids))
    named = [a["aria-labelledby"] for tag, a in page.tags if tag == "svg"]
    assert len(named) == 2
    assert {name for names in named for name in (names or "").split()} <= set(ids)


@given(reports)
def test_no_text_becomes_markup(report: CheckReport) -> None:
    page = Page(to_html(report))
    assert page.needs_nothing_else()
    assert {tag for tag, _ in page.tags} <= set(TAGS.split())
    assert {name for _, attributes in page.tags for name in attributes} <= set(ATTRIBUTES.split())
    assert not re.search("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]", to_html(report))


def test_it_may_ask_for_nothing() -> None:
    text = to_html(REPORT)
    assert "default-src 'none'" in text
    assert "url(" not in text
    assert "@import" not in text
    assert "prefers-color-scheme: dark" in text


def test_the_chart_marks_findings_at_the_job_that_they_are_about() -> None:
    chart = chart_of(REPORT)
    assert chart is not None
    others, first, second = chart.lanes
    assert [(flag.number, flag.at_ms) for flag in first.flags] == [
        (1, 2_000),
        (2, 40_000),
        (3, 41_000),
    ]
    assert second.flags == ()
    assert [flag.number for flag in others.flags] == [4]
    text = chart_text(REPORT)
    assert ">2+1</text>" in text
    assert "2. bytes-go-back:/downloaded_bytes; 3. unknown-field:/queue_position" in text


def test_the_chart_tells_the_statuses_and_the_bytes() -> None:
    chart = chart_of(REPORT)
    assert chart is not None
    row = next(rows_of(REPORT, chart))
    assert row["statuses"] == "queued, downloading, paused, downloading, completed"
    assert (row["bytes"], row["polls"]) == ("2.28 GB of 2.28 GB", 120)
    spans = [(span.kind, span.begins_ms, span.ends_ms) for span in jobs(chart)[0].spans]
    assert spans[:2] == [("other", 0, 4_000), ("downloading", 4_000, 40_000)]
    assert chart.kinds == ("other", "downloading", "paused", "completed", "failed")
    for piece in (
        f"{JOB}: queued from 0 s to 4 s",
        OTHER_JOB,
        ">2.28 GB<",
        "seconds since 2025-10",
    ):
        assert piece in chart_text(REPORT)


def test_replies_without_bytes_leave_a_gap() -> None:
    def point(number: int, done: float | None) -> JobSample:
        return JobSample(number, BEGAN_MS + 1_000 * number, "downloading", done, None)

    sizes = [0.0, 1.0, None, 2.0, float("nan"), 3.0]
    track = JobSeries(JOB, tuple(point(number, size) for number, size in enumerate(sizes)))
    chart = chart_of(replace(CLEAN, tracks=(track,)))
    assert chart is not None
    assert [len(curve.points) for curve in chart.lanes[0].curves] == [2, 1, 1]


def test_the_order_of_the_points_does_not_matter() -> None:
    turned = tuple(JobSeries(series.job_id, series.points[::-1]) for series in REPORT.tracks)
    assert chart_of(replace(REPORT, tracks=turned)) == chart_of(REPORT)


def test_jobs_beyond_a_dozen_are_counted() -> None:
    chart = chart_of(replace(REPORT, tracks=REPORT.tracks * 7))
    assert chart is not None
    assert (len(jobs(chart)), chart.more) == (12, 2)
    assert "2 more jobs not drawn" in to_html(replace(REPORT, tracks=REPORT.tracks * 7))


def test_many_points_are_drawn_as_few_and_none_of_the_extremes_is_lost() -> None:
    spike = 50_321
    points = [
        JobSample(number, BEGAN_MS + number, "downloading", 9e9 if number == spike else 1e9, 1e10)
        for number in range(60_000)
    ]
    report = replace(CLEAN, tracks=(JobSeries(JOB, tuple(points)),))
    text = chart_text(report, 350)
    (drawn,) = re.findall(r'class="line downloading" points="([^"]*)"', text)
    heights = {place.split(",")[1] for place in drawn.split()}
    assert len(drawn.split()) < 4 * 350
    assert len(heights) == 2


@given(reports)
def test_every_place_lies_in_the_picture(report: CheckReport) -> None:
    if chart_of(report) is None:
        return
    text = chart_text(report, 350)
    (height,) = re.findall(r'viewBox="0 0 350 (\d+)"', text)
    for points in re.findall(r' points="([^"]*)"', text):
        for place in points.split():
            x, y = map(float, place.split(","))
            assert 0 <= x <= 350
            assert 0 <= y <= float(height)
    for x in re.findall(r' (?:x|x1|x2|cx)="([^"]*)"', text):
        assert 0 <= float(x) <= 350
    for x, width in re.findall(r'<rect[^>]* x="([^"]*)" [^>]*width="([^"]*)"', text):
        assert 64 <= float(x) < float(x) + float(width) <= 350 - 10
