"""What `mockserver exercise` shows: its progress, the table, and each failing incident."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Protocol

import click

from mockserver.cli.options import counted, echo_json
from mockserver.errors import visible
from mockserver.timeline.words import cells, clipped, plain, wrapped

if TYPE_CHECKING:
    from mockserver.exercise.incident import Incident
    from mockserver.exercise.run import Run
    from mockserver.report.exercise_record import Case, Finding, Report

_WIDTH = 100
_NAME_WIDTH = 36
_SHOWN_LINES = 3
_SHOWN_NAMES = 6
_COLOURS = {"error": "red", "warning": "yellow"}


class View(Protocol):
    """What shows how far it is."""

    def began(self, name: str) -> None: ...

    def ended(self, run: Run) -> None: ...


@contextmanager
def progress(total: int) -> Iterator[View]:
    """On standard error: a line that changes on a terminal, else a line for each run."""
    if sys.stderr is None or not sys.stderr.isatty():
        yield _Lines(total)
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
    from rich.table import Column

    running = Column(no_wrap=True, overflow="ellipsis")
    words = TextColumn("{task.description}", markup=False, table_column=running)
    columns = (BarColumn(24), MofNCompleteColumn(), words)
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        yield _Bar(bar, total)


class _Lines:
    def __init__(self, total: int) -> None:
        self._total, self._ended = total, 0

    def began(self, name: str) -> None:
        pass

    def ended(self, run: Run) -> None:
        self._ended += 1
        ids = [*dict.fromkeys(problem.id for problem in run.problems)]
        kind, by = run.outcome.kind, run.outcome.by
        took = f"{run.seconds:.1f} s, {counted(run.requests, 'request')}"
        facts = [*([] if kind in ids else [kind]), *([by] if by else []), took]
        place = f"{self._ended:>{len(str(self._total))}}/{self._total}"
        told = f"{', '.join(ids) or 'ok'} ({', '.join(facts)})"
        with suppress(OSError):  # nobody reads it: the report matters more
            click.echo(f"{place}  {visible(run.incident.name)}: {told}", err=True)


class _Bar:
    def __init__(self, bar: object, total: int) -> None:
        from rich.progress import Progress

        assert isinstance(bar, Progress)
        self._bar = bar
        self._task = bar.add_task("", total=total)
        self._running: list[str] = []
        self._failed = 0

    def began(self, name: str) -> None:
        self._running.append(name)
        self._show()

    def ended(self, run: Run) -> None:
        self._running.remove(run.incident.name)
        self._failed += any(problem.severity == "error" for problem in run.problems)
        self._bar.advance(self._task)
        self._show()

    def _show(self) -> None:
        failed = f"{self._failed} failed; " if self._failed else ""
        self._bar.update(self._task, description=failed + visible(", ".join(self._running)))


def echo_list(incidents: Sequence[Incident], *, as_json: bool) -> None:
    """The incidents, with what a good client does in each."""
    if as_json:
        echo_json(
            [
                {
                    "incident": one.name,
                    "description": one.timeline.description,
                    "ends": one.ends,
                    "good_client": one.does,
                    "edition": one.timeline.edition,
                }
                for one in incidents
            ]
        )
        return
    width = min(_NAME_WIDTH, max(cells(visible(one.name)) for one in incidents))
    for one in incidents:
        click.echo(f"{click.style(_padded(visible(one.name), width), bold=True)}  {one.ends}")
        if one.timeline.description:
            click.echo(f"  {plain(one.timeline.description)}")
        if one.does:
            click.secho(f"  A good client {plain(one.does)}", dim=True)


def echo_report(report: Report, *, show_output: bool) -> None:
    """The table, then each failing incident, what is in several of them, and how many there are."""
    if report.cases:
        _echo_table(report.cases)
    for case in report.failed:
        click.echo()
        _echo_case(case, show_output=show_output)
    _echo_causes(report.failed)
    click.echo()
    ran, failed = len(report.cases), len(report.failed)
    if not report.is_whole:
        for line in wrapped(_interruption(report), _WIDTH):
            click.secho(line, fg="red", bold=True)
    elif failed:
        click.secho(f"{failed} of {counted(ran, 'incident')} failed", fg="red", bold=True)
    else:
        click.secho(f"{counted(ran, 'incident')}, all as expected", fg="green", bold=True)


def _echo_causes(cases: Sequence[Case]) -> None:
    """What is likely to be one mistake, though several incidents show it."""
    found: dict[tuple[str, str], dict[str, None]] = {}
    for case in cases:
        errors = [one for one in case.findings if one.severity == "error"]
        for finding in errors or case.findings:
            found.setdefault((finding.id, finding.cause), {})[visible(case.name)] = None
    shared = [(cause, names) for cause, names in found.items() if len(names) > 1]
    if not shared:
        return
    click.echo("\nseen in several incidents:")
    for (id_, cause), names in sorted(shared, key=lambda one: -len(one[1])):
        what = f"{id_}, {clipped(visible(cause), _WIDTH)}" if cause else id_
        told = f"{what}: {counted(len(names), 'incident')}: {', '.join(names)}"
        first, *rest = wrapped(told, _WIDTH - 6)
        click.echo("\n".join([f"  {first}", *(f"      {line}" for line in rest)]))


def _interruption(report: Report) -> str:
    """How many ran to their end, how many of them failed, and which did not run."""
    ran, failed = len(report.cases), len(report.failed)
    total = counted(ran + len(report.not_run), "incident")
    if ran == 1:
        told = f"1 of {total} ran to its end, and {'failed' if failed else 'did not fail'}"
    else:
        told = f"{ran or 'none'} of {total} ran to their end"
        told += f", and {failed or 'none'} of them failed" if ran else ""
    names = ", ".join(map(visible, report.not_run[:_SHOWN_NAMES]))
    more = len(report.not_run) - _SHOWN_NAMES
    return f"interrupted: {told}; not run: {names}" + (f" and {more} more" if more > 0 else "")


def _echo_table(cases: Sequence[Case]) -> None:
    head = ("incident", "ends", "time", "requests", "verdict")
    rows = [
        (
            clipped(visible(case.name), _NAME_WIDTH),
            case.ending,
            f"{case.seconds:.1f} s",
            f"{case.requests:,}",
        )
        for case in cases
    ]
    widths = [max(cells(row[at]) for row in [head, *rows]) for at in range(4)]
    click.secho(_row(head[:4], widths) + head[4], dim=True)
    for case, row in zip(cases, rows, strict=True):
        click.echo(_row(row, widths) + _verdict(case))


def _row(row: Sequence[str], widths: Sequence[int]) -> str:
    name, ends, time, requests = (
        _padded(text, width, right=at > 1)
        for at, (text, width) in enumerate(zip(row, widths, strict=True))
    )
    return f"{name}  {ends}  {time}  {requests}  "


def _padded(text: str, width: int, *, right: bool = False) -> str:
    space = " " * (width - cells(text))
    return space + text if right else text + space


def _verdict(case: Case) -> str:
    found = dict.fromkeys((one.id, one.severity) for one in case.findings)
    told = [click.style(id_, fg=_COLOURS[severity]) for id_, severity in found]
    return ", ".join([click.style("ok", fg="green"), *told] if case.has_passed else told)


def _echo_case(case: Case, *, show_output: bool) -> None:
    title = f"{visible(case.name)}: {case.ending}"
    click.secho(title, bold=True)
    if case.description:
        click.secho(f"  {plain(case.description)}", dim=True)
    for finding in case.findings:
        _echo_finding(finding)
    if case.timeline:
        click.echo("  requests:")
        click.echo("\n".join(f"  {line}" for line in case.timeline.splitlines()))
    if case.does:
        click.echo(f"  good client: {plain(case.does)}")
    for name, text in (("standard output", case.stdout), ("standard error", case.stderr)):
        _echo_output(name, text, None if show_output else _SHOWN_LINES)


def _echo_finding(finding: Finding) -> None:
    about = f" [{finding.where}]" if finding.requests else ""
    label = f"{finding.severity}: {finding.id}"
    click.echo(f"  {click.style(label, fg=_COLOURS[finding.severity])}{about}")
    for text in (visible(finding.message), f"→ {finding.advice}"):
        for line in wrapped(text, _WIDTH - 6):
            click.echo(f"      {line}")


def _echo_output(name: str, text: str, most: int | None) -> None:
    """All that is kept, or the last lines of standard error."""
    lines = [visible(line.expandtabs()) for line in text.splitlines()]
    if most is not None:
        if name != "standard error":
            return
        lines = [clipped(line, _WIDTH) for line in lines if line.strip()]
    shown = lines if most is None else lines[-most:]
    if not shown:
        return
    more = " (its end; --show-output shows more)" if len(shown) < len(lines) else ""
    click.echo(f"  {name}{more}:")
    click.secho("\n".join(f"    {line}" for line in shown), dim=True)
