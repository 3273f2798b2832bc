"""The journal: a session's exchanges in the order in which they came, bounded."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from itertools import islice
from typing import Any

from mockserver.client_rules.journal_entry import JournalEntry
from mockserver.http.exchange import Exchange
from mockserver.http.message import Request

MAX_ENTRIES = 10_000
MAX_BYTES = 8 << 20
"""What the kept requests and replies may weigh in all; of the oldest, the journal then lets go."""
_ENTRY_BYTES = 500
"""What an entry weighs besides what was sent, roughly."""


class Journal:
    """Safe to share by threads. An entry is there from the moment its request has come.

    Numbers count from 1 and are never given twice, not after a `clear` either.
    """

    def __init__(self, max_entries: int = MAX_ENTRIES, max_bytes: int = MAX_BYTES) -> None:
        self._max_entries = max_entries
        self._max_bytes = max_bytes
        self._entries: deque[JournalEntry] = deque()
        self._weights: deque[int] = deque()
        self._bytes = 0
        self._last = 0
        self._lock = threading.Lock()

    def open(self, now: Callable[[], int], request: Request, **known: Any) -> JournalEntry:
        """Write down that a request has come, at the instant that `now` gives.

        The instant is asked for together with the number, so that both have one order.
        """
        with self._lock:
            self._last += 1
            entry = JournalEntry(Exchange(self._last, request), now(), **known)
            self._entries.append(entry)
            self._weights.append(_weight(entry))
            self._bytes += self._weights[-1]
            self._shrink()
        return entry

    def close(self, entry: JournalEntry, **found: Any) -> JournalEntry:
        """Write down how it ended; gives the whole entry, also if it is no longer kept."""
        ended = entry.ended(**found)
        with self._lock:
            index = self._index(ended.number)
            if index is not None:
                weight = _weight(ended)
                self._bytes += weight - self._weights[index]
                self._entries[index], self._weights[index] = ended, weight
                self._shrink()
        return ended

    def entries(self, after: int = 0, limit: int | None = None) -> tuple[JournalEntry, ...]:
        """The kept exchanges with numbers above `after`, oldest first."""
        with self._lock:
            return self._from(after, limit)

    def page(self, after: int, limit: int) -> tuple[int, int, tuple[JournalEntry, ...]]:
        """`last`, how many are no longer kept, and `entries`, all of one moment."""
        with self._lock:
            return self._last, self._last - len(self._entries), self._from(after, limit)

    @property
    def last(self) -> int:
        """The number of the last request; 0 before the first."""
        return self._last

    def clear(self) -> int:
        """Remove all exchanges, and give how many there were; numbers go on."""
        with self._lock:
            removed = len(self._entries)
            self._entries.clear()
            self._weights.clear()
            self._bytes = 0
        return removed

    def _from(self, after: int, limit: int | None) -> tuple[JournalEntry, ...]:
        if not self._entries:
            return ()
        start = max(0, after + 1 - self._entries[0].number)
        stop = None if limit is None else start + limit
        return tuple(islice(self._entries, start, stop))

    def _index(self, number: int) -> int | None:
        # Numbers have no gaps, so that the first one tells where each entry is.
        index = number - self._entries[0].number if self._entries else -1
        return index if 0 <= index < len(self._entries) else None

    def _shrink(self) -> None:
        while len(self._entries) > self._max_entries or (
            self._bytes > self._max_bytes and len(self._entries) > 1
        ):
            self._entries.popleft()
            self._bytes -= self._weights.popleft()


def _weight(entry: JournalEntry) -> int:
    request = entry.request
    weight = _ENTRY_BYTES + len(request.method) + len(request.path) + len(request.query)
    for message in (request, entry.reply):
        if message is not None:
            weight += len(message.body.start)
            weight += sum(len(name) + len(value) for name, value in message.headers)
    return weight + 200 * len(entry.states)
