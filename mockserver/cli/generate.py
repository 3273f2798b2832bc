"""`mockserver generate`: payloads by the line, valid or broken in one place."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import click

from mockserver import files
from mockserver.cli.options.common import edition_option, operation_names, part_option
from mockserver.cli.options.groups import argument, click_command, is_given, option
from mockserver.cli.signals import interruption
from mockserver.cli.views.output import members
from mockserver.contract.edition import CompiledOperation, Edition
from mockserver.contract.edition import edition as load_edition
from mockserver.errors import UnwritableFile

if TYPE_CHECKING:
    from mockserver.contract import Mutant


@dataclass(frozen=True, slots=True)
class _DrawingOptions:
    count: int = option("-n --count", "How many lines.", click.IntRange(min=0), default=10)
    surprising: bool = option(
        "--surprising",
        "Valid, but not as expected: unknown fields, odd numbers, times, texts and spelling.",
    )
    invalid: bool = option("--invalid", "Each breaks one rule, and says which and where.")
    seed: int = option(
        "--seed",
        "Where to begin: the same seed gives the same lines.",
        click.IntRange(min=0),
        default=0,
    )
    edition: str = edition_option()
    part: str = part_option("Which documented part of the operation.")
    page: str | None = option(
        "--page FILE", "Hold to this Markdown page of yours instead of a bundled edition."
    )

    def __post_init__(self) -> None:
        if self.surprising and self.invalid:
            raise click.UsageError("--surprising payloads are valid; leave out one of the two")
        if self.page and is_given("edition"):
            raise click.UsageError("--page says it all; leave out --edition")

    def documented(self) -> Edition:
        if not self.page:
            return load_edition(self.edition)
        from mockserver.pages.compiler import compile_pages

        schemas = compile_pages([files.read_source(self.page)], self.page).values()
        return Edition(self.page, CompiledOperation.from_schemas(schemas))

    def drawn(
        self, operation: CompiledOperation
    ) -> tuple[Iterator[list[Any]], Callable[[Any], str]]:
        """What is drawn, in batches, and how to write one of it as a line."""
        from mockserver import strategies
        from mockserver.strategies.search import samples

        if self.invalid:
            return samples(strategies.invalid(operation, part=self.part), self.seed), _mutant_line
        if self.surprising:
            surprising = strategies.surprising(operation, part=self.part)
            return samples(strategies.spelled(surprising, one_line=True), self.seed), str
        return samples(strategies.valid(operation, part=self.part), self.seed), json.dumps


@click_command("generate")
def command(
    options: _DrawingOptions, operation: str = argument(shell_complete=operation_names)
) -> None:
    """Print payloads of OPERATION, such as job_status, as JSON lines.

    They are valid unless --invalid asks otherwise. Then a line has the payload; the rule that it
    breaks and a sentence about it; the JSON pointer of the place; and what was there and what it
    became, where there was something. Lines come as fast as they are read, in constant memory,
    however many.

    Examples:
      mockserver generate job_status
      mockserver generate list_status --surprising --count 1000 --seed 7
      mockserver generate job_status --invalid | head -1
      mockserver generate job_status --page download-status.md
    """
    found = options.documented().operation(operation)
    found.schema(options.part)
    if sys.stdout is None:
        raise UnwritableFile("standard output", "it is closed")
    out = sys.stdout.buffer
    # Hypothesis keeps notes in a folder, by default in the user's own.
    with interruption() as stop, TemporaryDirectory(prefix="mockserver-") as folder:
        os.environ["HYPOTHESIS_STORAGE_DIRECTORY"] = folder
        batches, write = options.drawn(found)
        left, batches = options.count, stop.between(batches)
        while left:
            batch = next(batches)[:left]
            left -= len(batch)
            out.write("".join(f"{write(payload)}\n" for payload in batch).encode())
            out.flush()


def _mutant_line(mutant: Mutant) -> str:
    from mockserver.contract import MISSING, RULES

    names = ("payload", "rule", "pointer", "was", "became")
    facts = {**members(mutant, *names), "reason": RULES[mutant.rule]}
    return json.dumps({name: fact for name, fact in facts.items() if fact is not MISSING})
