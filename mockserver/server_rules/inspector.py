"""Holds a server to its pages, exchange by exchange."""

from __future__ import annotations

from dataclasses import replace

from mockserver.contract import edition as load_edition
from mockserver.contract import validator
from mockserver.findings.finding import Finding
from mockserver.findings.report import JobSeries
from mockserver.resources import DEFAULT_EDITION
from mockserver.server_rules.history import MAX_JOBS, History
from mockserver.server_rules.ledger import MAX_FINDINGS, Ledger
from mockserver.server_rules.observation import Observation
from mockserver.server_rules.remark import Remark, source_of
from mockserver.server_rules.reply import read
from mockserver.server_rules.tracks import Tracks

__all__ = ["Inspector"]


class Inspector:
    """Reads the exchanges of one run, in the order in which the replies came.

    Whatever a server sends is read without an error. What is kept is bounded: 500 distinct
    findings, 20,000 jobs, and some thousand points for each of 50 jobs. UnknownName when there is
    no such edition.
    """

    def __init__(self, edition: str = DEFAULT_EDITION) -> None:
        self.edition = load_edition(edition).name
        self._ledger = Ledger()
        self._history = History()
        self._tracks = Tracks()
        self._is_elsewhere = False

    def see(self, seen: Observation) -> tuple[Finding, ...]:
        """Take in one exchange: what is to be said of it, as findings of this exchange alone."""
        reading = read(seen, self.edition)
        of_history = (self._sourced(seen, one) for one in self._history.see(seen, reading))
        self._is_elsewhere |= reading.is_elsewhere
        remarks = [one for one in (*reading.remarks, *of_history) if not self._is_explained(one)]
        self._tracks.add(seen, (job for _, job in reading.jobs))
        return self._ledger.add(seen, remarks)

    def _is_explained(self, remark: Remark) -> bool:
        """Whether a situation at the API says already why unknown paths are answered otherwise."""
        return self._is_elsewhere and remark.rule == "unknown-path-status"

    def _sourced(self, seen: Observation, remark: Remark) -> Remark:
        """The remark with the row of the page that its place comes from."""
        if not remark.place:
            return remark
        page, line = source_of(validator(seen.operation or "", self.edition).schema, remark.place)
        return replace(remark, page=page, line=line)

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Every finding so far, each rule and place of an operation once; the gravest first."""
        return self._ledger.findings

    @property
    def notes(self) -> tuple[str, ...]:
        """What was left out because there was too much of it, in sentences."""
        notes = []
        if self._ledger.left_out:
            notes.append(
                f"Of {MAX_FINDINGS} distinct findings on, others are only counted: "
                f"{self._ledger.left_out:,} sightings are not shown."
            )
        if self._history.left_out:
            notes.append(f"Only the first {MAX_JOBS:,} jobs were followed from poll to poll.")
        return tuple(notes)

    def tracks(self) -> tuple[JobSeries, ...]:
        """The jobs over time, for a chart."""
        return self._tracks.as_tracks()
