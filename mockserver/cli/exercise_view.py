"""What `mockserver exercise` shows: its progress, the table, and each failing incident."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Protocol

import click

from mockserver.cli.options import counted, echo_json
from mockserver.documents.text import cells, plain
from mockserver.errors import visible

if TYPE_CHECKING:
    from mockserver.exercise.incident import Incident
    from mockserver.findings.report import Case

_WIDTH = 100
_NAME_WIDTH = 36
_SHOWN_LINES = 3
_SHOWN_NAMES = 6
_COLOURS = {"error": "red", "warning": "yellow"}


class View(Protocol):
    """What shows how far it is."""

    def began(self, name: str) -> None: ...

    def ended(self, case: Case) -> None: ...


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

    def ended(self, case: Case) -> None:
        self._ended += 1
        ids = [*dict.fromkeys(finding.rule.id for finding in case.findings)]
        kind, by = case.outcome, case.ending.partition(" (")[2].removesuffix(")")
        took = f"{case.seconds:.1f} s, {counted(case.requests, 'request')}"
        facts = [*([] if kind in ids else [kind]), *([by] if by else []), took]
        place = f"{self._ended:>{len(str(self._total))}}/{self._total}"
        told = f"{', '.join(ids) or 'ok'} ({', '.join(facts)})"
        with suppress(OSError):  # nobody reads it: the report matters more
            click.echo(f"{place}  {visible(case.name)}: {told}", err=True)


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

    def ended(self, case: Case) -> None:
        self._running.remove(case.name)
        self._failed += any(finding.severity == "error" for finding in case.findings)
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


def _padded(text: str, width: int, *, right: bool = False) -> str:
    space = " " * (width - cells(text))
    return space + text if right else text + space
