"""The rule that a client pauses between polls. Real seconds count: only a wall clock can tell."""

from collections.abc import Iterable, Iterator
from itertools import chain

from mockserver.client_rules.clients import by_client, most_at_once
from mockserver.client_rules.context import SessionContext
from mockserver.client_rules.entry_queries import (
    client_rule,
    finding,
    grouped,
    in_order,
    quoted,
    times,
)
from mockserver.client_rules.journal_entry import Entries, JournalEntry
from mockserver.findings.finding import Finding

ALMOST = 0.9
"""A client's timer may be a little early."""
_WINDOW = 10
"""Polls in a row whose pace is taken, so that a few close ones do no harm."""


@client_rule
def poll_too_fast(entries: Entries, context: SessionContext) -> Iterator[Finding]:
    if context.clock != "wall":
        return
    least_s = context.limits.poll_interval_s
    for (what, job_id), group in timed_requests(entries).items():
        polls = [entry for entry in group if not entry.asks_for_model]
        at_once = most_at_once(polls)
        close = [_close(client.entries, least_s / at_once) for client in by_client(polls, at_once)]
        if fast := in_order(chain.from_iterable(close)):
            pace = f"with less than {least_s:g} s between two of them"
            message = f"sent {quoted(what)} {times(len(fast))} {pace}"
            yield finding(poll_too_fast, message, fast, job_id)


def timed_requests(entries: Entries) -> dict[tuple[str, str | None], list[JournalEntry]]:
    """Those whose times are known, of each job, list and model, by their words and the job."""
    return grouped(
        ((f"{entry.method} {entry.path}", job_id), entry)
        for entry in entries
        if entry.took_s is not None
        and ((job_id := entry.polled_id) or entry.asks_for_list or entry.asks_for_model)
    )


def _close(polls: Entries, least_s: float) -> Iterable[JournalEntry]:
    """The polls of ten in a row that came in less time than they should have taken."""
    found = dict[int, JournalEntry]()
    for at in range(len(polls) - _WINDOW + 1):
        window = polls[at : at + _WINDOW]
        if window[-1].received_s - window[0].received_s < least_s * (_WINDOW - 1) * ALMOST:
            found.update((entry.number, entry) for entry in window)
    return found.values()
