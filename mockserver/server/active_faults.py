"""The faults in force in a session: since when, and how often each was met and has struck."""

import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from mockserver.errors import TooMany
from mockserver.faults.fault import Fault
from mockserver.faults.reader import MAX_FAULTS


@dataclass(slots=True, eq=False)
class ActiveFault:
    """A fault since it took effect: it concerned `requests`, and befell `strikes` of them."""

    id: int
    fault: Fault
    since_ms: int
    requests: int = 0
    strikes: int = 0

    def meets(self, operation: str | None, path: str, now_ms: int) -> bool:
        """Count the request if it is one that the fault concerns; whether it befalls it."""
        if self.fault.refuse or not self.fault.concerns(operation, path):
            return False
        self.requests += 1
        return self.fault.when.covers(self.requests, now_ms - self.since_ms)

    def is_refusing(self, now_ms: int) -> bool:
        """Whether nobody can connect now on its account."""
        return self.fault.refuse and self.fault.when.is_open(now_ms - self.since_ms)

    def changes_ms(self) -> tuple[int, ...]:
        """The instants at which its window of refusal opens and closes."""
        if not self.fault.refuse:
            return ()
        opens = self.since_ms + self.fault.when.after_ms
        lasts = self.fault.when.lasts_ms
        return (opens,) if lasts is None else (opens, opens + lasts)


class ActiveFaults:
    """A timeline's own faults first, then those that a test adds. Safe to share by threads.

    `now` gives the session's instant; `changed` is called when one was added or removed.
    """

    def __init__(
        self,
        faults: Iterable[Fault],
        epoch_ms: int,
        now: Callable[[], int],
        changed: Callable[[], None],
    ) -> None:
        self._active = tuple(
            ActiveFault(number, fault, epoch_ms) for number, fault in enumerate(faults, 1)
        )
        self._last_id = len(self._active)
        self._now, self._changed = now, changed
        self._lock = threading.Lock()

    def __iter__(self) -> Iterator[ActiveFault]:
        return iter(self._active)

    def add(self, fault: Fault, *, first: bool = False) -> ActiveFault:
        """Put a fault in force from now on, behind all others or `first`; TooMany."""
        with self._lock:
            if len(self._active) >= MAX_FAULTS:
                raise TooMany("faults", MAX_FAULTS, "take some away")
            self._last_id += 1
            added = ActiveFault(self._last_id, fault, self._now())
            self._active = (added, *self._active) if first else (*self._active, added)
        self._changed()
        return added

    def remove(self, fault_id: int | None = None) -> int:
        """Take one fault out of force, or all; gives how many there were."""
        with self._lock:
            kept = tuple(fault for fault in self._active if fault_id not in (None, fault.id))
            removed = len(self._active) - len(kept)
            self._active = kept
        self._changed()
        return removed

    def strike(self, operation: str | None, path: str, now_ms: int) -> ActiveFault | None:
        """Count a request for each fault that it concerns; gives the first that befalls it."""
        with self._lock:
            if (refusing := self._refusing(now_ms)) is not None:
                return refusing  # who finds nobody makes no request that others could count
            met = [fault for fault in self._active if fault.meets(operation, path, now_ms)]
            return next(iter(met), None)

    def struck(self, fault: ActiveFault) -> None:
        with self._lock:
            fault.strikes += 1

    def is_refusing(self) -> bool:
        return bool(self._active) and self._refusing(self._now()) is not None

    def refusal_changes_ms(self) -> int | None:
        """The next instant at which a window of refusal opens or closes; None after the last."""
        instants = [instant for fault in self._active for instant in fault.changes_ms()]
        now_ms = self._now() if instants else 0
        return min((instant for instant in instants if instant > now_ms), default=None)

    def _refusing(self, now_ms: int) -> ActiveFault | None:
        return next((fault for fault in self._active if fault.is_refusing(now_ms)), None)
