"""`mockserver schemas`: what the pages demand, listed, shown, built and compared."""

from __future__ import annotations

import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import click
from click.core import ParameterSource

from mockserver import files, resources
from mockserver.cli.options.common import (
    EDITIONS,
    completing,
    edition_names,
    edition_option,
    json_option,
    operation_names,
)
from mockserver.cli.options.groups import file_names, option_decorator
from mockserver.cli.options.schema_sources import (
    SCHEMA_SUFFIX,
    folder_name,
    page_paths,
    schemas_of,
)
from mockserver.cli.views.output import print_json, write_files
from mockserver.contract.edition import PARTS, CompiledOperation
from mockserver.contract.edition import edition as load_edition
from mockserver.documents.text import counted
from mockserver.errors import UnreadableFile

if TYPE_CHECKING:
    pass


@click.group(
    name="schemas",
    epilog="""\b
Examples:
  mockserver schemas list
  mockserver schemas show job_status""",
)
def command() -> None:
    """List, show, build and compare the schemas that pages demand."""


@command.command(
    name="list",
    short_help="The editions and their operations.",
    epilog="\b\nExamples:\n  mockserver schemas list\n  mockserver schemas list --json",
)
@edition_option(default=None, help_="Only this edition.")
@json_option
def list_(edition: str | None, as_json: bool) -> None:
    """The editions, their operations and the parts documented of each."""
    names = [edition] if edition else resources.edition_names()
    editions = {name: load_edition(name) for name in names}
    if as_json:
        print_json(
            {
                name: [
                    {
                        "id": operation.id,
                        "method": operation.method,
                        "path": operation.path,
                        "parts": _parts(operation),
                    }
                    for operation in found.operations.values()
                ]
                for name, found in editions.items()
            }
        )
        return
    for name, found in editions.items():
        default = " (default)" if name == resources.DEFAULT_EDITION else ""
        click.secho(f"{name}{default}", bold=True)
        for operation in found.operations.values():
            request = f"{operation.id:<12} {operation.method:<4} {operation.path}"
            click.echo(f"  {request}  [{', '.join(_parts(operation))}]")


@command.command(
    short_help="Print one schema.",
    epilog="\b\nExamples:\n  mockserver schemas show job_status\n"
    "  mockserver schemas show download --edition 2026-01 --part request",
)
@click.argument("operation", shell_complete=completing(operation_names))
@edition_option()
@option_decorator("part", "--part", "", click.Choice(PARTS), default="response")
def show(operation: str, edition: str, part: str) -> None:
    """Print the JSON Schema (2020-12) of one part of OPERATION.

    Each node says where it comes from: "x-source" is the page and line of its row.
    """
    print_json(load_edition(edition).operation(operation).schema(part))


@command.command(
    short_help="Compile pages of yours into schemas.",
    epilog="\b\nExamples:\n  mockserver schemas build download-status.md -o out\n"
    "  mockserver schemas build schemas/2025-10\n"
    "  mockserver schemas build schemas/2025-10 --check",
)
@click.argument("pages", metavar="PAGE...", nargs=-1, required=True, shell_complete=file_names)
@option_decorator(
    "output",
    "-o --output",
    "The folder for the schemas. Without it, the folder of the pages.",
    click.Path(file_okay=False),
)
@option_decorator(
    "edition",
    "--edition NAME",
    "The name that the schemas' $id bears. Without it, the name of the output folder.",
)
@option_decorator("check", "--check", "Write nothing; exit 1 if a file would change.")
def build(pages: tuple[str, ...], output: str | None, edition: str | None, check: bool) -> None:
    """Compile Markdown pages with lms_params tables into *.schema.json files.

    PAGE is a page, or a folder whose pages all belong together. All files are written or none.
    """
    from mockserver.pages.edition import as_text, compile_pages

    paths = [found for page in pages for found in page_paths(page)]
    folder = Path(output) if output else paths[0].parent
    name = edition or folder_name(folder)
    schemas = compile_pages([files.read_source(path) for path in paths], name)
    texts = {folder / file: as_text(schema) for file, schema in schemas.items()}
    stale = set(folder.glob(f"*{SCHEMA_SUFFIX}")) - set(texts)
    changed = [path for path, text in texts.items() if _content(path) != text]
    if not check:
        files.write_all({path: texts[path] for path in changed})
    for path in texts:
        state = "unchanged" if path not in changed else "would change" if check else "written"
        click.echo(f"{state:<13}{path}")
    for path in sorted(stale):
        click.echo(f"{'left over':<13}{path} (no page describes it)")
    sys.exit(1 if check and (changed or stale) else 0)


@command.command(
    short_help="Write an edition, or pages of yours, as OpenAPI.",
    epilog="\b\nExamples:\n  mockserver schemas openapi\n"
    "  mockserver schemas openapi --edition 2026-01 -o lmstudio.openapi.json\n"
    "  mockserver schemas openapi download-status.md -o own.openapi.json",
)
@click.argument("pages", metavar="[PAGE...]", nargs=-1, shell_complete=file_names)
@edition_option(
    help_=f"Whose operations: {EDITIONS}. With PAGE, the version that "
    "the document bears; else that is the name of their folder."
)
@option_decorator("output", "-o --output FILE", "Write it to this file instead of standard output.")
@click.pass_context
def openapi(ctx: click.Context, pages: tuple[str, ...], edition: str, output: str | None) -> None:
    """Describe the documented operations by OpenAPI 3.1, as JSON.

    Those of an edition, or of PAGE: a page of yours, or a folder of them. The schemas are those of
    `schemas build`, and each body has an example. Responses that no page documents say in
    "x-provenance" whether they were observed or are guessed.
    """
    from mockserver.contract.openapi import document
    from mockserver.pages.edition import as_text

    paths = [found for page in pages for found in page_paths(page)]
    if not paths:
        paths = list(resources.edition_pages(edition))
    elif ctx.get_parameter_source("edition") is not ParameterSource.COMMANDLINE:
        edition = folder_name(paths[0].parent)
    text = as_text(document(map(files.read_source, paths), edition))
    if output is None:
        click.echo(text, nl=False)
        return
    write_files({output: text})


@command.command(
    short_help="Compare what two editions, pages or schemas demand.",
    epilog="\b\nExamples:\n  mockserver schemas diff 2025-10 2026-01\n"
    "  mockserver schemas diff new/download-status.md 2025-10",
)
@click.argument("before", shell_complete=completing(edition_names))
@click.argument("after", shell_complete=completing(edition_names))
@json_option
def diff(before: str, after: str, as_json: bool) -> None:
    """What AFTER demands that BEFORE does not, and the reverse; wording aside.

    Each is an edition, a page, a *.schema.json file, or a folder of pages or of schemas. Exit 0
    when they demand the same, 1 when they differ.
    """
    from mockserver.pages.diff import differences

    found = differences(schemas_of(before), schemas_of(after))
    if as_json:
        keys = ("name", "pointer", "before", "after")
        print_json([{key: getattr(difference, key) for key in keys} for difference in found])
    else:
        colours = {"+": "green", "-": "red", "~": "yellow"}
        for difference in found:
            line = str(difference)
            click.secho(line, fg=colours[line[0]])
        click.echo(counted(len(found), "difference"), err=True)
    sys.exit(1 if found else 0)


def _parts(operation: CompiledOperation) -> list[str]:
    return [part for part in PARTS if part in operation.schemas]


def _content(path: Path) -> str | None:
    with suppress(UnreadableFile):
        return files.read_source(path).text
    return None
