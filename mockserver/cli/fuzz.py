"""`mockserver fuzz`: a client is given any reply, and the smallest that breaks it is found."""

from __future__ import annotations

import secrets
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain, count
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mockserver import files, resources
from mockserver.api.operations import JOB_STATUS
from mockserver.cli.options import clients, common
from mockserver.cli.options.groups import click_command, option
from mockserver.cli.signals import interruption, stopped_by_signals
from mockserver.cli.views.output import progress
from mockserver.exercise.fuzz_case import FuzzCase

if TYPE_CHECKING:
    from mockserver.cli.views.fuzzing import FuzzResult
    from mockserver.exercise.fuzz import FuzzPlan, FuzzRun
    from mockserver.exercise.fuzz_server import ServerPool

_FILE = "broken-reply.yaml"
_MOST_SEED = 2**32 - 1


@dataclass(frozen=True, slots=True)
class FuzzOptions(clients.ClientOptions):
    deadline: float = clients.deadline_option("10s", "reply; beyond it, it hangs.")
    success_exit: frozenset[int] = clients.success_exit_option("it has a result")
    operation: str = option(
        "--operation ID",
        "Whose replies are strange: job_status, list_status or download.",
        default=JOB_STATUS.id,
        shell_complete=common.operation_names,
    )
    edition: str | None = common.edition_option(
        f"The documented API to hold to: {common.EDITIONS}. Without it, "
        f"{resources.DEFAULT_EDITION}, or the newest that has the operation.",
        None,
    )
    examples: int = option(
        "--examples N", "How many replies to try.", click.IntRange(1, 100_000), default=200
    )
    seed: int | None = option(
        "--seed N",
        "Which replies they are, the same for any --jobs. Another seed each time unless given.",
        click.IntRange(0, _MOST_SEED),
    )
    strict: bool = option(
        "--strict",
        "Let no result pass for a reply that is wrong, also where the command reads nothing "
        "of what is wrong, or where many readers of JSON are lenient.",
    )
    output: str | None = option(
        "-o --output FILE",
        f"Where to save the reply that breaks it, as a timeline.  [default: {_FILE}, or the "
        "next number where that is taken]",
        click.Path(dir_okay=False),
    )
    as_json: bool = common.json_option()

    def plan(self, client: tuple[str, ...]) -> FuzzPlan:
        from mockserver.exercise.fuzz import FuzzPlan
        from mockserver.exercise.fuzz_strategy import edition_with

        return FuzzPlan(
            client,
            operation=self.operation,
            edition=self.edition or edition_with(self.operation, resources.DEFAULT_EDITION),
            examples=self.examples,
            seed=secrets.randbelow(_MOST_SEED) if self.seed is None else self.seed,
            deadline_s=self.deadline,
            success_codes=self.success_exit,
            strict=self.strict,
        )


@click_command("fuzz", context_settings={"allow_interspersed_args": False})
def command(options: FuzzOptions, client: tuple[str, ...] = clients.client_argument()) -> None:
    """Give a client many replies, most of them strange, and find the smallest that breaks it.

    Each run of the command hears one reply: valid, surprising, one that breaks the contract, no
    JSON at all, or a refusal. After a valid reply, the next poll hears that the job is completed.
    It has to end with a success exit code for valid replies, unless the job has failed, and with
    another one, but without a crash, for those that are wrong. Its exit code and its standard
    output are compared with those for the same reply without what is wrong: where they are the
    same, it does not read that, which is no mistake.

    The smallest reply that breaks it is shown, and saved as a timeline for `mockserver serve`.

    Exit 0 when it survived, 1 when it is broken, 2 when it cannot be run.

    Examples:
      mockserver fuzz -- python client.py {url} {job_id}
      mockserver fuzz --operation download -- ./client --port {port} {model}
      mockserver fuzz --examples 1000 --seed 7 -o crash.yaml -- npm run status

    In the arguments, {url}, {host}, {port}, {job_id} and {model} are replaced; {{ is a brace. The
    command also finds MOCKSERVER_URL, MOCKSERVER_JOB_ID and MOCKSERVER_MODEL in its environment.
    Let its pauses between requests be short: a reply that is wrong is given to each of them.
    """
    from mockserver.cli.views.fuzzing import print_result, timeline_of
    from mockserver.exercise.fuzz import cases_of

    clients.check_client("fuzz", client, knows_token=False)
    if options.output is not None and Path(options.output).exists():
        raise click.UsageError(f"{options.output} exists already; name another file, or remove it")
    plan = options.plan(client)
    with interruption() as stop:
        with stop.held():
            cases = cases_of(plan, stop.check)
        result = _fuzz(plan, cases, options.workers)
    path = None
    if result.smallest is not None:
        path = options.output or str(_free(Path(_FILE)))
        files.write_all({Path(path): timeline_of(plan, result.smallest)})
    print_result(result, path, as_json=options.as_json)
    if not result.is_whole:
        raise click.Abort
    sys.exit(0 if result.smallest is None else 1)


def _fuzz(plan: FuzzPlan, cases: Sequence[FuzzCase], workers: int) -> FuzzResult:
    from mockserver.cli.views.fuzzing import FuzzResult
    from mockserver.exercise.fuzz import Shrinking, Stopped
    from mockserver.exercise.fuzz_server import ServerPool

    with ServerPool(plan.edition) as servers:
        done, is_whole = _tried(plan, cases, servers, workers)
        first = next((number for number, tried in enumerate(done, 1) if tried.failure), None)
        if first is None or not is_whole:
            tried = None if first is None else done[first - 1]
            return FuzzResult(plan, tried, len(done), first or 0, is_whole=is_whole)
        shrinking = Shrinking(plan, servers, done[:first])
        try:
            with stopped_by_signals(shrinking.stop):
                shrinking.search()
        except Stopped:
            is_whole = False
        return FuzzResult(plan, shrinking.best, len(done), first, is_whole=is_whole)


def _tried(
    plan: FuzzPlan, cases: Sequence[FuzzCase], servers: ServerPool, workers: int
) -> tuple[list[FuzzRun], bool]:
    """What was tried, in order, up to the first that breaks it; and whether that is all of it."""
    from mockserver.exercise.fuzz import perform_case
    from mockserver.exercise.worker_pool import WorkerPool

    done: dict[int, FuzzRun] = {}
    end = len(cases)
    pool = WorkerPool(cases, lambda case, start: perform_case(case, plan, servers, start), workers)
    with stopped_by_signals(pool.stop), progress(is_counted=True) as bars, pool:
        for place, run in pool.events():
            if run is None:
                continue
            done[place] = run
            bars.show("replies", "replies", done=len(done), total=len(cases))
            if run.failure is not None:
                end = min(end, place + 1)
            if done.keys() >= set(range(end)):
                break
    tried = [done[place] for place in sorted(done) if place < end]
    return tried, len(tried) == end


def _free(path: Path) -> Path:
    """This path, or the first with a number that is not taken."""
    numbered = (path.with_stem(f"{path.stem}-{number}") for number in count(2))
    return next(free for free in chain([path], numbered) if not free.exists())
