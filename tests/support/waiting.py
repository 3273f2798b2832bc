"""Threads whose results a test waits for, and a clock that says who waits for it."""

import threading
from collections.abc import Callable
from functools import partial
from typing import Any

from mockserver.timeline.clock import WallClock
from mockserver.timeline.model import FLOATING_EPOCH_MS
from support.raw import DEADLINE_S


class WatchedClock(WallClock):
    """A wall clock that says when somebody begins and when somebody ends to wait for it."""

    def __init__(self) -> None:
        super().__init__(FLOATING_EPOCH_MS)
        self.begun, self.ended = threading.Semaphore(0), threading.Semaphore(0)

    def subscribe(self, subscriber: Callable[[], None]) -> Callable[[], None]:
        unsubscribe = super().subscribe(subscriber)
        self.begun.release()

        def unsubscribe_and_say() -> None:
            unsubscribe()
            self.ended.release()

        return unsubscribe_and_say

    def is_waited_for(self) -> bool:
        """Whether somebody more begins to wait, soon."""
        return self.begun.acquire(timeout=DEADLINE_S)


def in_thread(work: Callable[[], object]) -> tuple[threading.Thread, list[object]]:
    """A thread that does it, and where its result or its error will be."""
    found: list[object] = []

    def run() -> None:
        try:
            found.append(work())
        except Exception as error:
            found.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    return thread, found


def together(number: int, work: Callable[[int], Any]) -> list[Any]:
    """What `work` gives for 0, 1, … in so many threads at once; raises what one of them raised."""
    start = threading.Barrier(number)

    def run(index: int) -> object:
        start.wait(DEADLINE_S)
        return work(index)

    results = []
    for thread, found in [in_thread(partial(run, index)) for index in range(number)]:
        thread.join(DEADLINE_S)
        assert not thread.is_alive()
        results += found
    for error in results:
        if isinstance(error, Exception):
            raise error
    return results


def run_together(number: int, work: Callable[[int], object]) -> None:
    """Call `work` with 0, 1, … in so many threads at once."""
    start = threading.Barrier(number)
    failures: list[Exception] = []

    def run(index: int) -> None:
        start.wait(DEADLINE_S)
        try:
            work(index)
        except Exception as error:
            failures.append(error)

    threads = [threading.Thread(target=run, args=(index,)) for index in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(DEADLINE_S)
    assert not any(thread.is_alive() for thread in threads)
    assert failures == []
