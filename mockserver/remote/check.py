"""A server held to its pages: which requests are made of it, and the report on the replies."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from mockserver import __version__, contract
from mockserver.api.operations import LIST_STATUS, PREFIX, about
from mockserver.documents import rfc3339
from mockserver.errors import UnreachableServer
from mockserver.findings.report import CheckReport
from mockserver.remote.access import Access
from mockserver.remote.address import Address
from mockserver.remote.ask import Ask
from mockserver.remote.edition import Choice, chosen, given
from mockserver.remote.fetch import Fetcher, Limits
from mockserver.remote.follow import Follow
from mockserver.remote.time_source import SYSTEM_TIME, TimeSource
from mockserver.server_rules.inspector import Inspector
from mockserver.server_rules.observation import Observation
from mockserver.server_rules.run_rules import Coverage
from mockserver.server_rules.shown_jobs import ENDED, ShownJob, job_shown, jobs_listed

__all__ = [
    "AUTO",
    "UNKNOWN_JOB",
    "UNKNOWN_PATH",
    "UNREACHED",
    "Check",
    "Plan",
    "advice",
    "check_server",
]

AUTO = "auto"
"""In the place of an edition: whichever the server seems to follow."""

UNKNOWN_JOB = "job_0000000000"
"""An id that is none, to see how the server says so."""

UNKNOWN_PATH = f"{PREFIX}/mockserver-check"
"""A path that no edition has, to see how the server says so."""

_UNKNOWN = (Ask.job_status(UNKNOWN_JOB), Ask.path_only(UNKNOWN_PATH))

UNREACHED = {
    "refused": "see whether the server runs, and whether host and port are right",
    "dns": "see whether the host is spelt right",
    "tls": "see whether the server speaks https, and --cacert or --insecure",
    "timeout": "see whether the server is busy, or give it a longer --timeout",
}
"""What to do when there is no reply at all, by the kind of the trouble."""
_MOST_TROUBLES = 3

LM_STUDIO_PORT = 1234
"""Where LM Studio listens unless it is set otherwise."""


@dataclass(frozen=True, slots=True)
class Plan:
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


class Check:
    """One run over a server. `watch` is told of each request when its reply is there."""

    def __init__(
        self,
        fetcher: Fetcher,
        plan: Plan | None = None,
        *,
        watch: Callable[[Observation], None] = lambda seen: None,
        clock: TimeSource = SYSTEM_TIME,
    ) -> None:
        self._fetcher, self._plan = fetcher, plan or Plan()
        self._watch, self._clock = watch, clock
        self._choice = None if self._plan.edition == AUTO else given(self._plan.edition)
        self._inspector: Inspector | None = None
        self._asked: Counter[str] = Counter()
        self._notes: list[str] = []
        self._jobs: dict[str, ShownJob | None] = dict.fromkeys(self._plan.jobs)
        self._wanted = dict.fromkeys(self._plan.jobs)
        self._troubles, self._is_done, self._is_following = 0, False, False
        self._began_ms, self._began_s = clock.now_ms(), clock.monotonic_s()
        self._coverage = Coverage(self._began_ms, self._plan.jobs)

    def run(self) -> None:
        """Ask everything; UnreachableServer when there is no reply at all."""
        for seen in self._requests():
            self._watch(seen)

    def report(self, *, is_whole: bool = True) -> CheckReport:
        """What was found so far; `is_whole` when `run` came to its end."""
        inspector, choice = self._inspector, self._choice
        findings = () if inspector is None else inspector.findings
        notes = (*self._notes, *(() if inspector is None else inspector.notes))
        if is_whole:
            findings = (*self._coverage.findings(findings), *findings)
            notes = (*notes, *self._coverage.notes)
        return CheckReport(
            subject=str(self._fetcher.address),
            edition=self._plan.edition if choice is None else choice.edition,
            edition_because="" if choice is None else choice.because,
            findings=findings,
            asked=dict(self._asked),
            tracks=() if inspector is None else inspector.tracks(),
            notes=notes,
            seconds=self._clock.monotonic_s() - self._began_s,
            began_at=rfc3339.from_milliseconds(self._began_ms),
            made_by=f"mockserver {__version__}",
            is_whole=is_whole,
        )

    def _requests(self) -> Iterator[Observation]:
        yield from self._probes()
        if self._plan.follows and not self._is_done:
            yield from self._polls()

    def _probes(self) -> Iterator[Observation]:
        """What is asked once; nothing more when that would lead nowhere."""
        for ask in self._asks():
            is_probe = self._plan.asks_for_unknown and ask in _UNKNOWN
            seen = self._see(replace(self._fetcher.fetch(ask), is_probe=is_probe))
            yield seen
            self._troubles = self._troubles + 1 if seen.status is None else 0
            self._is_done = seen.status == 401 or self._troubles == _MOST_TROUBLES
            if self._is_done:
                why = "401" if seen.status else f"{_MOST_TROUBLES} requests without a reply"
                self._notes.append(f"nothing more was asked after {why}")
                return

    def _asks(self) -> Iterator[Ask]:
        """What is asked once; what is asked for depends on the replies so far."""
        if self._choice is None or self._has_list():
            yield Ask.list_status()
        for model in self._plan.downloads:
            yield Ask.download(model)
        yield from map(Ask.job_status, self._known_jobs())
        if self._plan.asks_for_unknown:
            yield from _UNKNOWN

    def _known_jobs(self) -> list[str]:
        """Those that were named; else as many of those listed as are asked for, and what began."""
        if self._plan.jobs:
            return list(self._wanted)
        listed = [job_id for job_id in self._jobs if job_id not in self._wanted]
        left_out = len(listed) - self._plan.most_jobs
        if left_out > 0:
            self._notes.append(f"{left_out:,} of {len(listed):,} listed jobs were not asked for")
        return [*self._wanted, *listed[: self._plan.most_jobs]]

    def _polls(self) -> Iterator[Observation]:
        plan = self._plan
        listed = list(self._jobs)[: plan.most_jobs]
        shown = {job_id: self._jobs[job_id] for job_id in self._wanted or listed}
        jobs = [one for one, job in shown.items() if job is None or job.status not in ENDED]
        if not jobs:
            self._notes.append(self._why_none())
            return
        follow = Follow(
            self._fetcher,
            jobs,
            with_list=self._has_list(),
            interval_s=plan.interval_s,
            deadline_s=plan.deadline_s,
            clock=self._clock,
        )
        self._is_following = True
        yield from map(self._see, follow.polls())
        self._notes += follow.notes

    def _why_none(self) -> str:
        if self._jobs:
            return "no job was followed: all have ended already"
        where = "the server lists none" if self._has_list() else "this server has no list of them"
        return f"no job was followed: none was named, and {where}"

    def _has_list(self) -> bool:
        return self._choice is not None and _has(self._choice, LIST_STATUS.id)

    def _see(self, seen: Observation) -> Observation:
        """Into the books, and before the inspector."""
        if self._inspector is None:
            seen = self._first(seen)
        assert self._inspector is not None
        self._coverage.see(seen, self._inspector.edition)
        self._asked[seen.operation or "unknown path"] += 1
        self._inspector.see(seen)
        self._remember(seen)
        return seen

    def _first(self, seen: Observation) -> Observation:
        """The first reply tells whether there is a server, and which edition to hold it to."""
        trouble = seen.failure
        if seen.status is None and trouble is not None and trouble.kind in UNREACHED:
            address = self._fetcher.address
            hint = advice(trouble.kind, address)
            raise UnreachableServer(str(address), trouble.kind, trouble.message, hint)
        if self._choice is None:
            self._choice = chosen(seen)
            if not _has(self._choice, LIST_STATUS.id):
                seen = replace(seen, operation=None)
        self._inspector = Inspector(self._choice.edition)
        return seen

    def _remember(self, seen: Observation) -> None:
        """The jobs that a reply shows, if they are what was asked for.

        Those that later lists show first are not followed, nor kept.
        """
        if about(seen.operation) == "jobs":
            listed = jobs_listed(seen)
            if self._is_following:
                listed = {id_: job for id_, job in listed.items() if id_ in self._jobs}
            self._jobs |= listed
        job = job_shown(seen)
        if job is None:
            return
        if about(seen.operation) == "model":
            self._wanted[job.job_id] = None
        if about(seen.operation) == "model" or seen.job_id == job.job_id:
            self._jobs[job.job_id] = job


def check_server(
    url: str,
    *,
    edition: str = AUTO,
    token: str | None = None,
    access: Access | None = None,
    limits: Limits | None = None,
    jobs: Sequence[str] = (),
    downloads: Sequence[str] = (),
    follow: bool = False,
    interval_s: float = 1.0,
    deadline_s: float = 3600.0,
    asks_for_unknown: bool = True,
    clock: TimeSource = SYSTEM_TIME,
) -> CheckReport:
    """Hold the server at this base URL to its pages, and report what it does otherwise.

    Only GET requests are made, but for a POST for each model of `downloads`; one for a job and one
    for a path that do not exist are among them if it `asks_for_unknown`. With `follow`, jobs
    are polled until they end: those of `jobs` and `downloads`, or else those that the list shows.
    `access` says more than a token about how to get there.
    Raises UnreachableServer when there is no reply at all, BadAddress, BadHeader, UnknownName for
    an edition and UnreadableFile for certificates.
    """
    plan = Plan(
        edition,
        tuple(jobs),
        tuple(downloads),
        follow,
        interval_s,
        deadline_s,
        asks_for_unknown=asks_for_unknown,
    )
    access = access or Access()
    if token is not None:
        access = replace(access, token=token)
    with Fetcher(url, access, limits, clock) as fetcher:
        check = Check(fetcher, plan, clock=clock)
        check.run()
        return check.report()


def advice(kind: str, address: Address) -> str:
    """What to do about a trouble of this kind; a port that was forgotten is named."""
    if kind != "refused" or address.port is not None:
        return UNREACHED[kind]
    likely = replace(address, port=LM_STUDIO_PORT)
    return f"{UNREACHED[kind]}: LM Studio's is {LM_STUDIO_PORT}, as in {likely}"


def _has(choice: Choice, operation: str) -> bool:
    return operation in contract.edition(choice.edition).operations
