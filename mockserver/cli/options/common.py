"""Options and arguments that many commands take, what completes them, and what they name."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias, cast

import click

from mockserver import files, resources
from mockserver.cli.options.groups import argument, file_names, option
from mockserver.cli.options.values import AUTO, edition_or_auto, report_file
from mockserver.documents import json_text
from mockserver.documents.source import Source
from mockserver.errors import MockServerError, UnknownName, UnreadableFile
from mockserver.findings.finding import SEVERITIES, Severity
from mockserver.report.formats import FORMATS, inert
from mockserver.timeline.find import find

if TYPE_CHECKING:
    from mockserver.pages.schema_node import Schema

Complete: TypeAlias = Callable[[click.Context, click.Parameter, str], list[str]]

SCHEMA_SUFFIX = ".schema.json"
EDITIONS = ", ".join(resources.edition_names())
_PRINTED = [known for known in FORMATS.values() if known.suffix is None]
_WRITTEN = [known.help for known in FORMATS.values() if known.suffix is not None]


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


def report_option(what: str = "Write a report") -> Any:
    suffixes = f"{', '.join(_WRITTEN[:-1])} or {_WRITTEN[-1]}"
    return option(
        "--report FILE",
        f"{what}; {suffixes} says which. May be repeated.",
        report_file,
        multiple=True,
    )


@dataclass(frozen=True, slots=True)
class ReportOptions:
    fail_on: Severity = option(
        "--fail-on",
        "The least grave finding that makes the exit code 1.",
        click.Choice(SEVERITIES),
        default="error",
    )
    reports: tuple[str, ...] = report_option()


@dataclass(frozen=True, slots=True)
class PrintingOptions:
    format_: str = option(
        "--format",
        f"What to print: {', or '.join(known.help for known in _PRINTED)}.",
        click.Choice([known.name for known in _PRINTED]),
        default=_PRINTED[0].name,
    )
    as_json: bool = json_option()

    def __post_init__(self) -> None:
        if self.as_json and self.format_ != _PRINTED[0].name:
            raise click.UsageError(f"--json and --format {self.format_} cannot both be printed")

    def cleaned(self, line: str) -> str:
        """A line of progress or an error as it may be printed: GitHub obeys commands in any."""
        return inert(line) if self.format_ == "github" else line


def timeline_source(name: str, folder: str | None) -> Source:
    if name == "-":
        return files.decode("<stdin>", files.read_standard_input("<stdin>"))
    return find(name, folder)


def page_paths(path: str) -> list[Path]:
    folder = Path(path)
    if not folder.is_dir():
        return [folder]
    pages = sorted(folder.glob("*.md"))
    if not pages:
        raise UnreadableFile(path, "a folder without *.md pages")
    return pages


def folder_name(folder: Path) -> str:
    return Path(os.path.abspath(folder)).name  # noqa: PTH100  # no link is followed


def schema_file(path: Path | str) -> Schema:
    """A schema that `schemas build` made; UnreadableFile when it is none, JsonTextError when it is
    no JSON.
    """
    schema: Any = json_text.loads(files.read_bytes(path), path=str(path))
    facts = schema.get("x-operation") if isinstance(schema, dict) else None
    if not isinstance(facts, dict) or not {"id", "part"} <= facts.keys():
        raise UnreadableFile(str(path), 'not a schema of ours: it has no "x-operation"')
    return cast("Schema", schema)


def schemas_of(name: str) -> dict[str, Schema]:
    """The schemas that an argument of `diff` names, by operation and part."""
    path = Path(name)
    if name in resources.edition_names():
        found = list(resources.edition_schemas(name))
    elif path.is_dir() and list(path.glob(f"*{SCHEMA_SUFFIX}")):
        found = [schema_file(file) for file in sorted(path.glob(f"*{SCHEMA_SUFFIX}"))]
    elif path.is_dir() or path.suffix == ".md":
        from mockserver.pages.compiler import compile_pages

        sources = [files.read_source(page) for page in page_paths(name)]
        found = list(compile_pages(sources, "").values())
    elif path.suffix == ".json":
        found = [schema_file(path)]
    elif path.exists():
        raise UnreadableFile(name, "neither a page (.md) nor a schema (.json)")
    else:
        raise UnknownName("edition or file", name, resources.edition_names())
    return {
        f"{schema['x-operation']['id']}.{schema['x-operation']['part']}": schema for schema in found
    }
