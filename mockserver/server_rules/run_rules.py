"""The rules for a whole run of the check, which no single response can break."""

from collections.abc import Iterator

from mockserver import contract
from mockserver.api.operations import about
from mockserver.documents import json_text
from mockserver.documents.text import clipped, plain
from mockserver.errors import JsonTextError
from mockserver.findings.finding import Finding, Occurrence, Rule
from mockserver.server_rules.baseline import UNACCEPTABLE
from mockserver.server_rules.observation import Observation, job_shown, jobs_listed
from mockserver.server_rules.rule_group import RuleGroup

RUN = RuleGroup("The whole run")

_MAX_ID = 60


class Coverage:
    """What the responses of one run were good for; what is kept grows with the named jobs alone."""

    def __init__(self, began_ms: int, jobs: tuple[str, ...] = ()) -> None:
        self.began_ms = began_ms
        self.known = dict.fromkeys(jobs, False)
        self.unknown: dict[str, Observation] = {}
        self.first: Observation | None = None
        self.is_judged = self._has_job = False

    def see(self, observation: Observation, edition: str) -> None:
        """Take in one response, held to this edition."""
        self.first = self.first or observation
        if observation.operation not in contract.edition(edition).operations:
            return
        self.is_judged |= _can_be_judged(observation)
        kind, job_id = about(observation.operation), observation.job_id
        if kind == "jobs":
            self._has_job |= bool(jobs_listed(observation))
        # Not one that was asked for because there is none: a mock may have one for any id.
        if kind != "job" or self.known:
            self._has_job |= job_shown(observation) is not None
        if kind == "job" and job_id in self.known:
            self.known[job_id] |= observation.status == 200
            if observation.status == 404 and observation.failure is None:
                self.unknown.setdefault(job_id, observation)

    def findings(self, others: tuple[Finding, ...]) -> Iterator[Finding]:
        """What the run has missed, unless one of the `others` explains why already."""
        if not any(finding.rule.id in UNACCEPTABLE for finding in others):
            for rule in RUN.rules:
                yield from rule.broken_by(self)

    @property
    def notes(self) -> tuple[str, ...]:
        """That no job was seen, where responses were judged and none was named."""
        is_told = self.is_judged and not self._has_job and not self.known
        return ("no job was seen; name one with --job",) if is_told else ()


def _can_be_judged(observation: Observation) -> bool:
    """Whether it is JSON that a page speaks of: a 200, or an error with its envelope."""
    status = observation.status
    if observation.failure is not None or status is None or 300 <= status < 400:
        return False
    try:
        payload = json_text.loads(observation.body)
    except JsonTextError:
        return False
    return status == 200 or (isinstance(payload, dict) and "error" in payload and status < 500)


@RUN.rule("nothing-judged")
def _nothing_judged(rule: Rule, run: Coverage) -> Iterator[Finding]:
    """No documented operation, or no job that was named, got a response that can be judged."""
    if not run.is_judged:
        expected = "a documented reply"
        if run.first is None:
            began = Occurrence(0, run.began_ms)
            found = "nothing was asked"
            yield Finding(rule, expected=expected, found=found, first=began, last=began)
        else:
            yield run.first.finding(rule, expected, "no reply that can be judged")
        return
    missing = [seen for job_id, seen in run.unknown.items() if not run.known[job_id]]
    if missing:
        ids = ", ".join(clipped(plain(seen.job_id or ""), _MAX_ID) for seen in missing[:3])
        more = f" and {len(missing) - 3:,} more" if len(missing) > 3 else ""
        found = f"404: the server does not know {ids}{more}"
        yield missing[0].finding(rule, "the jobs that were named", found, count=len(missing))
