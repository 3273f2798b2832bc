"""A command is given any reply: what it did with each, and the smallest reply that breaks it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

from mockserver.api.operations import JOB_STATUS
from mockserver.documents.text import clipped
from mockserver.errors import MockServerError, visible
from mockserver.exercise.child_process import ChildProcess
from mockserver.exercise.command import environment_of, fill, values_of
from mockserver.exercise.fuzz_case import ClientEnd, FuzzCase, FuzzFailure, failure_of
from mockserver.exercise.fuzz_replies import FuzzTarget
from mockserver.exercise.fuzz_server import JOB_ID, MODEL, ServerPool, serving_case
from mockserver.exercise.fuzz_strategy import fuzz_cases
from mockserver.exercise.outcome import Outcome, outcome_of
from mockserver.exercise.runner import KEPT_OUTPUT, Start
from mockserver.server.mock_server import MockServer
from mockserver.strategies.search import Found, drawn, search

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
    operation: str = JOB_STATUS.id
    edition: str = "2025-10"
    examples: int = 200
    seed: int = 0
    deadline_s: float = 10.0
    success_codes: frozenset[int] = frozenset({0})
    strict: bool = False

    @property
    def target(self) -> FuzzTarget:
        return FuzzTarget(self.operation, self.edition, JOB_ID, strict=self.strict)


@dataclass(frozen=True, slots=True)
class FuzzRun:
    """A case, and how it breaks the command, if it does. `stderr` is the last that it printed."""

    case: FuzzCase
    failure: FuzzFailure | None
    stderr: str = ""


def cases_of(plan: FuzzPlan, check: Callable[[], None] = lambda: None) -> tuple[FuzzCase, ...]:
    """The cases, which follow from the plan alone. Raises UnknownName.

    `check` is called again and again meanwhile, and ends it by raising KeyboardInterrupt.
    """
    return drawn(fuzz_cases(plan.target), number=plan.examples, seed=plan.seed, check=check)


def perform_case(
    case: FuzzCase, plan: FuzzPlan, servers: ServerPool, start: Start
) -> FuzzRun | None:
    """Run the command on a case; None when it was not to be started any more.

    Raises CannotStart.
    """
    with servers.lent() as server, suppress(Stopped):
        end, stderr = _end(case, plan, server, start)

        def repaired() -> ClientEnd:
            return _end(case.repaired(), plan, server, start)[0]

        return FuzzRun(case, failure_of(case, end, repaired, strict=plan.strict), stderr)
    return None


def _end(case: FuzzCase, plan: FuzzPlan, server: MockServer, start: Start) -> tuple[ClientEnd, str]:
    """How the command ended, and the end of its standard error. Raises Stopped."""
    values = values_of(server.url, JOB_ID, MODEL)
    with serving_case(server, case) as observed:
        child = start(fill(plan.command, values), environment_of(values, "fuzz"))
        if child is None:
            raise Stopped
        code = child.wait(plan.deadline_s)
        stdout, stderr = child.stdout.bytes(), child.stderr.bytes()
        text = stderr.decode("utf-8", "replace").replace("\r\n", "\n")[-KEPT_OUTPUT:]
        outcome = outcome_of(code, text, plan.success_codes)
        end = _as_end(outcome, stdout.replace(server.url.encode(), b"{url}"), plan, text)
        return observed(end), text


def _as_end(outcome: Outcome, stdout: bytes, plan: FuzzPlan, stderr: str) -> ClientEnd:
    if outcome.kind == "hang":
        return ClientEnd("hang", words=f"no end after {plan.deadline_s:g} s")
    if outcome.kind == "crash":
        why = outcome.why or str(outcome)
        return ClientEnd("crash", words=_clipped(why), cause=why.partition(":")[0])
    if outcome.kind == "failure":
        return ClientEnd("error", words=_said(outcome, stderr))
    said = _said(outcome, stdout.decode("utf-8", "replace"))
    return ClientEnd("result", (outcome.exit_code, stdout), said)


def _said(outcome: Outcome, output: str) -> str:
    lines = [line for line in output.splitlines() if line.strip()]
    last = f', and it said "{_clipped(lines[-1].strip())}"' if lines else ""
    return f"exit {outcome.exit_code}{last}"


def _clipped(text: str) -> str:
    return clipped(visible(text), _SHOWN)


class Shrinking:
    """Makes the case that breaks the command smaller, one run after another.

    `stop` ends the run that goes on, and the search with it; safe to call in a signal's handler.
    """

    def __init__(self, plan: FuzzPlan, servers: ServerPool, runs: Sequence[FuzzRun]) -> None:
        self._plan, self._servers = plan, servers
        self._known = {run.case: run for run in runs}
        first = next(run for run in runs if run.failure is not None)
        assert first.failure is not None
        self._signature = first.failure.signature
        self.best = first
        self._hangs = 0
        self._child: ChildProcess | None = None
        self._is_over = False

    def search(self) -> Found[FuzzCase, FuzzFailure] | None:
        """The smallest, which is the `best` then. Raises Stopped, with the best so far kept."""
        found = search(
            fuzz_cases(self._plan.target),
            self._examine,
            number=self._plan.examples,
            seed=self._plan.seed,
            alike=lambda failure: failure.signature,
            most_steps=_MOST_STEPS,
        )
        if found is not None:
            self.best = self._known[found.example]
        return found

    def stop(self) -> None:
        self._is_over = True
        if self._child is not None:
            self._child.cancel()

    def _examine(self, case: FuzzCase) -> FuzzFailure | None:
        if self._is_over:
            raise Stopped
        if case not in self._known:
            if self._hangs >= _MOST_HANGS:
                return None
            run = perform_case(case, self._plan, self._servers, self._start)
            if run is None or self._is_over:
                raise Stopped
            self._known[case] = run
            self._note(run)
        return self._known[case].failure

    def _note(self, run: FuzzRun) -> None:
        failure = run.failure
        if failure is None or failure.signature != self._signature:
            return
        self._hangs += failure.kind == "hang"
        if len(run.case.reply.body) < len(self.best.case.reply.body):
            self.best = run

    def _start(self, command: Sequence[str], environment: Mapping[str, str]) -> ChildProcess | None:
        if self._is_over:
            return None
        self._child = child = ChildProcess(command, environment, KEPT_OUTPUT)
        if self._is_over:  # it came while the command was being started
            child.cancel()
        return child
