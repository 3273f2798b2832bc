"""What all commands print alike: errors, JSON, files written, clipped and wrapped text."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

import click

from mockserver import files

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
    """A value as indented JSON on standard output."""
    click.echo(json.dumps(value, indent=2, ensure_ascii=False))


def print_lines(lines: Iterable[str], indent: str = "", *, dim: bool = False) -> None:
    for line in lines:
        click.secho(indent + line, dim=dim or None)


def write_files(texts: dict[str, str]) -> None:
    """All of these files, or none; and that they are written, if anybody reads it."""
    files.write_all({Path(path): text for path, text in texts.items()})
    for path in texts:
        with suppress(OSError):
            click.echo(f"wrote {path}", err=True)
