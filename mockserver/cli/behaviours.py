"""`mockserver behaviours`: what the mock does, and how it is known."""

from collections.abc import Iterator, Sequence

import click

from mockserver import resources
from mockserver.api.behaviours import BEHAVIOURS, Behaviour
from mockserver.cli.options.common import EDITIONS, edition_names, json_option
from mockserver.cli.options.groups import click_command, option
from mockserver.cli.views.output import members, print_json
from mockserver.documents.text import counted

_COLOURS = {"D": "green", "O": "cyan", "G": "yellow"}


@click_command("behaviours")
def command(
    edition: str | None = option(
        "--edition EDITION",
        f"Only what holds in this edition by itself: {EDITIONS}. Without it, everything.",
        shell_complete=edition_names,
    ),
    known: str | None = option(
        "--known",
        "Only what is known so: documented, observed, or guessed.",
        click.Choice(["D", "O", "G"], case_sensitive=False),
    ),
    as_json: bool = json_option(),
    markdown: bool = option("--markdown", "Print the table of the README."),
) -> None:
    """What the mock does as LM Studio's server, and how each of it is known.

    D is documented, with the page and its line; O was observed on a real server; G is our guess,
    with the reason for it. Some of it takes an edition, an option of MockServer, or a timeline.

    Examples:
      mockserver behaviours
      mockserver behaviours --edition 2026-01 --known G
      mockserver behaviours --json
    """
    if as_json and markdown:
        raise click.UsageError("--json and --markdown are two forms of the same; take one")
    if edition is not None:
        resources.edition_folder(edition)  # refuses a stranger
    found = [
        behaviour
        for behaviour in BEHAVIOURS
        if (edition is None or behaviour.holds_in(edition))
        and (known is None or known in behaviour.known)
    ]
    if as_json:
        print_json([_facts(behaviour) for behaviour in found])
    elif markdown:
        click.echo("\n".join(_table(found)))
    else:
        _print(found)


def _facts(behaviour: Behaviour) -> dict[str, object]:
    return {
        **members(behaviour, "id", "sentence"),
        "known": [{"provenance": how, "source": text} for how, text in behaviour.known.items()],
        "editions": list(behaviour.editions or resources.edition_names()),
        **members(behaviour, "option", "timeline"),
    }


def _table(found: Sequence[Behaviour]) -> Iterator[str]:
    yield "| what it does | known | from where | takes | id |"
    yield "|---|---|---|---|---|"
    for behaviour in found:
        known = ", ".join(behaviour.known)
        cells = (behaviour.sentence, known, behaviour.source, behaviour.where, f"`{behaviour.id}`")
        yield f"| {' | '.join(cells)} |"


def _print(found: Sequence[Behaviour]) -> None:
    width = max(len(behaviour.id) for behaviour in found)
    for behaviour in found:
        letters = ", ".join(click.style(how, fg=_COLOURS[how]) for how in behaviour.known)
        where = f"  {behaviour.where.replace('`', '')}" if behaviour.where else ""
        space = " " * (width - len(behaviour.id))
        click.echo(f"{click.style(behaviour.id, bold=True)}{space}  {letters}{where}")
        click.echo(f"  {behaviour.sentence.replace('`', '')}")
        click.secho(f"  {behaviour.source.replace('`', '')}", dim=True)
    click.echo(f"{counted(len(found), 'behaviour')}: D documented, O observed, G guessed")
