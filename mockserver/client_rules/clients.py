"""Whose requests these are, as far as connections and times can tell."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from mockserver.client_rules.entry_queries import is_answered
from mockserver.client_rules.journal_entry import JournalEntry

MOST_HIDDEN = 2
"""So many clients can be behind requests that each came by a connection of its own."""


@dataclass(frozen=True, slots=True)
class ClientGroup:
    """Requests, in their order, that at most `clients` clients made."""

    entries: tuple[JournalEntry, ...]
    clients: int


def by_client(
    entries: Sequence[JournalEntry], at_once: int | None = None, *, hidden: int = 1
) -> Iterator[ClientGroup]:
    """The requests of each connection that bore several, and all others together.

    Whoever uses a connection again is one client, or one pool of connections that several share.
    A connection for a single request tells nothing: a client may make one each time, so that those
    requests are one client's, or those of as many as asked `at_once` (by default in these
    entries). Where two that take turns must not be blamed, `hidden` says how many may be.
    """
    at_once = most_at_once(entries) if at_once is None else at_once
    uses = Counter(entry.connection for entry in entries)
    by_connection: dict[int, list[JournalEntry]] = {}
    others = []
    for entry in entries:
        if entry.connection is not None and uses[entry.connection] > 1:
            by_connection.setdefault(entry.connection, []).append(entry)
        else:
            others.append(entry)
    for group in by_connection.values():
        yield ClientGroup(tuple(group), at_once)
    if others:
        yield ClientGroup(tuple(others), max(at_once, hidden))


def in_excess(
    entries: Sequence[JournalEntry], each: int, at_once: int | None = None
) -> list[JournalEntry]:
    """The requests of those clients, in their order, that must have made more than `each`."""
    if len(entries) <= each:
        return []
    found = [
        entry
        for group in by_client(entries, at_once)
        if len(group.entries) > group.clients * each
        for entry in group.entries
    ]
    return sorted(found, key=lambda entry: entry.number)


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
        elif is_answered(entry) and len(rows.get(key, ())) <= forgiven:
            rows.pop(key, None)
    yield from filter(None, (in_excess(row, forgiven) for row in rows.values()))


def visible_clients(entries: Sequence[JournalEntry]) -> int:
    """How many clients show themselves: by asking at once, or by connections used again."""
    uses = Counter(entry.connection for entry in entries if entry.connection is not None)
    return max(most_at_once(entries), sum(count > 1 for count in uses.values()))


def most_at_once(entries: Sequence[JournalEntry]) -> int:
    """How many of the requests were under way at the same time, at the most; at least 1.

    Those whose replies came late or not at all do not count: a client may have given them up.
    """
    ends = []
    for entry in entries:
        if entry.received_s and entry.took_s is not None and is_answered(entry):
            ends += [(entry.received_s, 1), (entry.received_s + entry.took_s, -1)]
    most = now = 0
    for _, change in sorted(ends):
        now += change
        most = max(most, now)
    return max(1, most)
