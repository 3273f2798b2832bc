"""Options and arguments that several commands take, with their shell completion."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import Any, TypeVar

import click

from mockserver import resources

_F = TypeVar("_F", bound=Callable[..., Any])

Complete = Callable[[click.Context, click.Parameter, str], list[str]]


def completing(words: Callable[[click.Context], Iterable[str]]) -> Complete:
    """Shell completion with whichever of these words go on from what is typed."""

    def complete(ctx: click.Context, parameter: click.Parameter, typed: str) -> list[str]:
        return [word for word in words(ctx) if word.startswith(typed)]

    return complete


def operation_names(ctx: click.Context) -> Iterable[str]:
    """The operations of the edition given so far."""
    from mockserver.contract import edition

    name = ctx.params.get("edition") or resources.DEFAULT_EDITION
    return edition(name).operations if name in resources.edition_names() else ()


def edition_option(
    default: str | None = resources.DEFAULT_EDITION, help_: str = ""
) -> Callable[[_F], _F]:
    """`--edition`, whose words are the bundled editions."""
    return click.option(
        "--edition",
        metavar="EDITION",
        default=default,
        show_default=default is not None,
        is_eager=True,
        help=help_ or f"The documented API to hold to: {', '.join(resources.edition_names())}.",
        shell_complete=completing(lambda _: resources.edition_names()),
    )


def json_option(function: _F) -> _F:
    """`--json`: the same facts for a script."""
    return click.option("--json", "as_json", is_flag=True, help="Print JSON for a script.")(
        function
    )


def echo_json(value: object) -> None:
    """A value as indented JSON on standard output."""
    click.echo(json.dumps(value, indent=2, ensure_ascii=False))


def counted(number: int, noun: str) -> str:
    """`1 reply`, `2 replies`, `3 violations`."""
    if number == 1:
        return f"1 {noun}"
    return f"{number:,} {noun[:-1]}ies" if noun.endswith("y") else f"{number:,} {noun}s"
