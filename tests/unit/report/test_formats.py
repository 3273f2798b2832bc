"""Every format writes a check's and an exercise's report; who offers formats reads the registry."""

import click
import pytest

from mockserver.cli.check import command as check
from mockserver.cli.exercise import command as exercise
from mockserver.report.formats import FORMATS, format_of
from support import check_reports, reports


@pytest.mark.parametrize("name", FORMATS)
def test_each_renders_both_reports(name: str) -> None:
    of_check = FORMATS[name].render(check_reports.REPORT)
    of_exercise = FORMATS[name].render(reports.REPORT)
    assert "required:/downloading/*/job_id" in of_check.replace("%3A", ":")
    assert reports.HUNG.name in of_exercise
    assert of_check.endswith("\n")
    assert of_exercise.endswith("\n")


def test_a_suffix_tells_the_format() -> None:
    for known in FORMATS.values():
        found = format_of(f"a.b{known.suffix or '.txt'}")
        assert found is (known if known.suffix else None)
    assert format_of("REPORT.HTML") is FORMATS["html"]
    assert format_of("html") is None


@pytest.mark.parametrize("command", [check, exercise], ids=lambda command: command.name)
def test_the_commands_offer_them(command: click.Command) -> None:
    options = {option.name: option for option in command.params}
    printed = options["format_"].type
    assert isinstance(printed, click.Choice)
    assert printed.choices == tuple(name for name in FORMATS if FORMATS[name].suffix is None)
    written = options["reports"]
    assert isinstance(written, click.Option)
    suffixes = [known.suffix for known in FORMATS.values() if known.suffix]
    assert all(suffix in (written.help or "") for suffix in suffixes)


def test_an_annotation_for_each_mistake_of_a_client() -> None:
    lines = FORMATS["github"].render(reports.REPORT).splitlines()
    commands = [line for line in lines if line.startswith("::")]
    findings = [finding for case in reports.REPORT.cases for finding in case.findings]
    assert len(commands) == len(findings)
    assert commands[2].startswith("::error title=paused-for-ever%3A never-stopped::polled 1,900 ")
