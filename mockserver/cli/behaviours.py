"""`mockserver behaviours`: what the mock does, and how it is known."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import click

from mockserver import resources
from mockserver.cli.options import completing, counted, echo_json, json_option
from mockserver.errors import UnknownName

if TYPE_CHECKING:
    from mockserver.api.behaviours import Behaviour

_COLOURS = {"D": "green", "O": "cyan", "G": "yellow"}


@click.command(
    name="behaviours",
    epilog="""\b
Examples:
  mockserver behaviours
  mockserver behaviours --edition 2026-01 --known G
  mockserver behaviours --json""",
)
@click.option(
    "--edition",
    metavar="EDITION",
    help="Only what holds in this edition by itself: "
    f"{', '.join(resources.edition_names())}. Without it, everything.",
    shell_complete=completing(lambda _: resources.edition_names()),
)
@click.option(
    "--known",
    type=click.Choice(["D", "O", "G"], case_sensitive=False),
    help="Only what is known so: documented, observed, or guessed.",
)
@json_option
@click.option("--markdown", is_flag=True, help="Print the table of the README.")
def command(edition: str | None, known: str | None, as_json: bool, markdown: bool) -> None:
    """What the mock does as LM Studio's server, and how each of it is known.

    D is documented, with the page and its line; O was observed on a real server; G is our guess,
    with the reason for it. Some of it takes an edition, an option of MockServer, or a timeline.
    """
    from mockserver.api.behaviours import BEHAVIOURS

    if as_json and markdown:
        raise click.UsageError("--json and --markdown are two forms of the same; take one")
    if edition is not None and edition not in resources.edition_names():
        raise UnknownName("edition", edition, resources.edition_names())
    found = [one for one in BEHAVIOURS if edition is None or one.holds_in(edition)]
    if known is not None:
        found = [one for one in found if known in {how.provenance for how in one.known}]
    if as_json:
        echo_json([_facts(one) for one in found])
    elif markdown:
        click.echo("\n".join(_table(found)))
    else:
        _echo(found)


def _facts(one: Behaviour) -> dict[str, object]:
    return {
        "id": one.id,
        "sentence": one.sentence,
        "known": [{"provenance": how.provenance, "source": how.source} for how in one.known],
        "editions": list(one.editions or resources.edition_names()),
        "option": one.option,
        "timeline": one.timeline,
    }


def _table(found: Sequence[Behaviour]) -> Iterator[str]:
    yield "| what it does | known | from where | takes | id |"
    yield "|---|---|---|---|---|"
    for one in found:
        known = ", ".join(one.provenance)
        yield f"| {one.sentence} | {known} | {one.source} | {one.where} | `{one.id}` |"


def _echo(found: Sequence[Behaviour]) -> None:
    """Each with its id, how it is known and what it takes on one line, the rest below."""
    width = max(len(one.id) for one in found)
    for one in found:
        letters = ", ".join(click.style(how, fg=_COLOURS[how]) for how in one.provenance)
        where = f"  {one.where.replace('`', '')}" if one.where else ""
        click.echo(f"{click.style(one.id, bold=True)}{' ' * (width - len(one.id))}  ", nl=False)
        click.echo(letters + where)
        click.echo(f"  {one.sentence.replace('`', '')}")
        click.secho(f"  {one.source.replace('`', '')}", dim=True)
    click.echo(f"{counted(len(found), 'behaviour')}: D documented, O observed, G guessed")
