"""Several commands at a time, all of which end when they are told to."""

import queue
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Generic, Self, TypeVar
from weakref import WeakSet

from mockserver.exercise.child_process import ChildProcess
from mockserver.exercise.runner import KEPT_OUTPUT, Start

_Task = TypeVar("_Task")
_Result = TypeVar("_Result")

_SPARE = 1024
"""Bytes kept beyond what is shown, so that a token at its beginning is whole."""
_TICK_S = 0.2


class WorkerPool(Generic[_Task, _Result]):
    """Performs each task by the commands that it starts, `jobs` at a time and in their order.

    `perform` gives None when it was not to start a command any more. Leaving the pool ends every
    command that still runs, and waits for that.
    """

    def __init__(
        self, tasks: Sequence[_Task], perform: Callable[[_Task, Start], _Result | None], jobs: int
    ) -> None:
        self._tasks, self._perform = tasks, perform
        self._lock = threading.Lock()
        self._is_over = False
        self._running = WeakSet[ChildProcess]()
        # It can be put into also by a signal's handler, whatever that has interrupted.
        self._events: queue.SimpleQueue[tuple[int, _Result | None] | BaseException | None]
        self._events = queue.SimpleQueue()
        self._executor = ThreadPoolExecutor(jobs, "exercise")

    def events(self) -> Iterator[tuple[int, _Result | None]]:
        """The place of each task when it begins, and with its result when it has ended.

        It ends with the last, or when it was stopped. Raises CannotStart, or whatever else has
        ended a task.
        """
        left = len(self._tasks)
        while left and not self._is_over:
            try:
                # A wait without an end can miss a signal that comes just before it.
                event = self._events.get(timeout=_TICK_S)
            except queue.Empty:
                continue
            if event is None:
                return
            if isinstance(event, BaseException):
                raise event
            left -= event[1] is not None
            yield event

    def stop(self) -> None:
        """End `events` after what has happened until now; safe to call in a signal's handler."""
        self._events.put(None)

    def __enter__(self) -> Self:
        for place in range(len(self._tasks)):
            self._executor.submit(self._work, place)
        return self

    def __exit__(self, *_: object) -> None:
        with self._lock:
            self._is_over = True
            for child in self._running:
                child.cancel()
        self._executor.shutdown(cancel_futures=True)

    def _work(self, place: int) -> None:
        self._events.put((place, None))
        try:
            result = self._perform(self._tasks[place], self._start)
        except BaseException as error:
            self._events.put(error)
            return
        if result is not None and not self._is_over:
            self._events.put((place, result))

    def _start(self, command: Sequence[str], environment: Mapping[str, str]) -> ChildProcess | None:
        with self._lock:
            if self._is_over:
                return None
            child = ChildProcess(command, environment, KEPT_OUTPUT + _SPARE)
            self._running.add(child)
            return child
