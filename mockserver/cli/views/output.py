"""What all commands print alike: errors, JSON, files written, and how far things are."""

from __future__ import annotations

import json
import os
import shlex
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mockserver import files

if TYPE_CHECKING:
    from rich.progress import Progress as Bars
    from rich.progress import TaskID

SEVERITY_COLOURS = {"error": "red", "warning": "yellow", "drift": "cyan", "info": "blue"}


def colours_wanted() -> bool | None:
    """False where colours are not wanted, None where the output decides."""
    return False if os.environ.get("NO_COLOR") else None


def print_error(sentence: str) -> None:
    """An error on standard error, in colour where that is wanted; the exit code says it, too."""
    color = colours_wanted()
    with suppress(OSError):
        click.secho("error: ", fg="red", bold=True, nl=False, err=True, color=color)
        click.echo(sentence, err=True, color=color)


def print_json(value: object) -> None:
    click.echo(json.dumps(value, indent=2, ensure_ascii=False))


def members(record: object, *names: str) -> dict[str, Any]:
    return {name: getattr(record, name) for name in names}


def print_lines(lines: Iterable[str], indent: str = "", *, dim: bool = False) -> None:
    for line in lines:
        click.secho(indent + line, dim=dim or None)


def write_files(texts: dict[str, str]) -> None:
    """All of these files, or none; and that they are written, if anybody reads it."""
    files.write_all({Path(path): text for path, text in texts.items()})
    for path in texts:
        with suppress(OSError):
            click.echo(f"wrote {path}", err=True)


def curl(url: str, data: object = None, token: str | None = None, flags: str = "") -> str:
    """A line for a shell; `token` is the variable that holds what to bear."""
    words = [f"curl{flags}", shlex.quote(url)]
    if token is not None:
        words.append(f'-H "Authorization: Bearer ${token}"')
    if data is not None:
        words.append(f"-H 'Content-Type: application/json' -d {shlex.quote(json.dumps(data))}")
    return " ".join(words)


class Progress:
    """What shows it. `say` is for where no bar can be drawn, `show` for where one can."""

    def __init__(self, bars: Bars | None, *, err: bool) -> None:
        self._bars, self._err = bars, err
        self._tasks: dict[str, TaskID] = {}

    def say(self, line: str) -> None:
        if self._bars is None:
            with suppress(OSError):  # nobody reads it: the result matters more
                click.echo(line, err=self._err)

    def show(
        self, key: str, text: str, *, done: float | None, total: float | None, label: str = ""
    ) -> None:
        """The bar with this key, which appears with its first part. None for `done` leaves it."""
        if self._bars is None:
            return
        if key not in self._tasks:
            self._tasks[key] = self._bars.add_task("", total=total, label=label)
        self._bars.update(
            self._tasks[key], total=total, completed=done, description=text, label=label
        )


@contextmanager
def progress(
    *, err: bool = True, is_counted: bool = False, has_label: bool = False
) -> Iterator[Progress]:
    """On standard error the bars vanish in the end, on standard output they stay.

    `is_counted`: how many of all are done stands beside a bar; `has_label`: a word before it.
    """
    stream = sys.stderr if err else sys.stdout
    if stream is None or not stream.isatty():
        yield Progress(None, err=err)
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, ProgressColumn, TextColumn
    from rich.progress import Progress as Bars
    from rich.table import Column

    clipped = Column(no_wrap=True, overflow="ellipsis")
    columns: list[ProgressColumn] = [
        BarColumn(24),
        *([MofNCompleteColumn()] if is_counted else []),
        TextColumn("{task.description}", markup=False, table_column=clipped),
    ]
    if has_label:
        columns.insert(0, TextColumn("  {task.fields[label]:<11}", markup=False))
    with Bars(*columns, console=Console(stderr=err), transient=err) as bars:
        yield Progress(bars, err=err)
