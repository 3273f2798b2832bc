"""Rules about how fast a client goes. Real seconds count, so only a wall clock can tell."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from email.utils import parsedate_to_datetime
from itertools import chain
from typing import TypeAlias

from mockserver.client_rules.circumstances import Circumstances
from mockserver.client_rules.clients import UNSEEN, Party, at_once, parties
from mockserver.client_rules.journal_entry import JournalEntry
from mockserver.client_rules.reading import (
    asks_for_model,
    is_answered,
    is_list,
    polled_id,
    quoted,
    times,
)
from mockserver.client_rules.rules import RULES
from mockserver.client_rules.verdict import Remark

__all__ = ["no_backoff", "poll_too_fast"]

_IN_A_ROW = 5
_ALMOST = 0.9
"""A client's timer may be a little early."""
_SLOWER = 1.5
_WINDOW = 10
"""Polls in a row whose pace is taken, so that a few close ones do no harm."""

Key: TypeAlias = tuple[str, str | None]


def no_backoff(exchanges: Sequence[JournalEntry], about: Circumstances) -> Iterator[Remark]:
    """Repeated sooner than Retry-After says, or at an unchanged pace after several errors."""
    if about.clock != "wall":
        return
    for (what, job_id), group in _by_key(exchanges).items():
        every = list(parties(group, unseen=UNSEEN))
        early, wanted_s = _early(every)
        if early:
            message = (
                f"repeated {quoted(what)} {times(len(early))} sooner than the {wanted_s:g} s that "
                "Retry-After says"
            )
            yield _remark("no-backoff", message, early, job_id)
            continue
        hasty = [
            one
            for party in every
            for row in _rows(party.exchanges)
            for one in _hasty(row, party.clients, about)
        ]
        if hasty:
            message = (
                f"repeated {quoted(what)} {times(len(hasty))} at the same pace, although the "
                "server had no answer but 429 or 5xx"
            )
            yield _remark("no-backoff", message, hasty, job_id)


def poll_too_fast(exchanges: Sequence[JournalEntry], about: Circumstances) -> Iterator[Remark]:
    """Ten polls of a job, or of the list, in less time than they should take."""
    if about.clock != "wall":
        return
    least_s = about.limits.poll_interval_s
    for (what, job_id), group in _by_key(exchanges).items():
        polls = [one for one in group if not asks_for_model(one)]
        seen = at_once(polls)
        close = [_close(party.exchanges, least_s / seen) for party in parties(polls, seen)]
        if fast := sorted(chain.from_iterable(close), key=lambda one: one.number):
            message = (
                f"sent {quoted(what)} {times(len(fast))} with less than {least_s:g} s between two "
                "of them"
            )
            yield _remark("poll-too-fast", message, fast, job_id)


def _close(polls: Sequence[JournalEntry], least_s: float) -> Iterable[JournalEntry]:
    """The polls of ten in a row that came in less time than they should have taken."""
    found = dict[int, JournalEntry]()
    for at in range(len(polls) - _WINDOW + 1):
        window = polls[at : at + _WINDOW]
        if window[-1].received_s - window[0].received_s < least_s * (_WINDOW - 1) * _ALMOST:
            found.update((one.number, one) for one in window)
    return found.values()


def _by_key(exchanges: Sequence[JournalEntry]) -> dict[Key, list[JournalEntry]]:
    """What belongs together of the requests whose times are known: by job, list, and model."""
    found: dict[Key, list[JournalEntry]] = {}
    for one in exchanges:
        job_id = polled_id(one)
        if one.took_s is None or not (job_id or is_list(one) or asks_for_model(one)):
            continue
        found.setdefault((f"{one.method} {one.path}", job_id), []).append(one)
    return found


def _early(every: Sequence[Party]) -> tuple[list[JournalEntry], float]:
    """The repetitions that came too soon, and the longest that one of them should have waited."""
    early, wanted_s = [], 0.0
    for party in every:
        for one, wait_s in _without_waiting(party):
            early.append(one)
            wanted_s = max(wanted_s, wait_s)
    return sorted(early, key=lambda one: one.number), wanted_s


def _without_waiting(party: Party) -> Iterator[tuple[JournalEntry, float]]:
    """The requests that none of the clients had waited for, and how long one should have.

    Each is taken for that of a client which was free to send it, if there is any: of those, the one
    that was answered last, so that the others stay free.
    """
    last_of_each: list[JournalEntry] = []
    for one in party.exchanges:
        ready = [at for at, last in enumerate(last_of_each) if _has_waited(last, one)]
        if ready:
            last_of_each[ready[-1]] = one
        elif len(last_of_each) < party.clients:
            last_of_each.append(one)
        else:
            last = last_of_each[-1]
            if one.received_s >= _replied_s(last):
                yield one, _retry_after_s(last) or 0.0
            last_of_each[-1] = one
        last_of_each.sort(key=_replied_s)


def _has_waited(last: JournalEntry, one: JournalEntry) -> bool:
    """Whether `one` may come from who got the reply to `last`."""
    if one.received_s < _replied_s(last):
        return False
    wait_s = _retry_after_s(last)
    return wait_s is None or _pause_s(last, one) >= _ALMOST * wait_s


def _rows(group: Sequence[JournalEntry]) -> Iterator[list[JournalEntry]]:
    """Runs of requests that got 429 or 5xx."""
    row: list[JournalEntry] = []
    for one in group:
        if _is_passing(one):
            row.append(one)
            continue
        yield row
        row = []
    yield row


def _hasty(
    row: Sequence[JournalEntry], clients: int, about: Circumstances
) -> Sequence[JournalEntry]:
    """The repetitions of a row of failures, if they neither slowed down nor were slow.

    Of several clients, which take turns more or less, each may have paused while others asked.
    """
    if len(row) <= _IN_A_ROW:
        return ()
    for turn in range(1, min(clients, len(row) - 2) + 1):
        pauses = [_pause_s(one, row[at]) for at, one in enumerate(row[:-turn], turn)]
        is_slower = max(pauses[1:]) >= _SLOWER * pauses[0] + 0.01
        if is_slower or max(pauses) >= about.limits.backoff_s:
            return ()
    return row[1:]


def _replied_s(one: JournalEntry) -> float:
    return one.received_s + (one.took_s or 0.0)


def _pause_s(one: JournalEntry, following: JournalEntry) -> float:
    """How long the client waited: in real seconds, or in the clock's if those are more."""
    real_s = following.received_s - _replied_s(one)
    replied_ms = one.received_ms if one.replied_ms is None else one.replied_ms
    return max(real_s, (following.received_ms - replied_ms) / 1000)


def _is_passing(one: JournalEntry) -> bool:
    return one.status is not None and (one.status == 429 or one.status >= 500)


def _retry_after_s(one: JournalEntry) -> float | None:
    """What Retry-After of a 429 or 503 says; a date counts from the reply's own (RFC 9110)."""
    if one.reply is None or one.status not in (429, 503) or not is_answered(one):
        return None
    headers = {name.lower(): value.strip() for name, value in one.reply.headers}
    value = headers.get("retry-after", "")
    if value.isascii() and value.isdigit():
        return float(value[:9])
    until, since = _date(value), _date(headers.get("date", ""))
    return None if until is None or since is None else (until - since).total_seconds()


def _date(text: str) -> datetime | None:
    try:
        found = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return found if found.tzinfo is not None else None


def _remark(rule: str, message: str, group: Sequence[JournalEntry], job_id: str | None) -> Remark:
    return Remark(RULES[rule], message, tuple(one.number for one in group), job_id)
