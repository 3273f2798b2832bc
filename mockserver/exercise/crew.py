"""Several runs at a time, all of which end when they are told to."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Generic, TypeVar

from mockserver.exercise.child import Child
from mockserver.exercise.run import KEPT_OUTPUT, Start

if TYPE_CHECKING:
    from typing import Self

__all__ = ["Crew", "Done", "Started"]

_Task = TypeVar("_Task")
_Run = TypeVar("_Run")

_SPARE = 1024
"""Bytes kept beyond what is shown, so that a token at its beginning is whole."""
_TICK_S = 0.2


@dataclass(frozen=True, slots=True)
class Started:
    """A run has begun; `place` is the task's among those of the crew."""

    place: int


@dataclass(frozen=True, slots=True)
class Done(Generic[_Run]):
    """A run has ended."""

    place: int
    run: _Run


class Crew(Generic[_Task, _Run]):
    """Performs each task by the commands that it starts, `jobs` at a time and in their order.

    `perform` gives None when it was not to start a command any more. Leaving the crew ends every
    command that still runs, and waits for that.
    """

    def __init__(
        self, tasks: Sequence[_Task], perform: Callable[[_Task, Start], _Run | None], jobs: int
    ) -> None:
        self._tasks = tasks
        self._perform = perform
        self._lock = threading.Lock()
        self._is_over = False
        self._running: dict[int, Child] = {}
        self._waiting: queue.SimpleQueue[int] = queue.SimpleQueue()
        for place in range(len(tasks)):
            self._waiting.put(place)
        # It can be put into also by a signal's handler, whatever that has interrupted.
        self._told: queue.SimpleQueue[Started | Done[_Run] | BaseException | None]
        self._told = queue.SimpleQueue()
        self._threads = [
            threading.Thread(target=self._work, name=f"exercise:{number}")
            for number in range(min(jobs, len(tasks)))
        ]

    def events(self) -> Iterator[Started | Done[_Run]]:
        """What happens, until all runs have ended, or it was stopped.

        Raises CannotStart, or whatever else has ended a run.
        """
        left = len(self._tasks)
        while left and not self._is_over:
            try:
                # A wait without an end can miss a signal that comes just before it.
                told = self._told.get(timeout=_TICK_S)
            except queue.Empty:
                continue
            if isinstance(told, BaseException):
                raise told
            if told is None:
                return
            left -= isinstance(told, Done)
            yield told

    def stop(self) -> None:
        """End `events` after what it has told; safe to call in a signal's handler."""
        self._told.put(None)

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        with self._lock:
            self._is_over = True
            for child in self._running.values():
                child.cancel()
        for thread in self._threads:
            thread.join()

    def _work(self) -> None:
        while not self._is_over:
            try:
                place = self._waiting.get_nowait()
            except queue.Empty:
                return
            self._told.put(Started(place))
            try:
                run = self._perform(self._tasks[place], partial(self._start, place))
            except BaseException as error:
                self._told.put(error)
                return
            finally:
                with self._lock:
                    self._running.pop(place, None)
            if run is not None and not self._is_over:
                self._told.put(Done(place, run))

    def _start(
        self, place: int, command: Sequence[str], environment: Mapping[str, str]
    ) -> Child | None:
        with self._lock:
            if self._is_over:
                return None
            child = Child(command, environment, KEPT_OUTPUT + _SPARE)
            self._running[place] = child
            return child
