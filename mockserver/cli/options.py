"""Options and arguments that several commands take, with their shell completion."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, TypeVar

import click
from click.shell_completion import CompletionItem

from mockserver import resources
from mockserver.errors import MockServerError

if TYPE_CHECKING:
    from mockserver.documents.source import Source

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


def timeline_names(ctx: click.Context) -> Iterable[str]:
    """The timelines that can be named: bundled ones, and those in the user's own folder."""
    try:
        own = resources.own_timeline_files(ctx.params.get("folder"))
    except MockServerError:  # said when the command runs
        own = {}
    return sorted({**resources.timeline_files(), **own})


def folder_option(function: _F) -> _F:
    """`--folder`: where the user's own timelines lie."""
    return click.option(
        "--folder",
        metavar="DIR",
        type=click.Path(file_okay=False),
        is_eager=True,
        help=f"Where your own timelines lie. Without it, ${resources.TIMELINES_VARIABLE}, or "
        f"./{resources.TIMELINES_FOLDER} when there is one.",
    )(function)


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


def listening_options(port: int) -> Callable[[_F], _F]:
    """--port, with this default, and --host."""

    def decorate(function: _F) -> _F:
        function = click.option(
            "--host",
            metavar="HOST",
            default="127.0.0.1",
            show_default=True,
            help="Which address to listen on. Any but a loopback address can be reached from "
            "outside.",
        )(function)
        return click.option(
            "-p",
            "--port",
            metavar="PORT",
            type=click.IntRange(0, 65535),
            default=port,
            show_default=True,
            help="Where to listen; 0 takes a free port.",
        )(function)

    return decorate


def checked_speed(
    ctx: click.Context, parameter: click.Parameter, value: float | None
) -> float | None:
    """A wall clock's speed, as far as a clock can have it."""
    if value is not None and not 0 < value <= 1e6:
        raise click.BadParameter(f"{value:g} is not above 0 and at most 1,000,000")
    return value


def checked_duration(value: str) -> int:
    """A duration of an option, in milliseconds."""
    from mockserver.documents.units import DURATIONS, corrected_duration, duration_ms

    try:
        return duration_ms(value)
    except ValueError as error:
        guess = corrected_duration(value)
        hint = f"did you mean {guess}?" if guess else f"expected {DURATIONS}"
        raise click.BadParameter(f"{error}; {hint}") from None


def checked_step(ctx: click.Context, parameter: click.Parameter, value: str | None) -> int | None:
    """A poll clock's step, in milliseconds."""
    if value is None:
        return None
    step_ms = checked_duration(value)
    if not step_ms:
        raise click.BadParameter("a step takes time: with none, a poll would move nothing")
    return step_ms


def checked_token(ctx: click.Context, parameter: click.Parameter, value: str | None) -> str | None:
    """A token that can stand in a header."""
    if value is not None and not (value and all("!" <= ch <= "~" for ch in value)):
        raise click.BadParameter("a token is printable ASCII text without spaces")
    return value


def json_option(function: _F) -> _F:
    """`--json`: the same facts for a script."""
    return click.option("--json", "as_json", is_flag=True, help="Print JSON for a script.")(
        function
    )


def timeline_argument(function: _F) -> _F:
    """`NAME`: a timeline, as `timeline_source` finds it."""
    return click.argument("name", shell_complete=completing(timeline_names))(function)


def timeline_source(name: str, folder: str | None) -> Source:
    """A timeline by its name, a file, or with `-` standard input."""
    from mockserver import files
    from mockserver.timeline.find import find

    if name == "-":
        return files.decode("<stdin>", files.read_standard_input("<stdin>"))
    return find(name, folder)


def file_names(ctx: click.Context, parameter: click.Parameter, typed: str) -> list[CompletionItem]:
    """Shell completion with files, by the shell itself.

    Whether a file can be read is told when it is read, in the same words everywhere.
    """
    return [CompletionItem(typed, type="file")]


def echo_json(value: object) -> None:
    """A value as indented JSON on standard output."""
    click.echo(json.dumps(value, indent=2, ensure_ascii=False))


def counted(number: int, noun: str) -> str:
    """`1 reply`, `2 replies`, `3 violations`."""
    if number == 1:
        return f"1 {noun}"
    return f"{number:,} {noun[:-1]}ies" if noun.endswith("y") else f"{number:,} {noun}s"
