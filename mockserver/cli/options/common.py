"""Options and arguments that many commands take, and the words that a shell completes them with."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, TypeAlias

import click

from mockserver import files, resources
from mockserver.cli.options.groups import argument, file_names, option
from mockserver.cli.options.values import AUTO, edition_or_auto
from mockserver.documents.source import Source
from mockserver.errors import MockServerError
from mockserver.timeline.find import find

if TYPE_CHECKING:
    from mockserver.documents.source import Source

Complete: TypeAlias = Callable[[click.Context, click.Parameter, str], list[str]]

EDITIONS = ", ".join(resources.edition_names())


def completing(words: Callable[[click.Context], Iterable[str]]) -> Complete:
    """Shell completion with whichever of these words go on from what is typed."""

    def complete(ctx: click.Context, parameter: click.Parameter, typed: str) -> list[str]:
        return [word for word in words(ctx) if word.startswith(typed)]

    return complete


edition_names = completing(lambda _: resources.edition_names())


@completing
def operation_names(ctx: click.Context) -> Iterable[str]:
    """The operations of the edition given so far."""
    from mockserver.contract import edition

    name = ctx.params.get("edition") or resources.DEFAULT_EDITION
    return edition(name).operations if name in resources.edition_names() else ()


@completing
def timeline_names(ctx: click.Context) -> Iterable[str]:
    """The timelines that can be named: bundled ones, and those in the user's own folder."""
    try:
        own = resources.own_timeline_files(ctx.params.get("folder"))
    except MockServerError:  # said when the command runs
        own = {}
    return sorted({**resources.timeline_files(), **own})


@completing
def rule_names(ctx: click.Context) -> Iterable[str]:
    from mockserver.client_rules.rules import RULES

    return tuple(RULES)


def json_option() -> Any:
    return option("--json", "Print JSON for a script.")


def folder_option() -> Any:
    help_ = (
        f"Where your own timelines lie. Without it, ${resources.TIMELINES_VARIABLE}, or "
        f"./{resources.TIMELINES_FOLDER} when there is one."
    )
    return option("--folder DIR", help_, click.Path(file_okay=False), is_eager=True)


def edition_option(
    help_: str = f"The documented API to hold to: {EDITIONS}.",
    default: str | None = resources.DEFAULT_EDITION,
) -> Any:
    facts = {"default": default, "is_eager": True, "shell_complete": edition_names}
    return option("--edition EDITION", help_, **facts)


def edition_or_auto_option(help_: str) -> Any:
    return option(
        "--edition EDITION",
        f"{help_}, or one of {EDITIONS}.",
        edition_or_auto,
        default=AUTO,
        shell_complete=completing(lambda _: [AUTO, *resources.edition_names()]),
    )


def part_option(help_: str = "") -> Any:
    from mockserver.contract.edition import PARTS

    return option("--part", help_, click.Choice(PARTS), default="response")


def files_argument(metavar: str) -> Any:
    return argument(metavar, nargs=-1, required=True, shell_complete=file_names)


def timeline_argument() -> Any:
    return argument(shell_complete=timeline_names)


def timeline_source(name: str, folder: str | None) -> Source:
    """A timeline by its name, a file, or with `-` standard input."""
    if name == "-":
        return files.decode("<stdin>", files.read_standard_input("<stdin>"))
    return find(name, folder)
