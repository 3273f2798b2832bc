"""The journal: a session's exchanges in the order in which they came, bounded."""

import threading
from collections import OrderedDict
from collections.abc import Callable
from itertools import islice
from typing import Any

from mockserver.client_rules.journal_entry import JournalEntry
from mockserver.http.message import Exchange, Request

MAX_ENTRIES = 10_000
MAX_BYTES = 8 << 20
"""What the kept requests and replies may weigh in all; of the oldest, the journal then lets go."""
_ENTRY_BYTES = 500
"""What an entry weighs besides what was sent, roughly."""


class Journal:
    """Safe to share by threads. An entry is there from the moment its request has come.

    Numbers count from 1 and are never given twice, not after a `clear` either; `last` is the last.
    """

    def __init__(self, max_entries: int = MAX_ENTRIES, max_bytes: int = MAX_BYTES) -> None:
        self._max_entries, self._max_bytes = max_entries, max_bytes
        self._entries: OrderedDict[int, JournalEntry] = OrderedDict()
        self._bytes = 0
        self.last = 0
        self._lock = threading.Lock()

    def open(self, now: Callable[[], int], request: Request, **known: Any) -> JournalEntry:
        """Write down that a request has come. Instant and number are taken together: one order."""
        with self._lock:
            self.last += 1
            entry = JournalEntry(Exchange(self.last, request), now(), **known)
            self._keep(entry, _weight(entry))
        return entry

    def close(self, entry: JournalEntry, **found: Any) -> JournalEntry:
        """Write down how it ended; gives the whole entry, also if it is no longer kept."""
        ended = entry.ended(**found)
        with self._lock:
            if (before := self._entries.get(ended.number)) is not None:
                self._keep(ended, _weight(ended) - _weight(before))
        return ended

    def _keep(self, entry: JournalEntry, heavier: int) -> None:
        self._entries[entry.number] = entry
        self._bytes += heavier
        while len(self._entries) > self._max_entries or (
            self._bytes > self._max_bytes and len(self._entries) > 1
        ):
            _, oldest = self._entries.popitem(last=False)
            self._bytes -= _weight(oldest)

    def entries(self, after: int = 0, limit: int | None = None) -> tuple[JournalEntry, ...]:
        """The kept exchanges with numbers above `after`, oldest first."""
        return self.page(after, limit)[2]

    def page(self, after: int, limit: int | None) -> tuple[int, int, tuple[JournalEntry, ...]]:
        """`last`, how many are no longer kept, and `entries`, all of one moment."""
        with self._lock:
            # Numbers have no gaps, so that the first one tells where each entry is.
            start = max(0, after + 1 - next(iter(self._entries), 0))
            stop = None if limit is None else start + limit
            found = tuple(islice(self._entries.values(), start, stop))
            return self.last, self.last - len(self._entries), found

    def clear(self) -> int:
        """Remove all exchanges, and give how many there were; numbers go on."""
        with self._lock:
            removed = len(self._entries)
            self._entries.clear()
            self._bytes = 0
        return removed


def _weight(entry: JournalEntry) -> int:
    request = entry.request
    weight = _ENTRY_BYTES + len(request.method) + len(request.path) + len(request.query)
    for message in (request, entry.reply):
        if message is not None:
            weight += len(message.body.start)
            weight += sum(len(name) + len(value) for name, value in message.headers)
    return weight + 200 * len(entry.states)
