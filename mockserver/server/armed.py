"""A fault in force: since when, and how often it was met and struck."""

from __future__ import annotations

from mockserver.faults.fault import Fault

__all__ = ["ArmedFault"]


class ArmedFault:
    """A fault that counts requests and reckons its windows from the instant it was armed.

    A timeline's own are armed where it begins. `requests` is how many requests it concerned,
    `strikes` how many of them it befell. Whoever changes it holds the session's lock.
    """

    __slots__ = ("fault", "id", "requests", "since_ms", "strikes")

    def __init__(self, id: int, fault: Fault, since_ms: int) -> None:  # noqa: A002  # what it is
        self.id = id
        self.fault = fault
        self.since_ms = since_ms
        self.requests = 0
        self.strikes = 0

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
