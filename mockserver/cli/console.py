"""What commands say on standard error."""

from __future__ import annotations

import os

import click


def say_error(sentence: str) -> None:
    """An error on standard error, in colour where that is wanted."""
    color = False if os.environ.get("NO_COLOR") else None
    click.secho("error: ", fg="red", bold=True, nl=False, err=True, color=color)
    click.echo(sentence, err=True, color=color)
