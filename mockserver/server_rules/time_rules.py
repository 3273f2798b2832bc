"""The rules for the times of a job: how they are written, their order, and the server's own time.

What is no date-time breaks none of these: that is the schema's.
"""

import re
from collections.abc import Iterator

from mockserver.findings.finding import Check, Finding, Rule
from mockserver.server_rules.checked_response import ReportedJob
from mockserver.server_rules.examples import JSON, answer, example_job, reported
from mockserver.server_rules.job_rules import JOBS
from mockserver.server_rules.rule_group import RuleGroup
from mockserver.server_rules.values import date_ms, instant, is_number

TIMES = RuleGroup(JOBS.title, adapted=JOBS.adapted)

_ENDS = ("completed_at", "estimated_completion")
_TIMES = ("started_at", *_ENDS)
_AS_DOCUMENTED = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}\.[0-9]{3}Z", re.ASCII)
_MINUTE_MS, _HOUR_MS, _DAY_MS = 60_000, 3_600_000, 86_400_000
_TOLERANCE_OF_DATE_MS = 3 * _HOUR_MS
"""So far a right Date, set by a proxy, may be from the clock of the server behind it: local time
taken for UTC, a summer time missed."""
_TOLERANCE_OF_OURS_MS = 2 * _DAY_MS
"""So far our clock may be from a server's that sends no Date: it is another machine's."""
_ABSURD_FACTOR, _LARGEST = 100, 2**63


@TIMES.rule("times-in-order", reported("completed", completed_at="2025-10-03T15:33:22.000Z"))
def _times_in_order(rule: Rule, job: ReportedJob) -> Iterator[Finding]:
    start = job.get("started_at")
    for member in _ENDS:
        end = job.get(member)
        if _is_as_documented(start) and _is_as_documented(end) and start <= end:
            continue  # such texts sort as their instants do, which spares reading them
        first, last = instant(start), instant(end)
        if first is not None and last is not None and last < first:
            yield job.finding(rule, member, f"no earlier than `started_at`, {start}")


def _is_as_documented(value: object) -> bool:
    """Whether it is text that is written as every documented time is."""
    return isinstance(value, str) and _AS_DOCUMENTED.fullmatch(value) is not None


def _written_like(pattern: str) -> Check:
    """That times are written so, where they are not as all documented ones are."""
    style = re.compile(pattern)

    def check(rule: Rule, job: ReportedJob) -> Iterator[Finding]:
        for member in _TIMES:
            text = job.get(member)
            is_time = not _is_as_documented(text) and instant(text) is not None
            if is_time and not style.search(text):
                yield job.finding(rule, member, "a time such as 2025-10-03T15:33:23.496Z")

    return check


TIMES.rule("time-in-utc", reported(started_at="2025-10-03T17:33:23.496+02:00"))(
    _written_like(r"[Zz]\Z")
)
TIMES.rule("time-style", reported(started_at="2025-10-03t15:33:23.496z"))(
    _written_like(r"\A[^tz]*\Z")
)
TIMES.rule("time-fraction", reported(started_at="2025-10-03T15:33:23.496123Z"))(
    _written_like(r"\.\d{3}(?!\d)")
)


@TIMES.rule(
    "time-in-future",
    answer(
        example_job(started_at="2031-01-01T00:00:00.000Z"),
        headers=(*JSON, ("Date", "Fri, 03 Oct 2025 15:34:00 GMT")),
    ),
)
def _time_in_future(rule: Rule, job: ReportedJob) -> Iterator[Finding]:
    server_ms = date_ms(job.response.observation.headers)
    for member in ("started_at", "completed_at"):
        at_ms = instant(job.get(member))
        if server_ms is not None and at_ms is not None and at_ms > server_ms + _DAY_MS:
            found = f"{job.shown(member)}, in {_in_words(at_ms - server_ms)}"
            yield job.finding(rule, member, "a time that has passed", found)


@TIMES.rule(
    "eta-in-past",
    answer(example_job("downloading"), headers=(*JSON, ("Date", "Sat, 04 Oct 2025 17:00:00 GMT"))),
)
def _eta_in_past(rule: Rule, job: ReportedJob) -> Iterator[Finding]:
    left_ms, tolerance_ms = _left_ms(job)
    if left_ms is not None and left_ms < -tolerance_ms:
        found = f"{job.shown('estimated_completion')}, {_in_words(-left_ms)} ago"
        yield job.finding(rule, "estimated_completion", "a time ahead", found)


@TIMES.rule("eta-absurd", reported("downloading", estimated_completion="2031-01-01T00:00:00.000Z"))
def _eta_absurd(rule: Rule, job: ReportedJob) -> Iterator[Finding]:
    left_ms, tolerance_ms = _left_ms(job)
    needed_ms = _needed_ms(job)
    if left_ms is None or needed_ms is None or left_ms < -tolerance_ms:
        return
    left_ms = max(left_ms, 0)
    more, less = max(left_ms, needed_ms), min(left_ms, needed_ms)
    if more - less > _HOUR_MS + tolerance_ms and more > _ABSURD_FACTOR * less:
        expected = f"in about {_in_words(needed_ms)}, by bytes and speed"
        found = f"{job.shown('estimated_completion')}, in {_in_words(left_ms)}"
        yield job.finding(rule, "estimated_completion", expected, found)


def _left_ms(job: ReportedJob) -> tuple[int | None, int]:
    """How long from the server's time to the estimate, and how far that may be wrong.

    A Date header tells that time; without one there is only our clock, without either no answer.
    """
    observation = job.response.observation
    server_ms = date_ms(observation.headers)
    our_ms = observation.at_ms if job.response.knows_time else None
    now_ms = server_ms if server_ms is not None else our_ms
    end_ms = instant(job.get("estimated_completion"))
    tolerance_ms = _TOLERANCE_OF_DATE_MS if server_ms is not None else _TOLERANCE_OF_OURS_MS
    if end_ms is None or now_ms is None or job.get("status") != "downloading":
        return None, tolerance_ms
    return end_ms - now_ms, tolerance_ms


def _needed_ms(job: ReportedJob) -> float | None:
    """How long the rest takes at the reported speed, where there are sane numbers for it."""
    done, total = job.get("downloaded_bytes"), job.get("total_size_bytes")
    speed = job.get("bytes_per_second")
    if not (is_number(done) and is_number(total) and is_number(speed)):
        return None
    if not (0 <= done <= total < _LARGEST and 1 <= speed < _LARGEST):
        return None
    return (total - done) / speed * 1000


def _in_words(ms: float) -> str:
    for unit, size in (("days", _DAY_MS), ("hours", _HOUR_MS), ("minutes", _MINUTE_MS)):
        if ms >= 2 * size:
            return f"{ms / size:,.0f} {unit}"
    return f"{ms / 1000:,.0f} seconds"
