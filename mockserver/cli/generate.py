"""`mockserver generate`: payloads by the line, valid or broken in one place."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from mockserver import files
from mockserver.cli.options.common import (
    completing,
    edition_option,
    operation_names,
)
from mockserver.cli.options.groups import option_decorator
from mockserver.cli.signals import interruption
from mockserver.contract.edition import PARTS, CompiledOperation, Edition
from mockserver.contract.edition import edition as load_edition
from mockserver.errors import UnwritableFile

if TYPE_CHECKING:
    from mockserver.contract import Mutant


@click.command(
    name="generate",
    epilog="""\b
Examples:
  mockserver generate job_status
  mockserver generate list_status --surprising --count 1000 --seed 7
  mockserver generate job_status --invalid | head -1
  mockserver generate job_status --page download-status.md""",
)
@click.argument("operation", shell_complete=completing(operation_names))
@option_decorator("count", "-n --count", "How many lines.", click.IntRange(min=0), default=10)
@option_decorator(
    "surprising",
    "--surprising",
    "Valid, but not as expected: unknown fields, odd numbers, times, texts and spelling.",
)
@option_decorator("invalid", "--invalid", "Each breaks one rule, and says which and where.")
@option_decorator(
    "seed",
    "--seed",
    "Where to begin: the same seed gives the same lines.",
    click.IntRange(min=0),
    default=0,
)
@edition_option()
@option_decorator(
    "part",
    "--part",
    "Which documented part of the operation.",
    click.Choice(PARTS),
    default="response",
)
@option_decorator(
    "page", "--page FILE", "Hold to this Markdown page of yours instead of a bundled edition."
)
@click.pass_context
def command(
    ctx: click.Context,
    operation: str,
    count: int,
    surprising: bool,
    invalid: bool,
    seed: int,
    edition: str,
    part: str,
    page: str | None,
) -> None:
    """Print payloads of OPERATION, such as job_status, as JSON lines.

    They are valid unless --invalid asks otherwise. Then a line has the payload; the rule that it
    breaks and a sentence about it; the JSON pointer of the place; and what was there and what it
    became, where there was something. Lines come as fast as they are read, in constant memory,
    however many.
    """
    if surprising and invalid:
        raise click.UsageError("--surprising payloads are valid; leave out one of the two", ctx)
    if page and ctx.get_parameter_source("edition") is ParameterSource.COMMANDLINE:
        raise click.UsageError("--page says it all; leave out --edition", ctx)
    documented: Edition = _edition_of(page) if page else load_edition(edition)
    found = documented.operation(operation)
    found.schema(part)
    if sys.stdout is None:
        raise UnwritableFile("standard output", "it is closed")
    out = sys.stdout.buffer
    # Hypothesis keeps notes in a folder, by default in the user's own.
    with interruption() as stop, TemporaryDirectory(prefix="mockserver-") as folder:
        os.environ["HYPOTHESIS_STORAGE_DIRECTORY"] = folder
        batches, write = _drawn(found, part, surprising, invalid, seed)
        for lines in stop.between(_lines(batches, write, count)):
            out.write("".join(f"{line}\n" for line in lines).encode())
            out.flush()


def _edition_of(page: str) -> Edition:
    """A page of the user's, read as an edition of its own."""
    from mockserver.pages.edition import compile_pages

    schemas = compile_pages([files.read_source(page)], page).values()
    return Edition(page, CompiledOperation.from_schemas(schemas))


def _drawn(
    operation: CompiledOperation, part: str, surprising: bool, invalid: bool, seed: int
) -> tuple[Iterator[list[Any]], Callable[[Any], str]]:
    """What is drawn, in batches, and how to write one of it as a line."""
    from mockserver import strategies
    from mockserver.strategies.search import samples

    if invalid:
        return samples(strategies.invalid(operation, part=part), seed), _mutant_line
    if surprising:
        drawn = strategies.surprising(operation, part=part)
        return samples(strategies.spelled(drawn, one_line=True), seed), str
    return samples(strategies.valid(operation, part=part), seed), json.dumps


def _lines(
    batches: Iterator[list[Any]], write: Callable[[Any], str], count: int
) -> Iterator[list[str]]:
    while count > 0:
        batch = next(batches)[:count]
        count -= len(batch)
        yield [write(payload) for payload in batch]


def _mutant_line(mutant: Mutant) -> str:
    from mockserver.contract import MISSING, RULES

    facts = {
        "payload": mutant.payload,
        "rule": mutant.rule,
        "pointer": mutant.pointer,
        "was": mutant.was,
        "became": mutant.became,
        "reason": RULES[mutant.rule],
    }
    return json.dumps({name: fact for name, fact in facts.items() if fact is not MISSING})
