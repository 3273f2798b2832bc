"""What `mockserver exercise` shows besides its report: its progress, and the incidents."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from mockserver.cli.views.output import Progress, print_json
from mockserver.documents.text import cells, counted, plain
from mockserver.errors import visible
from mockserver.findings.report import Case

if TYPE_CHECKING:
    from mockserver.exercise.incident import Incident

_NAME_WIDTH = 36


class CasesView:
    """A bar with the incidents that run, or a line for each that has run."""

    def __init__(self, progress: Progress, total: int) -> None:
        self._progress, self._total = progress, total
        self._running: list[str] = []
        self._ended = self._failed = 0

    def began(self, name: str) -> None:
        self._running.append(name)
        self._show()

    def ended(self, case: Case) -> None:
        self._ended += 1
        self._running.remove(case.name)
        self._failed += any(finding.severity == "error" for finding in case.findings)
        self._show()
        ids = [*dict.fromkeys(finding.rule.id for finding in case.findings)]
        kind, by = case.outcome, case.ending.partition(" (")[2].removesuffix(")")
        took = f"{case.seconds:.1f} s, {counted(case.requests, 'request')}"
        facts = [*([] if kind in ids else [kind]), *([by] if by else []), took]
        place = f"{self._ended:>{len(str(self._total))}}/{self._total}"
        result = f"{', '.join(ids) or 'ok'} ({', '.join(facts)})"
        self._progress.say(f"{place}  {visible(case.name)}: {result}")

    def _show(self) -> None:
        failed = f"{self._failed} failed; " if self._failed else ""
        text = failed + visible(", ".join(self._running))
        self._progress.show("runs", text, done=self._ended, total=self._total)


def print_list(incidents: Sequence[Incident], *, as_json: bool) -> None:
    if as_json:
        facts = [
            {
                "incident": incident.name,
                "description": incident.timeline.description,
                "ends": incident.ends,
                "good_client": incident.does,
                "edition": incident.timeline.edition,
            }
            for incident in incidents
        ]
        print_json(facts)
        return
    width = min(_NAME_WIDTH, max(cells(visible(incident.name)) for incident in incidents))
    for incident in incidents:
        name = visible(incident.name)
        space = " " * (width - cells(name))
        click.echo(f"{click.style(name + space, bold=True)}  {incident.ends}")
        if incident.timeline.description:
            click.echo(f"  {plain(incident.timeline.description)}")
        if incident.does:
            click.secho(f"  A good client {plain(incident.does)}", dim=True)
