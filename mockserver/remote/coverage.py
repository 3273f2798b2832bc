"""Whether a run of the check has seen anything that it can judge."""

from __future__ import annotations

from collections.abc import Iterator

from mockserver import contract
from mockserver.documents import json_text
from mockserver.documents.text import clipped, plain
from mockserver.errors import JsonTextError
from mockserver.findings.finding import Finding, Occurrence
from mockserver.remote.reading import job_shown, jobs_listed
from mockserver.server_rules.baseline import UNACCEPTABLE
from mockserver.server_rules.observation import Observation
from mockserver.server_rules.run_rules import NOTHING_JUDGED

__all__ = ["Coverage"]

_SHOWN_ID = 60


class Coverage:
    """What the replies of one run were good for; what is kept grows with the named jobs alone."""

    def __init__(self, jobs: tuple[str, ...] = ()) -> None:
        self._known = dict.fromkeys(jobs, False)
        self._unknown: dict[str, Observation] = {}
        self._first: Observation | None = None
        self._is_judged = self._has_job = False

    def see(self, seen: Observation, edition: str) -> None:
        """Take in one reply, held to this edition."""
        self._first = self._first or seen
        if seen.operation is None or seen.operation not in contract.edition(edition).operations:
            return
        self._is_judged = self._is_judged or _is_judgeable(seen)
        has_job = job_shown(seen) is not None or (
            seen.operation == "list_status" and bool(jobs_listed(seen))
        )
        self._has_job = self._has_job or (has_job and self._is_about_real_job(seen))
        if seen.operation == "job_status" and seen.job_id in self._known:
            self._known[seen.job_id] |= seen.status == 200
            if seen.status == 404 and seen.failure is None:
                self._unknown.setdefault(seen.job_id, seen)

    def findings(self, others: tuple[Finding, ...], began_ms: int) -> Iterator[Finding]:
        """What a whole run has missed, unless one of the `others` explains why already."""
        if any(one.rule.id in UNACCEPTABLE for one in others):
            return
        if not self._is_judged:
            found = "nothing was asked" if self._first is None else "no reply that can be judged"
            yield _finding("a documented reply", found, self._first, began_ms)
            return
        missing = [seen for id_, seen in self._unknown.items() if not self._known[id_]]
        if missing:
            ids = ", ".join(clipped(plain(one.job_id or ""), _SHOWN_ID) for one in missing[:3])
            more = f" and {len(missing) - 3:,} more" if len(missing) > 3 else ""
            found = f"404: the server does not know {ids}{more}"
            yield _finding("the jobs that were named", found, missing[0], began_ms, len(missing))

    @property
    def notes(self) -> tuple[str, ...]:
        """That no job was seen, where replies were judged and none was named."""
        if self._is_judged and not self._has_job and not self._known:
            return ("no job was seen; name one with --job",)
        return ()

    def _is_about_real_job(self, seen: Observation) -> bool:
        """Not of a job that was asked for because there is none: a mock may have one for any id."""
        return seen.operation != "job_status" or bool(self._known)


def _is_judgeable(seen: Observation) -> bool:
    """Whether it is JSON that a page speaks of: a 200, or an error with its envelope."""
    if seen.failure is not None or seen.status is None or 300 <= seen.status < 400:
        return False
    try:
        payload = json_text.loads(seen.body)
    except JsonTextError:
        return False
    if seen.status == 200:
        return True
    return isinstance(payload, dict) and "error" in payload and seen.status < 500


def _finding(
    expected: str, found: str, seen: Observation | None, began_ms: int, count: int = 1
) -> Finding:
    sighting = Occurrence(0, began_ms) if seen is None else Occurrence(seen.number, seen.at_ms)
    return Finding(
        NOTHING_JUDGED,
        expected=expected,
        found=found,
        operation=None if seen is None else seen.operation,
        job_id=None if seen is None else seen.job_id,
        count=count,
        first=sighting,
        last=sighting,
        curl="" if seen is None else seen.curl,
    )
