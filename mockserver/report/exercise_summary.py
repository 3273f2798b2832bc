"""What every report of an exercise says in the same words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from mockserver.documents.text import counted
from mockserver.errors import visible
from mockserver.findings.finding import Finding
from mockserver.findings.report import Case, ExerciseReport

_SHOWN_RUNS = 8
_SHOWN_NAMES = 6


def errors_of(case: Case) -> tuple[Finding, ...]:
    return tuple(finding for finding in case.findings if finding.severity == "error")


def request_numbers(finding: Finding) -> str:
    """`#3, #5-9`: the first few runs of the numbers of the requests that show it."""
    runs: list[list[int]] = []
    for number in finding.numbers:
        if runs and number == runs[-1][-1] + 1:
            runs[-1][1:] = [number]
        else:
            runs.append([number])
    shown = ["#" + "-".join(map(str, run)) for run in runs[:_SHOWN_RUNS]]
    return ", ".join([*shown, "…"] if len(runs) > _SHOWN_RUNS else shown)


def shared_causes(cases: Sequence[Case]) -> Iterator[tuple[str, str, list[str]]]:
    """Rule, cause and incidents of what is likely to be one mistake, the most frequent first."""
    names: dict[tuple[str, str], dict[str, None]] = {}
    for case in cases:
        for finding in errors_of(case) or case.findings:
            names.setdefault((finding.rule.id, finding.cause), {})[case.name] = None
    for (rule, cause), seen in sorted(names.items(), key=lambda pair: -len(pair[1])):
        if len(seen) > 1:
            yield rule, cause, list(seen)


def headline(report: ExerciseReport) -> str:
    """How many failed; of one that was interrupted, how many ran at all, and which did not."""
    ran, failed = len(report.cases), len(report.failed)
    if report.is_whole:
        incidents = counted(ran, "incident")
        return f"{failed} of {incidents} failed" if failed else f"{incidents}, all as expected"
    total = counted(ran + len(report.not_run), "incident")
    if ran == 1:
        ended = f"1 of {total} ran to its end, and {'failed' if failed else 'did not fail'}"
    else:
        ended = f"{ran or 'none'} of {total} ran to their end"
        ended += f", and {failed or 'none'} of them failed" if ran else ""
    names = ", ".join(map(visible, report.not_run[:_SHOWN_NAMES]))
    more = len(report.not_run) - _SHOWN_NAMES
    return f"interrupted: {ended}; not run: {names}" + (f" and {more} more" if more > 0 else "")
