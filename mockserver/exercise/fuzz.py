"""A command is given any reply: what it did with each, and the smallest reply that breaks it."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mockserver.documents.text import clipped
from mockserver.errors import MockServerError, visible
from mockserver.exercise.child_process import ChildProcess
from mockserver.exercise.command import environment_of, fill, values_of
from mockserver.exercise.outcome import Outcome, outcome_of
from mockserver.exercise.runner import KEPT_OUTPUT, Start
from mockserver.exercise.served import JOB_ID, MODEL, served, server_of
from mockserver.exercise.survival import Break, End, break_of
from mockserver.exercise.trial import Trial
from mockserver.exercise.trials import Subject, trials
from mockserver.server.mock_server import MockServer
from mockserver.strategies.search import Found, drawn, search

if TYPE_CHECKING:
    from typing import Self

__all__ = ["FuzzPlan", "Servers", "Smaller", "Stopped", "Tried", "replies", "subject_of", "try_out"]

_MOST_STEPS = 100
_MOST_HANGS = 3
_SHOWN = 200


class Stopped(MockServerError):
    """It was told to stop."""

    def __init__(self) -> None:
        super().__init__("interrupted")


@dataclass(frozen=True, slots=True)
class FuzzPlan:
    """The command, what it asks for, and how many replies it is given."""

    command: tuple[str, ...]
    operation: str = "job_status"
    edition: str = "2025-10"
    examples: int = 200
    seed: int = 0
    deadline_s: float = 10.0
    success_codes: frozenset[int] = frozenset({0})
    strict: bool = False


@dataclass(frozen=True, slots=True)
class Tried:
    """A trial, and how it breaks the command, if it does. `stderr` is the last that it printed."""

    trial: Trial
    broken: Break | None
    stderr: str = ""


def subject_of(plan: FuzzPlan) -> Subject:
    """What is asked for; the command knows the id."""
    return Subject(plan.operation, plan.edition, JOB_ID, strict=plan.strict)


def replies(plan: FuzzPlan, check: Callable[[], None] = lambda: None) -> tuple[Trial, ...]:
    """The trials, which follow from the plan alone. Raises UnknownName.

    `check` is called again and again meanwhile, and ends it by raising KeyboardInterrupt.
    """
    return drawn(trials(subject_of(plan)), number=plan.examples, seed=plan.seed, check=check)


class Servers:
    """As many servers as are needed at a time, each for one command after another."""

    def __init__(self, edition: str) -> None:
        self._edition = edition
        self._idle: queue.SimpleQueue[MockServer] = queue.SimpleQueue()
        self._stack = ExitStack()
        self._lock = threading.Lock()

    def take(self) -> MockServer:
        try:
            return self._idle.get_nowait()
        except queue.Empty:
            server = server_of(self._edition)
            with self._lock:
                return self._stack.enter_context(server)

    def give_back(self, server: MockServer) -> None:
        self._idle.put(server)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()


def try_out(trial: Trial, plan: FuzzPlan, servers: Servers, start: Start) -> Tried | None:
    """Run the command on a trial; None when it was not to be started any more.

    Raises CannotStart.
    """
    server = servers.take()
    try:
        ended = _end(trial, plan, server, start)
        if ended is None:
            return None
        end, stderr = ended

        def repaired() -> End:
            other = _end(trial.repaired(), plan, server, start)
            if other is None:
                raise Stopped
            return other[0]

        try:
            broken = break_of(trial, end, repaired, strict=plan.strict)
        except Stopped:
            return None
        return Tried(trial, broken, stderr)
    finally:
        servers.give_back(server)


def _end(trial: Trial, plan: FuzzPlan, server: MockServer, start: Start) -> tuple[End, str] | None:
    """How the command ended, and the end of its standard error."""
    values = values_of(server.url, JOB_ID, MODEL)
    with served(server, trial) as given:
        child = start(fill(plan.command, values), environment_of(values, "fuzz"))
        if child is None:
            return None
        code = child.wait(plan.deadline_s)
        stdout, stderr = child.stdout.bytes(), child.stderr.bytes()
        text = stderr.decode("utf-8", "replace").replace("\r\n", "\n")[-KEPT_OUTPUT:]
        outcome = outcome_of(code, text, plan.success_codes)
        end = _as_end(outcome, stdout.replace(server.url.encode(), b"{url}"), plan, text)
        return given.observed(end), text


def _as_end(outcome: Outcome, stdout: bytes, plan: FuzzPlan, stderr: str) -> End:
    match outcome.kind:
        case "hang":
            return End("hang", words=f"no end after {plan.deadline_s:g} s")
        case "crash":
            why = outcome.why or str(outcome)
            return End("crash", words=_clipped(why), likeness=why.partition(":")[0])
        case "failure":
            return End("error", words=_said(outcome, stderr))
        case "success":
            said = stdout.decode("utf-8", "replace")
            return End("result", (outcome.exit_code, stdout), _said(outcome, said))


def _said(outcome: Outcome, output: str) -> str:
    lines = [line for line in output.splitlines() if line.strip()]
    last = f', and it said "{_clipped(lines[-1].strip())}"' if lines else ""
    return f"exit {outcome.exit_code}{last}"


def _clipped(text: str) -> str:
    return clipped(visible(text), _SHOWN)


class Smaller:
    """Makes the trial that breaks the command smaller, one run after another.

    `stop` ends the run that goes on, and the search with it; safe to call in a signal's handler.
    """

    def __init__(self, plan: FuzzPlan, servers: Servers, tried: Sequence[Tried]) -> None:
        self._plan, self._servers = plan, servers
        self._known = {one.trial: one for one in tried}
        first = next(one for one in tried if one.broken is not None)
        assert first.broken is not None
        self._likeness = first.broken.likeness
        self.best = first
        self._hangs = 0
        self._child: ChildProcess | None = None
        self._is_over = False

    def search(self) -> Found[Trial, Break] | None:
        """The smallest, which is the `best` then. Raises Stopped, with the best so far kept."""
        found = search(
            trials(subject_of(self._plan)),
            self._examine,
            number=self._plan.examples,
            seed=self._plan.seed,
            alike=lambda broken: broken.likeness,
            most_steps=_MOST_STEPS,
        )
        if found is not None:
            self.best = self._known[found.example]
        return found

    def stop(self) -> None:
        self._is_over = True
        if self._child is not None:
            self._child.cancel()

    def _examine(self, trial: Trial) -> Break | None:
        if self._is_over:
            raise Stopped
        if trial not in self._known:
            if self._hangs >= _MOST_HANGS:
                return None
            tried = try_out(trial, self._plan, self._servers, self._start)
            if tried is None or self._is_over:
                raise Stopped
            self._known[trial] = tried
            self._note(tried)
        return self._known[trial].broken

    def _note(self, tried: Tried) -> None:
        broken = tried.broken
        if broken is None or broken.likeness != self._likeness:
            return
        self._hangs += broken.kind == "hang"
        if len(tried.trial.answer.body) < len(self.best.trial.answer.body):
            self.best = tried

    def _start(self, command: Sequence[str], environment: Mapping[str, str]) -> ChildProcess | None:
        if self._is_over:
            return None
        self._child = child = ChildProcess(command, environment, KEPT_OUTPUT)
        if self._is_over:  # it came while the command was being started
            child.cancel()
        return child
