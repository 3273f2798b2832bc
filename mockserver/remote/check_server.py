"""One call that holds a server to its pages: what `mockserver.check_server` is."""

from collections.abc import Sequence
from dataclasses import replace

from mockserver.findings.report import CheckReport
from mockserver.remote.access import Access
from mockserver.remote.check import CheckPlan, ServerCheck
from mockserver.remote.edition import AUTO
from mockserver.remote.fetch import Fetcher
from mockserver.remote.http_client import RequestLimits
from mockserver.remote.time_source import SYSTEM_TIME, TimeSource


def check_server(
    url: str,
    *,
    edition: str = AUTO,
    token: str | None = None,
    access: Access | None = None,
    limits: RequestLimits | None = None,
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
    plan = CheckPlan(
        edition=edition,
        jobs=tuple(jobs),
        downloads=tuple(downloads),
        follows=follow,
        interval_s=interval_s,
        deadline_s=deadline_s,
        asks_for_unknown=asks_for_unknown,
    )
    access = access or Access()
    if token is not None:
        access = replace(access, token=token)
    with Fetcher(url, access, limits, clock) as fetcher:
        check = ServerCheck(fetcher, plan)
        check.run()
        return check.report()
