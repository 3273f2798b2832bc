"""`mockserver lint`: pages against themselves and each other."""

import sys

import click

from mockserver import files
from mockserver.cli.options.common import files_argument, json_option
from mockserver.cli.options.groups import click_command
from mockserver.cli.views.output import members, print_error, print_json
from mockserver.contract.lint import LINT_RULES
from mockserver.contract.lint import lint as find
from mockserver.documents.source import Source
from mockserver.documents.text import counted
from mockserver.errors import MockServerError

_RULES = "\n".join(f"  {rule.id:<26}{rule.sentence}" for rule in LINT_RULES.values())


@click_command(
    "lint",
    epilog=f"""\b
What is looked for:
{_RULES}

\b
Examples:
  mockserver lint download-status.md
  mockserver lint docs/*.md --json""",
)
def command(
    pages: tuple[str, ...] = files_argument("PAGE..."), as_json: bool = json_option()
) -> None:
    """Check Markdown pages with lms_params tables against themselves and each other.

    Exit 0 when there is nothing to say, 1 with findings, 2 when a page cannot be read; the others
    are checked all the same.
    """
    sources, unread = _readable(pages)
    findings = find(sources)
    if as_json:
        names = ("page", "line", "message")
        print_json([{"rule": finding.rule.id, **members(finding, *names)} for finding in findings])
    else:
        for finding in findings:
            rule = click.style(finding.rule.id, fg="yellow")
            click.echo(f"{finding.page}:{finding.line}: {rule}: {finding.message}")
        sys.stdout.flush()
        summary = f"{counted(len(sources), 'page')}, {counted(len(findings), 'finding')}"
        click.secho(summary, fg="yellow" if findings else "green", err=True)
    for error in unread:
        print_error(str(error))
    sys.exit(2 if unread else 1 if findings else 0)


def _readable(pages: tuple[str, ...]) -> tuple[list[Source], list[MockServerError]]:
    """The pages that can be read, and why the others cannot: one bad page hides no other."""
    sources: list[Source] = []
    unread: list[MockServerError] = []
    for path in dict.fromkeys(pages):
        try:
            source = files.read_source(path)
            find([source])
        except MockServerError as error:
            unread.append(error)
        else:
            sources.append(source)
    return sources, unread
