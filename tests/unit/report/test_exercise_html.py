"""Reports as HTML: one page, safe whatever a client prints."""

import re
from dataclasses import replace

from mockserver.report.html import render as to_html
from support.html_page import Page
from support.reports import EMPTY, FAST, HELD, HUNG, PASSED, REPORT, STOPPED


def test_it_has_every_incident_and_the_failed_ones_first() -> None:
    page = Page(to_html(REPORT))
    titles = re.findall(r"<h2>([^<]+)</h2>", to_html(REPORT))
    assert [titles[0], *titles[2:]] == ["paused-for-ever", "healthy", "instant"]
    assert page.count("section") == 4
    assert page.count("tr") == 1 + 4
    for piece in ("2 of 4 incidents failed", "Pauses at 40 %", "has a deadline.", "1 min 1 s"):
        assert piece in page.text
    for piece in ("error: never-stopped #3, #5-7, #9", "→ Give up.", "(allowed)", "1,900 requests"):
        assert piece in re.sub(r"\s+", " ", page.text)


def test_a_link_leads_to_each_incident() -> None:
    page = Page(to_html(REPORT))
    links = [attributes["href"] for tag, attributes in page.tags if tag == "a"]
    ids = {attributes.get("id") for _, attributes in page.tags}
    assert len(links) == 4
    assert {f"#{id_}" for id_ in ids if id_} == set(links)


def test_it_needs_nothing_besides_itself() -> None:
    page = Page(to_html(REPORT))
    assert page.needs_nothing_else()
    assert "url(" not in to_html(REPORT)
    assert "prefers-color-scheme: dark" in to_html(REPORT)


def test_what_a_client_prints_is_text() -> None:
    page = Page(to_html(REPORT))
    assert page.text.count(HELD) >= 6
    assert "49" not in page.text


def test_a_warning_beside_a_pass_is_shown() -> None:
    text = to_html(replace(REPORT, cases=(replace(PASSED, findings=(FAST,)),)))
    assert "1</span> incident, as expected" in text
    assert re.search(r"passed</span>\s*, <span class=\"warn\">poll-too-fast", text)


def test_one_that_was_interrupted_says_so() -> None:
    for report in (EMPTY, STOPPED):
        text = to_html(report).lower()
        assert "interrupted" in text.partition("<title>")[2].partition("</title>")[0]
        assert "interrupted" in text.partition("<h1>")[2].partition("</h1>")[0]
        assert "as expected" not in text
    assert "instant" in Page(to_html(STOPPED)).text
    assert "interrupted" not in Page(to_html(replace(REPORT, cases=(HUNG,)))).text
