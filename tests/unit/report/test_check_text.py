"""What a check found as lines for a terminal, and as GitHub's annotations."""

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.documents.text import cells
from mockserver.findings.finding import Finding, Severity
from mockserver.findings.report import CheckReport
from mockserver.report.github import workflow_commands
from mockserver.report.text import lines as to_lines
from support.cases import source
from support.check_reports import BACK, CLEAN, MISSING, NASTY, REPORT, findings, reports


def printed(report: CheckReport, width: int = 100, fails_on: Severity = "error") -> list[str]:
    lines = to_lines(report, width=width, fails_on=fails_on)
    return ["".join(piece.text for piece in line) for line in lines]


def test_when_all_is_well_it_is_one_line() -> None:
    assert printed(CLEAN, 200) == [
        "http://127.0.0.1:1234, held to edition 2025-10: nothing found; "
        "241 requests (download 1, job_status 120, list_status 120) in 2 min 1.2 s"
    ]


def test_a_finding_says_all() -> None:
    text = printed(replace(REPORT, findings=(MISSING,), accepted=(), stale=(), notes=()))
    assert text == source(__file__, "finding.txt").text.splitlines()


def test_the_gravest_come_first_and_the_summary_last() -> None:
    text = printed(replace(REPORT, findings=REPORT.findings[::-1]), 200)
    heads = [line for line in text if re.match(r"\d+ \w+: ", line)]
    assert [head.split(":")[0] for head in heads] == ["1 error", "1 warning", "1 drift", "1 info"]
    assert text[-1].startswith("1 error, 1 warning, 1 drift, 1 info; 241 requests")


def test_what_a_rule_says_is_said_once() -> None:
    text = printed(replace(REPORT, findings=(MISSING, replace(MISSING, place="/x"))))
    assert sum("mockserver explain required" in line for line in text) == 1
    assert sum("KeyError" in line for line in text) == 1
    assert sum("curl" in line for line in text) == 2


def test_the_baseline_and_the_notes_are_told() -> None:
    text = printed(replace(REPORT, findings=()))
    for line in (
        "accepted by the baseline: 1 finding",
        "  job_status required:/model (error)",
        "no longer seen: 2 entries of the baseline",
        "  download required:/job_id",
        "note: Nothing was posted: --post MODEL starts a download.",
    ):
        assert line in text
    assert "nothing new found" in text[-2]


@pytest.mark.parametrize(
    ("report", "fails_on", "style", "said"),
    [
        (CLEAN, "info", "good", "nothing found"),
        (REPORT, "error", "error", "1 error"),
        (replace(REPORT, findings=(BACK,)), "error", "warning", "1 warning"),
        (replace(REPORT, findings=(BACK,)), "warning", "error", "1 warning"),
        (replace(CLEAN, is_whole=False), "error", "warning", "nothing found so far"),
        (replace(CLEAN, asked={}), "error", "warning", "nothing was asked"),
    ],
)
def test_the_summary_has_the_colour_of_what_came_of_it(
    report: CheckReport, fails_on: Severity, style: str, said: str
) -> None:
    (*_, last) = to_lines(report, width=300, fails_on=fails_on)
    assert last[-1].style == style
    assert said in last[-1].text
    assert ("interrupted" in last[-1].text) is not report.is_whole


@given(reports, st.integers(0, 120))
def test_lines_are_printable_and_narrow_enough(report: CheckReport, width: int) -> None:
    for line in printed(report, width):
        assert line == "" or line.isprintable()
        if not line.startswith(("    again", "    more")):
            assert cells(line) <= max(width, 40)


@given(findings)
def test_an_annotation_is_one_command(finding: Finding) -> None:
    (line,) = workflow_commands(replace(REPORT, findings=(finding,)))
    match = re.fullmatch(r"::(error|warning|notice) title=([^:,\r\n]*)::([^\r\n]*)", line)
    assert match is not None
    assert line.isprintable()
    for escaped in match.groups()[1:]:
        assert re.fullmatch(r"(?:[^%]|%(?:25|0A|3A|2C))*", escaped)


def test_annotations_of_all_severities() -> None:
    lines = list(workflow_commands(REPORT))
    assert [line.split()[0] for line in lines] == ["::error", "::warning", "::notice", "::notice"]
    title, _, message = lines[0].removeprefix("::error title=").partition("::")
    assert title == "required%3A/downloading/*/job_id"
    assert message.startswith("A member that must be there is missing.%0Awhere: list_status /")


def test_a_server_cannot_give_commands() -> None:
    nasty = replace(MISSING, found=NASTY, place=NASTY)
    (line,) = workflow_commands(replace(REPORT, findings=(nasty,)))
    assert line.splitlines() == [line]
    assert "\\n::error::x\\r%250A" in line


def test_no_terminal_is_too_narrow() -> None:
    assert printed(REPORT, 1) == printed(REPORT, 40)
