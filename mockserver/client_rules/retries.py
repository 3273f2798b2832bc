"""Rules about requests that are sent again after they were refused, or failed."""

from collections.abc import Hashable, Iterable, Iterator
from datetime import datetime
from email.utils import parsedate_to_datetime
from itertools import groupby

from mockserver.client_rules.clients import MOST_HIDDEN, ClientGroup, by_client, repeated_in_vain
from mockserver.client_rules.context import SessionContext
from mockserver.client_rules.entry_queries import client_rule, finding, in_order, quoted, times
from mockserver.client_rules.journal_entry import Entries, JournalEntry
from mockserver.client_rules.poll_rate import ALMOST, timed_requests
from mockserver.client_rules.requests import is_refused_for_form
from mockserver.findings.finding import Finding

_PASSING = (408, 425, 429)
_IN_A_ROW = 5
_SLOWER = 1.5


@client_rule
def refusal_repeated(entries: Entries, context: SessionContext) -> Iterator[Finding]:
    # As it was: token and all.
    asked = ((_key(entry), entry, _is_refused(entry, context)) for entry in entries)
    for group in repeated_in_vain(asked, 1 + context.limits.polls_after_end):
        what = quoted(f"{group[0].method} {group[0].path}")
        message = f"repeated {what} {times(len(group))}, each refused with {group[0].status}"
        yield finding(refusal_repeated, message, group, group[0].polled_id)


def _key(entry: JournalEntry) -> Hashable:
    content_type = entry.request.headers.get_all("Content-Type")[:1]
    return entry.method, entry.path, entry.body_key, content_type, entry.credential


@client_rule
def no_backoff(entries: Entries, context: SessionContext) -> Iterator[Finding]:
    if context.clock != "wall":
        return
    for (what, job_id), group in timed_requests(entries).items():
        clients = list(by_client(group, hidden=MOST_HIDDEN))
        early, due_s = _early(clients)
        if early:
            due = f"the {due_s:g} s that Retry-After says"
            message = f"repeated {quoted(what)} {times(len(early))} sooner than {due}"
            yield finding(no_backoff, message, early, job_id)
        elif hasty := [entry for client in clients for entry in _hasty(client, context)]:
            although = "although the server had no answer but 429 or 5xx"
            message = f"repeated {quoted(what)} {times(len(hasty))} at the same pace, {although}"
            yield finding(no_backoff, message, hasty, job_id)


def _early(groups: Iterable[ClientGroup]) -> tuple[list[JournalEntry], float]:
    """The repetitions that came too soon, and the longest that one of them should have waited."""
    found = [each for group in groups for each in _without_waiting(group)]
    return in_order(entry for entry, _ in found), max((due_s for _, due_s in found), default=0.0)


def _without_waiting(group: ClientGroup) -> Iterator[tuple[JournalEntry, float]]:
    """The requests that none of the clients had waited for, and how long one should have.

    Each is taken for that of a client which was free to send it, if there is any: of those, the one
    that was answered last, so that the others stay free.
    """
    last_of_each: list[JournalEntry] = []
    for entry in group.entries:
        ready = [at for at, last in enumerate(last_of_each) if _has_waited(last, entry)]
        if ready:
            last_of_each[ready[-1]] = entry
        elif len(last_of_each) < group.clients:
            last_of_each.append(entry)
        else:
            last = last_of_each[-1]
            if entry.received_s >= _replied_s(last):
                yield entry, _retry_after_s(last) or 0.0
            last_of_each[-1] = entry
        last_of_each.sort(key=_replied_s)


def _has_waited(last: JournalEntry, entry: JournalEntry) -> bool:
    """Whether `entry` may come from who got the reply to `last`."""
    if entry.received_s < _replied_s(last):
        return False
    wait_s = _retry_after_s(last)
    return wait_s is None or _pause_s(last, entry) >= ALMOST * wait_s


def _hasty(group: ClientGroup, context: SessionContext) -> Iterator[JournalEntry]:
    """The repetitions in rows of 429 or 5xx that neither slowed down nor were slow."""
    for is_failure, entries in groupby(group.entries, _is_passing):
        row = list(entries)
        if is_failure and len(row) > _IN_A_ROW:
            turns = range(1, min(group.clients, len(row) - 2) + 1)
            if not any(_slows_down(row, turn, context) for turn in turns):
                yield from row[1:]


def _slows_down(row: Entries, turn: int, context: SessionContext) -> bool:
    """Of several clients, which take turns, each may have paused while others asked."""
    pauses = [_pause_s(entry, row[at]) for at, entry in enumerate(row[:-turn], turn)]
    is_slower = max(pauses[1:]) >= _SLOWER * pauses[0] + 0.01
    return is_slower or max(pauses) >= context.limits.backoff_s


def _replied_s(entry: JournalEntry) -> float:
    return entry.received_s + (entry.took_s or 0.0)


def _pause_s(entry: JournalEntry, following: JournalEntry) -> float:
    """How long the client waited: in real seconds, or in the clock's if those are more."""
    real_s = following.received_s - _replied_s(entry)
    replied_ms = entry.received_ms if entry.replied_ms is None else entry.replied_ms
    return max(real_s, (following.received_ms - replied_ms) / 1000)


def _is_passing(entry: JournalEntry) -> bool:
    return entry.status is not None and (entry.status == 429 or entry.status >= 500)


def _retry_after_s(entry: JournalEntry) -> float | None:
    """What Retry-After of a 429 or 503 says; a date counts from the reply's own (RFC 9110)."""
    if entry.reply is None or entry.status not in (429, 503) or not entry.is_answered:
        return None
    headers = entry.reply.headers
    value = (headers.get_all("Retry-After") or ("",))[-1].strip()
    if value.isascii() and value.isdigit():
        return float(value[:9])
    until, since = _date(value), _date((headers.get_all("Date") or ("",))[-1].strip())
    return None if until is None or since is None else (until - since).total_seconds()


def _date(text: str) -> datetime | None:
    try:
        found = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return found if found.tzinfo is not None else None


def _is_refused(entry: JournalEntry, context: SessionContext) -> bool:
    """Whether it was refused in a way that no other rule is about."""
    status = entry.status
    if entry.operation is None or status is None or not entry.is_answered:
        return False
    is_for_token = status == 401 and context.needs_token and entry.fault is None
    is_lost = status == 404 and entry.polled_id is not None
    is_final = 400 <= status < 500 and status not in _PASSING
    return is_final and not (is_for_token or is_lost or is_refused_for_form(entry))
