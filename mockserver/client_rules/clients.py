"""Whose requests these are, as far as connections and times can tell."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from mockserver.client_rules.journal_entry import JournalEntry
from mockserver.client_rules.reading import is_answered

__all__ = ["UNSEEN", "Party", "at_once", "beyond", "parties", "to_be_seen"]

UNSEEN = 2
"""So many clients can be behind requests that each came by a connection of its own."""


@dataclass(frozen=True, slots=True)
class Party:
    """Requests, in their order, that at most `clients` clients made."""

    exchanges: tuple[JournalEntry, ...]
    clients: int


def parties(
    exchanges: Sequence[JournalEntry], seen: int | None = None, *, unseen: int = 1
) -> Iterator[Party]:
    """The requests of each connection that bore several, and all others together.

    Whoever uses a connection again is one client, or one pool of connections that several share.
    A connection for a single request tells nothing: a client may make one each time, so that those
    requests are one client's, or those of as many as were `seen` to ask at once (by default in
    these exchanges). Where two that take turns must not be blamed, `unseen` says how many may be.
    """
    seen = at_once(exchanges) if seen is None else seen
    uses = Counter(one.connection for one in exchanges)
    known: dict[int, list[JournalEntry]] = {}
    others = []
    for one in exchanges:
        if one.connection is not None and uses[one.connection] > 1:
            known.setdefault(one.connection, []).append(one)
        else:
            others.append(one)
    for group in known.values():
        yield Party(tuple(group), seen)
    if others:
        yield Party(tuple(others), max(seen, unseen))


def beyond(
    exchanges: Sequence[JournalEntry], each: int, seen: int | None = None
) -> list[JournalEntry]:
    """The requests of those clients, in their order, that must have made more than `each`."""
    if len(exchanges) <= each:
        return []
    found = [
        one
        for party in parties(exchanges, seen)
        if len(party.exchanges) > party.clients * each
        for one in party.exchanges
    ]
    return sorted(found, key=lambda one: one.number)


def to_be_seen(exchanges: Sequence[JournalEntry]) -> int:
    """How many clients show themselves: by asking at once, or by connections used again."""
    uses = Counter(one.connection for one in exchanges if one.connection is not None)
    return max(at_once(exchanges), sum(count > 1 for count in uses.values()))


def at_once(exchanges: Sequence[JournalEntry]) -> int:
    """How many of the requests were under way at the same time, at the most; at least 1.

    Those whose replies came late or not at all do not count: a client may have given them up.
    """
    ends = []
    for one in exchanges:
        if one.received_s and one.took_s is not None and is_answered(one):
            ends += [(one.received_s, 1), (one.received_s + one.took_s, -1)]
    most = now = 0
    for _, change in sorted(ends):
        now += change
        most = max(most, now)
    return max(1, most)
