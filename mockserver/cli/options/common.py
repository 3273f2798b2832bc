"""Options and arguments that many commands take, and the words that a shell completes them with."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, TypeVar

import click

from mockserver import resources
from mockserver.cli.options.groups import option_decorator
from mockserver.cli.options.values import AUTO, edition_or_auto
from mockserver.errors import MockServerError

if TYPE_CHECKING:
    from mockserver.documents.source import Source

_Command = TypeVar("_Command", bound=Callable[..., Any])

Complete = Callable[[click.Context, click.Parameter, str], list[str]]


def completing(words: Callable[[click.Context], Iterable[str]]) -> Complete:
    """Shell completion with whichever of these words go on from what is typed."""

    def complete(ctx: click.Context, parameter: click.Parameter, typed: str) -> list[str]:
        return [word for word in words(ctx) if word.startswith(typed)]

    return complete


def edition_names(ctx: click.Context) -> Iterable[str]:
    return resources.edition_names()


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


def rule_names(ctx: click.Context) -> Iterable[str]:
    from mockserver.client_rules.rules import RULES

    return tuple(RULES)


EDITIONS = ", ".join(resources.edition_names())

# Options of several commands and groups, as `option` takes them.
JSON = ("--json", "Print JSON for a script.")
FOLDER = (
    "--folder DIR",
    f"Where your own timelines lie. Without it, ${resources.TIMELINES_VARIABLE}, or "
    f"./{resources.TIMELINES_FOLDER} when there is one.",
    click.Path(file_okay=False),
)
EDITION: dict[str, Any] = {"is_eager": True, "shell_complete": completing(edition_names)}
EDITION_OR_AUTO: dict[str, Any] = {
    "type_": edition_or_auto,
    "default": AUTO,
    "shell_complete": completing(lambda _: [AUTO, *resources.edition_names()]),
}

json_option = option_decorator("as_json", *JSON)
folder_option = option_decorator("folder", *FOLDER, is_eager=True)


def edition_option(
    default: str | None = resources.DEFAULT_EDITION, help_: str = ""
) -> Callable[[_Command], _Command]:
    """`--edition`, whose words are the bundled editions."""
    help_ = help_ or f"The documented API to hold to: {EDITIONS}."
    return option_decorator("edition", "--edition EDITION", help_, default=default, **EDITION)


def timeline_argument(function: _Command) -> _Command:
    """`NAME`: a timeline, as `timeline_source` finds it."""
    return click.argument("name", shell_complete=completing(timeline_names))(function)


def timeline_source(name: str, folder: str | None) -> Source:
    """A timeline by its name, a file, or with `-` standard input."""
    from mockserver import files
    from mockserver.timeline.find import find

    if name == "-":
        return files.decode("<stdin>", files.read_standard_input("<stdin>"))
    return find(name, folder)
