"""`mockserver schemas`: what the pages demand, listed, shown, built and compared."""

import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

import click

from mockserver import files, resources
from mockserver.cli.options import common
from mockserver.cli.options.common import edition_names, edition_option, json_option
from mockserver.cli.options.groups import argument, click_command, file_names, is_given, option
from mockserver.cli.views.output import members, print_json, write_files
from mockserver.contract.edition import PARTS, CompiledOperation
from mockserver.contract.edition import edition as load_edition
from mockserver.documents.text import counted
from mockserver.errors import UnreadableFile


@click.group(
    name="schemas",
    epilog="""\b
Examples:
  mockserver schemas list
  mockserver schemas show job_status""",
)
def command() -> None:
    """List, show, build and compare the schemas that pages demand."""


@click_command("list", command, short_help="The editions and their operations.")
def list_(
    edition: str | None = edition_option("Only this edition.", None), as_json: bool = json_option()
) -> None:
    """The editions, their operations and the parts documented of each.

    Examples:
      mockserver schemas list
      mockserver schemas list --json
    """
    names = [edition] if edition else resources.edition_names()
    editions = {name: load_edition(name) for name in names}
    if as_json:
        facts = {
            name: list(map(_facts, found.operations.values())) for name, found in editions.items()
        }
        print_json(facts)
        return
    for name, found in editions.items():
        default = " (default)" if name == resources.DEFAULT_EDITION else ""
        click.secho(f"{name}{default}", bold=True)
        for operation in found.operations.values():
            parts = ", ".join(_facts(operation)["parts"])
            click.echo(f"  {operation.id:<12} {operation.method:<4} {operation.path}  [{parts}]")


@click_command("show", command, short_help="Print one schema.")
def show(
    operation: str = argument(shell_complete=common.operation_names),
    edition: str = edition_option(),
    part: str = common.part_option(),
) -> None:
    """Print the JSON Schema (2020-12) of one part of OPERATION.

    Each node says where it comes from: "x-source" is the page and line of its row.

    Examples:
      mockserver schemas show job_status
      mockserver schemas show download --edition 2026-01 --part request
    """
    print_json(load_edition(edition).operation(operation).schema(part))


@click_command("build", command, short_help="Compile pages of yours into schemas.")
def build(
    pages: tuple[str, ...] = common.files_argument("PAGE..."),
    output: str | None = option(
        "-o --output",
        "The folder for the schemas. Without it, the folder of the pages.",
        click.Path(file_okay=False),
    ),
    edition: str | None = option(
        "--edition NAME",
        "The name that the schemas' $id bears. Without it, the name of the output folder.",
    ),
    check: bool = option("--check", "Write nothing; exit 1 if a file would change."),
) -> None:
    """Compile Markdown pages with lms_params tables into *.schema.json files.

    PAGE is a page, or a folder whose pages all belong together. All files are written or none.

    Examples:
      mockserver schemas build download-status.md -o out
      mockserver schemas build schemas/2025-10
      mockserver schemas build schemas/2025-10 --check
    """
    from mockserver.pages.compiler import as_text, compile_pages

    paths = [found for page in pages for found in common.page_paths(page)]
    folder = Path(output) if output else paths[0].parent
    name = edition or common.folder_name(folder)
    schemas = compile_pages([files.read_source(path) for path in paths], name)
    texts = {folder / file: as_text(schema) for file, schema in schemas.items()}
    stale = set(folder.glob(f"*{common.SCHEMA_SUFFIX}")) - set(texts)
    changed = [path for path, text in texts.items() if _content(path) != text]
    if not check:
        files.write_all({path: texts[path] for path in changed})
    for path in texts:
        state = "unchanged" if path not in changed else "would change" if check else "written"
        click.echo(f"{state:<13}{path}")
    for path in sorted(stale):
        click.echo(f"{'left over':<13}{path} (no page describes it)")
    sys.exit(1 if check and (changed or stale) else 0)


@click_command("openapi", command, short_help="Write an edition, or pages of yours, as OpenAPI.")
def openapi(
    pages: tuple[str, ...] = argument("[PAGE...]", nargs=-1, shell_complete=file_names),
    edition: str = edition_option(
        f"Whose operations: {common.EDITIONS}. With PAGE, the version that "
        "the document bears; else that is the name of their folder."
    ),
    output: str | None = option(
        "-o --output FILE", "Write it to this file instead of standard output."
    ),
) -> None:
    """Describe the documented operations by OpenAPI 3.1, as JSON.

    Those of an edition, or of PAGE: a page of yours, or a folder of them. The schemas are those of
    `schemas build`, and each body has an example. Responses that no page documents say in
    "x-provenance" whether they were observed or are guessed.

    Examples:
      mockserver schemas openapi
      mockserver schemas openapi --edition 2026-01 -o lmstudio.openapi.json
      mockserver schemas openapi download-status.md -o own.openapi.json
    """
    from mockserver.contract.openapi import document
    from mockserver.pages.compiler import as_text

    paths = [found for page in pages for found in common.page_paths(page)]
    if not paths:
        paths = list(resources.edition_pages(edition))
    elif not is_given("edition"):
        edition = common.folder_name(paths[0].parent)
    text = as_text(document(map(files.read_source, paths), edition))
    if output is None:
        click.echo(text, nl=False)
    else:
        write_files({output: text})


@click_command("diff", command, short_help="Compare what two editions, pages or schemas demand.")
def diff(
    before: str = argument(shell_complete=edition_names),
    after: str = argument(shell_complete=edition_names),
    as_json: bool = json_option(),
) -> None:
    """What AFTER demands that BEFORE does not, and the reverse; wording aside.

    Each is an edition, a page, a *.schema.json file, or a folder of pages or of schemas. Exit 0
    when they demand the same, 1 when they differ.

    Examples:
      mockserver schemas diff 2025-10 2026-01
      mockserver schemas diff new/download-status.md 2025-10
    """
    from mockserver.pages.diff import differences

    found = differences(common.schemas_of(before), common.schemas_of(after))
    if as_json:
        names = ("name", "pointer", "before", "after")
        print_json([members(difference, *names) for difference in found])
    else:
        colours = {"+": "green", "-": "red", "~": "yellow"}
        for difference in found:
            line = str(difference)
            click.secho(line, fg=colours[line[0]])
        click.echo(counted(len(found), "difference"), err=True)
    sys.exit(1 if found else 0)


def _facts(operation: CompiledOperation) -> dict[str, Any]:
    parts = [part for part in PARTS if part in operation.schemas]
    return {**members(operation, "id", "method", "path"), "parts": parts}


def _content(path: Path) -> str | None:
    with suppress(UnreadableFile):
        return files.read_source(path).text
    return None
