"""A server held to its pages: which requests are made of it, and the report on the replies."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from mockserver import contract
from mockserver.api.operations import DOWNLOAD, LIST_STATUS, PREFIX
from mockserver.documents import rfc3339
from mockserver.findings.report import CheckReport
from mockserver.http.message import Request
from mockserver.remote import fetch
from mockserver.remote.edition import AUTO, EditionChoice, chosen
from mockserver.remote.follow import Follow
from mockserver.server_rules.inspector import Inspector
from mockserver.server_rules.observation import ENDED, Observation, ShownJob, job_shown, jobs_listed
from mockserver.server_rules.run_rules import Coverage

_UNKNOWN = (
    fetch.for_job("job_0000000000"),
    fetch.ApiRequest(Request("GET", f"{PREFIX}/mockserver-check")),
)
"""A job and a path that do not exist, to see how the server says so."""

_MAX_FAILURES = 3


@dataclass(frozen=True, slots=True)
class CheckPlan:
    """What is asked of a server. Nothing in it changes the server, but for `downloads`.

    `jobs` are ids to ask for; without one, those that the list shows, of which `most_jobs` are
    asked for and followed. Each model of `downloads` is asked for by POST, which downloads it. With
    `follows`, jobs are polled every `interval_s` until they end, or `deadline_s` have passed. With
    `asks_for_unknown`, a job and a path that do not exist are asked for, too.
    """

    edition: str = AUTO
    jobs: tuple[str, ...] = ()
    downloads: tuple[str, ...] = ()
    follows: bool = False
    interval_s: float = 1.0
    deadline_s: float = 3600.0
    most_jobs: int = 20
    asks_for_unknown: bool = True


class ServerCheck:
    """One run over a server. `watch` is told of each request when its reply is there."""

    def __init__(
        self,
        fetcher: fetch.Fetcher,
        plan: CheckPlan = CheckPlan(),
        *,
        watch: Callable[[Observation], None] = lambda observation: None,
    ) -> None:
        self._fetcher, self._plan = fetcher, plan
        self._watch, self._clock = watch, fetcher.clock
        self._choice: EditionChoice | None = None
        if self._plan.edition != AUTO:
            self._choice = EditionChoice(contract.edition(plan.edition).name, "as asked for")
        self._inspector = Inspector()
        self._asked: Counter[str] = Counter()
        self._notes: list[str] = []
        self._jobs: dict[str, ShownJob | None] = dict.fromkeys(self._plan.jobs)
        self._named = dict.fromkeys(self._plan.jobs)
        self._is_following = False
        self._began_ms, self._began_s = self._clock.now_ms(), self._clock.monotonic_s()
        self._coverage = Coverage(self._began_ms, self._plan.jobs)

    def run(self) -> None:
        """Ask everything; UnreachableServer when there is no reply at all."""
        if self._probe() and self._plan.follows:
            self._follow()

    def report(self, *, is_whole: bool = True) -> CheckReport:
        """What was found so far; `is_whole` when `run` came to its end."""
        inspector, choice = self._inspector, self._choice
        findings, notes = inspector.findings, (*self._notes, *inspector.notes)
        if is_whole:
            findings = (*self._coverage.findings(findings), *findings)
            notes = (*notes, *self._coverage.notes)
        return CheckReport(
            subject=str(self._fetcher.address),
            edition=self._plan.edition if choice is None else choice.edition,
            edition_because="" if choice is None else choice.because,
            findings=findings,
            asked=dict(self._asked),
            tracks=inspector.tracks(),
            notes=notes,
            seconds=self._clock.monotonic_s() - self._began_s,
            began_at=rfc3339.from_milliseconds(self._began_ms),
            is_whole=is_whole,
        )

    def _probe(self) -> bool:
        """What is asked once; False when to ask more would lead nowhere."""
        failures = 0
        for asked in self._first_requests():
            is_probe = self._plan.asks_for_unknown and asked in _UNKNOWN
            observation = replace(self._fetcher.fetch(asked), is_probe=is_probe)
            self._see(observation)
            failures = failures + 1 if observation.status is None else 0
            if observation.status == 401 or failures == _MAX_FAILURES:
                why = "401" if observation.status else f"{_MAX_FAILURES} requests without a reply"
                self._notes.append(f"nothing more was asked after {why}")
                return False
        return True

    def _first_requests(self) -> Iterator[fetch.ApiRequest]:
        """What is asked once; what is asked for depends on the replies so far."""
        if self._choice is None or self._has_list():
            yield fetch.FOR_LIST
        for model in self._plan.downloads:
            yield fetch.for_download(model)
        yield from map(fetch.for_job, self._known_jobs())
        if self._plan.asks_for_unknown:
            yield from _UNKNOWN

    def _known_jobs(self) -> list[str]:
        """Those that were named; else as many of those listed as are asked for, and what began."""
        if self._plan.jobs:
            return list(self._named)
        listed = [job_id for job_id in self._jobs if job_id not in self._named]
        left_out = len(listed) - self._plan.most_jobs
        if left_out > 0:
            self._notes.append(f"{left_out:,} of {len(listed):,} listed jobs were not asked for")
        return [*self._named, *listed[: self._plan.most_jobs]]

    def _follow(self) -> None:
        plan = self._plan
        asked = [*(self._named or list(self._jobs)[: plan.most_jobs])]
        shown = [(job_id, self._jobs[job_id]) for job_id in asked]
        jobs = [job_id for job_id, job in shown if job is None or job.status not in ENDED]
        if not jobs:
            has_list = self._has_list()
            where = "the server lists none" if has_list else "this server has no list of them"
            why = "all have ended already" if self._jobs else f"none was named, and {where}"
            self._notes.append(f"no job was followed: {why}")
            return
        follow = Follow(
            self._fetcher,
            jobs,
            with_list=self._has_list(),
            interval_s=plan.interval_s,
            deadline_s=plan.deadline_s,
        )
        self._is_following = True
        for observation in follow.polls():
            self._see(observation)
        self._notes += follow.notes

    def _has_list(self) -> bool:
        return self._choice is not None and self._choice.has(LIST_STATUS.id)

    def _see(self, observation: Observation) -> None:
        """Into the books, and before the inspector.

        The first reply tells whether there is a server, and which edition to hold it to.
        """
        if self._coverage.first is None:
            fetch.require_response(observation, self._fetcher.address)
            if self._choice is None:
                self._choice = chosen(observation)
                if not self._choice.has(LIST_STATUS.id):
                    observation = replace(observation, operation=None)
            self._inspector = Inspector(self._choice.edition)
        self._coverage.see(observation, self._inspector.edition)
        self._asked[observation.operation or "unknown path"] += 1
        self._inspector.see(observation)
        self._remember(observation)
        self._watch(observation)

    def _remember(self, observation: Observation) -> None:
        """The jobs that a reply shows, if they are what was asked for.

        Those that later lists show first are not followed, nor kept.
        """
        if observation.operation == LIST_STATUS.id:
            listed = jobs_listed(observation)
            if self._is_following:
                listed = {id_: job for id_, job in listed.items() if id_ in self._jobs}
            self._jobs |= listed
        job = job_shown(observation)
        if job is None:
            return
        if observation.operation == DOWNLOAD.id:
            self._named[job.job_id] = None
        if observation.operation == DOWNLOAD.id or observation.job_id == job.job_id:
            self._jobs[job.job_id] = job
