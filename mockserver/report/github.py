"""Reports as GitHub's workflow commands, which annotate a run, below the report as text."""

from collections.abc import Iterator

from mockserver.errors import visible
from mockserver.findings.finding import Severity
from mockserver.findings.report import ExerciseReport
from mockserver.report import summary, text
from mockserver.report.formats import AnyReport, inert, workflow_message, workflow_property

_COMMANDS = {"error": "error", "warning": "warning", "drift": "notice", "info": "notice"}


def render(report: AnyReport, fails_on: Severity = "error") -> str:
    lines = inert(text.render(report, fails_on))
    return lines + "".join(f"{line}\n" for line in workflow_commands(report))


def workflow_commands(report: AnyReport) -> Iterator[str]:
    """Of a check the gravest first, as GitHub shows ten errors, warnings and notices of a step."""
    for severity, title, facts in _annotations(report):
        message = workflow_message("\n".join(map(visible, facts)))
        name = workflow_property(visible(title))
        yield f"::{_COMMANDS[severity]} title={name}::{message}"


def _annotations(report: AnyReport) -> Iterator[tuple[Severity, str, list[str]]]:
    if isinstance(report, ExerciseReport):
        for case in report.cases:
            for finding in case.findings:
                seen = summary.request_numbers(finding)
                facts = [finding.message, *([f"requests: {seen}"] if seen else []), finding.advice]
                yield finding.severity, f"{case.name}: {finding.rule.id}", facts
        return
    for group in summary.grouped(report.findings):
        for _, finding in group.findings:
            facts = [f"{name}: {value}" for name, value in summary.facts(finding)]
            yield group.severity, finding.id, [finding.rule.sentence, *facts]
