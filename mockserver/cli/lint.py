"""`mockserver lint`: pages against themselves and each other."""

from __future__ import annotations

import sys

import click

from mockserver import files
from mockserver.cli.options import counted, echo_json, json_option
from mockserver.contract.lint import LINT_RULES
from mockserver.contract.lint import lint as find

_RULES = "\n".join(f"  {rule:<26}{sentence}" for rule, sentence in LINT_RULES.items())


@click.command(
    name="lint",
    epilog=f"""\b
What is looked for:
{_RULES}

\b
Examples:
  mockserver lint download-status.md
  mockserver lint docs/*.md --json""",
)
@click.argument("pages", metavar="PAGE…", nargs=-1, required=True, type=click.Path())
@json_option
def command(pages: tuple[str, ...], as_json: bool) -> None:
    """Check Markdown pages with lms_params tables against themselves and each other.

    Exit 0 when there is nothing to say, 1 with findings, 2 when a page cannot be read.
    """
    sources = [files.read_source(page) for page in pages]
    findings = find(sources)
    if as_json:
        echo_json([finding.as_dict() for finding in findings])
    else:
        for finding in findings:
            click.echo(f"{finding.page}:{finding.line}: ", nl=False)
            click.secho(finding.rule, fg="yellow", nl=False)
            click.echo(f": {finding.message}")
        summary = f"{counted(len(sources), 'page')}, {counted(len(findings), 'finding')}"
        click.secho(summary, fg="yellow" if findings else "green", err=True)
    sys.exit(1 if findings else 0)
