"""A command is given any reply: what it did with each, and the smallest reply that breaks it."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

from mockserver.api.operations import JOB_STATUS
from mockserver.documents.text import clipped
from mockserver.errors import MockServerError, visible
from mockserver.exercise.child_process import ChildProcess
from mockserver.exercise.command import Outcome, environment_of, fill, outcome_of, values_of
from mockserver.exercise.fuzz_case import ClientEnd, FuzzCase, FuzzFailure
from mockserver.exercise.fuzz_server import JOB_ID, MODEL, FuzzTarget, ServerPool, failure_in
from mockserver.exercise.fuzz_strategy import fuzz_cases, smallest_failure
from mockserver.exercise.runner import KEPT_OUTPUT, Start
from mockserver.server.mock_server import MockServer
from mockserver.strategies.search import drawn

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


class FuzzRun(NamedTuple):
    """A case, and how it breaks the command, if it does."""

    case: FuzzCase
    failure: FuzzFailure | None

    @property
    def stderr(self) -> str:
        """The last that a command printed which was broken."""
        return "" if self.failure is None else self.failure.end.stderr


def cases_of(plan: FuzzPlan, check: Callable[[], None] = lambda: None) -> tuple[FuzzCase, ...]:
    """The cases, which follow from the plan alone. Raises UnknownName.

    `check` is called again and again meanwhile, and ends it by raising KeyboardInterrupt.
    """
    return drawn(fuzz_cases(plan.target), number=plan.examples, seed=plan.seed, check=check)


def perform_case(
    case: FuzzCase, plan: FuzzPlan, servers: ServerPool, start: Start
) -> FuzzRun | None:
    """Run the command on a case; None when it was not to be started. Raises CannotStart."""
    with servers.lent() as server, suppress(Stopped):
        run = partial(_run, plan, server, start)
        return FuzzRun(case, failure_in(case, server, run, strict=plan.strict))
    return None


def _run(plan: FuzzPlan, server: MockServer, start: Start) -> ClientEnd:
    """How the command ended, which was asked whatever the server gives now. Raises Stopped."""
    values = values_of(server.url, JOB_ID, MODEL)
    child = start(fill(plan.command, values), environment_of(values, "fuzz"))
    if child is None:
        raise Stopped
    code = child.wait(plan.deadline_s)
    stdout = child.stdout.kept.replace(server.url.encode(), b"{url}")
    stderr = child.stderr.kept.decode("utf-8", "replace").replace("\r\n", "\n")[-KEPT_OUTPUT:]
    outcome = outcome_of(code, stderr, plan.success_codes)
    match outcome.kind:
        case "hang":
            return ClientEnd("hang", words=f"no end after {plan.deadline_s:g} s", stderr=stderr)
        case "crash":
            why = outcome.why or str(outcome)
            cause = why.partition(":")[0]
            return ClientEnd("crash", words=_clipped(why), cause=cause, stderr=stderr)
        case "failure":
            return ClientEnd("error", words=_said(outcome, stderr), stderr=stderr)
        case "success":
            said = _said(outcome, stdout.decode("utf-8", "replace"))
            return ClientEnd("result", (code, stdout), said, stderr=stderr)


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
        self.best = next(run for run in runs if run.failure is not None)
        self._hangs = 0
        self._child: ChildProcess | None = None
        self._is_over = False

    def search(self) -> None:
        """Find the smallest, which is the `best` then. Raises Stopped, with the best so far."""
        plan = self._plan
        found = smallest_failure(
            plan.target, self._examine, plan.examples, plan.seed, most_steps=_MOST_STEPS
        )
        if found is not None:
            self.best = self._known[found.example]

    def stop(self) -> None:
        self._is_over = True
        if self._child is not None:
            self._child.cancel()

    def _examine(self, case: FuzzCase) -> FuzzFailure | None:
        if self._is_over:
            raise Stopped
        if case in self._known:
            return self._known[case].failure
        if self._hangs >= _MOST_HANGS:
            return None
        run = perform_case(case, self._plan, self._servers, self._start)
        if run is None or self._is_over:
            raise Stopped
        self._known[case] = run
        assert self.best.failure is not None
        if run.failure is not None and run.failure.signature == self.best.failure.signature:
            self._hangs += run.failure.kind == "hang"
            self.best = min(self.best, run, key=lambda each: len(each.case.reply.body))
        return run.failure

    def _start(self, command: Sequence[str], environment: Mapping[str, str]) -> ChildProcess | None:
        if self._is_over:
            return None
        self._child = child = ChildProcess(command, environment, KEPT_OUTPUT)
        if self._is_over:  # it came while the command was being started
            child.cancel()
        return child
