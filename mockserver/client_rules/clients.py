"""Whose requests these are, as far as connections and times can tell."""

from collections import Counter
from collections.abc import Hashable, Iterable, Iterator
from typing import NamedTuple

from mockserver.client_rules.entry_queries import grouped, in_order
from mockserver.client_rules.journal_entry import Entries, JournalEntry

MOST_HIDDEN = 2
"""So many clients can be behind requests that each came by a connection of its own."""


class ClientGroup(NamedTuple):
    """Requests, in their order, that at most `clients` clients made."""

    entries: Entries
    clients: int


def by_client(
    entries: Entries, at_once: int | None = None, *, hidden: int = 1
) -> Iterator[ClientGroup]:
    """The requests of each connection that bore several, and all others together.

    Whoever uses a connection again is one client, or one pool of connections that several share.
    A connection for a single request tells nothing: a client may make one each time, so that those
    requests are one client's, or those of as many as asked `at_once` (by default in these
    entries). Where two that take turns must not be blamed, `hidden` says how many may be.
    """
    at_once = most_at_once(entries) if at_once is None else at_once
    uses = Counter(entry.connection for entry in entries)
    groups = grouped(
        (entry.connection if uses[entry.connection] > 1 else None, entry) for entry in entries
    )
    others = groups.pop(None, ())
    yield from (ClientGroup(group, at_once) for group in groups.values())
    if others:
        yield ClientGroup(others, max(at_once, hidden))


def in_excess(
    entries: Entries, each: int, at_once: int | None = None, *, told: int = 0
) -> list[JournalEntry]:
    """The requests of clients that made more than `each`, but for the first `told` of each."""
    if len(entries) <= each:
        return []
    return in_order(
        entry
        for group in by_client(entries, at_once)
        if len(group.entries) > group.clients * each
        for entry in group.entries[told:]
    )


def repeated_in_vain(
    keyed: Iterable[tuple[Hashable, JournalEntry, bool]], forgiven: int
) -> Iterator[list[JournalEntry]]:
    """What each key says was sent again and again in vain, by clients that did so too often.

    An answer that was not in vain begins anew, unless it comes after too many.
    """
    rows: dict[Hashable, list[JournalEntry]] = {}
    for key, entry, is_in_vain in keyed:
        if is_in_vain:
            rows.setdefault(key, []).append(entry)
        elif entry.is_answered and len(rows.get(key, ())) <= forgiven:
            rows.pop(key, None)
    yield from filter(None, (in_excess(row, forgiven) for row in rows.values()))


def visible_clients(entries: Entries) -> int:
    """How many clients show themselves: by asking at once, or by connections used again."""
    uses = Counter(entry.connection for entry in entries if entry.connection is not None)
    return max(most_at_once(entries), sum(count > 1 for count in uses.values()))


def most_at_once(entries: Entries) -> int:
    """How many of the requests were under way at the same time, at the most; at least 1.

    Those whose replies came late or not at all do not count: a client may have given them up.
    """
    ends = []
    for entry in entries:
        if entry.received_s and entry.took_s is not None and entry.is_answered:
            ends += [(entry.received_s, 1), (entry.received_s + entry.took_s, -1)]
    most = now = 0
    for _, change in sorted(ends):
        now += change
        most = max(most, now)
    return max(1, most)
