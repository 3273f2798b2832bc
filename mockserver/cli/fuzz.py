"""`mockserver fuzz`: a client is given any reply, and the smallest that breaks it is found."""

from __future__ import annotations

import os
import secrets
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mockserver import resources
from mockserver.cli.exercise_options import checked_codes, checked_deadline
from mockserver.cli.options import completing, json_option, operation_names
from mockserver.cli.stopping import interruption, signals

if TYPE_CHECKING:
    from mockserver.cli.fuzz_view import Fuzzed
    from mockserver.exercise.fuzz import FuzzPlan, Servers, Tried
    from mockserver.exercise.trial import Trial

_MOST_JOBS = 8
_FILE = "broken-reply.yaml"
_MOST_SEED = 2**32 - 1


@click.command(
    name="fuzz",
    context_settings={"allow_interspersed_args": False},
    epilog="""\b
Examples:
  mockserver fuzz -- python client.py {url} {job_id}
  mockserver fuzz --operation download -- ./client --port {port} {model}
  mockserver fuzz --examples 1000 --seed 7 -o crash.yaml -- npm run status

\b
In the arguments, {url}, {host}, {port}, {job_id} and {model} are replaced; {{ is a brace. The
command also finds MOCKSERVER_URL, MOCKSERVER_JOB_ID and MOCKSERVER_MODEL in its environment.
Let its pauses between requests be short: a reply that is wrong is given to each of them.""",
)
@click.option(
    "--operation",
    metavar="ID",
    default="job_status",
    show_default=True,
    shell_complete=completing(operation_names),
    help="Whose replies are strange: job_status, list_status or download.",
)
@click.option(
    "--edition",
    metavar="EDITION",
    is_eager=True,
    shell_complete=completing(lambda _: resources.edition_names()),
    help=f"The documented API to hold to: {', '.join(resources.edition_names())}. Without it, "
    f"{resources.DEFAULT_EDITION}, or the newest that has the operation.",
)
@click.option(
    "--examples",
    metavar="N",
    type=click.IntRange(1, 100_000),
    default=200,
    show_default=True,
    help="How many replies to try.",
)
@click.option(
    "--seed",
    metavar="N",
    type=click.IntRange(0, _MOST_SEED),
    help="Which replies they are, the same for any --jobs. Another seed each time unless given.",
)
@click.option(
    "--deadline",
    metavar="DURATION",
    default="10s",
    show_default=True,
    callback=checked_deadline,
    help="How much real time the command has for each reply; beyond it, it hangs.",
)
@click.option(
    "-j",
    "--jobs",
    metavar="N",
    type=click.IntRange(1, 100),
    help=f"How many runs at a time.  [default: as many as there are CPUs, at most {_MOST_JOBS}]",
)
@click.option(
    "--success-exit",
    metavar="CODES",
    default="0",
    show_default=True,
    callback=checked_codes,
    help="The exit codes by which the command says that it has a result, such as 0,3.",
)
@click.option(
    "--strict",
    is_flag=True,
    help="Let no result pass for a reply that is wrong, also where the command reads nothing of "
    "what is wrong, or where many readers of JSON are lenient.",
)
@click.option(
    "-o",
    "--output",
    metavar="FILE",
    type=click.Path(dir_okay=False),
    help=f"Where to save the reply that breaks it, as a timeline.  [default: {_FILE}, or the next "
    "number where that is taken]",
)
@json_option
@click.argument("client", metavar="-- COMMAND [ARG]...", nargs=-1, type=click.UNPROCESSED)
def command(client: tuple[str, ...], output: str | None, **options: Any) -> None:
    """Give a client many replies, most of them strange, and find the smallest that breaks it.

    Each run of the command hears one reply: valid, surprising, one that breaks the contract, no
    JSON at all, or a refusal. After a valid reply, the next poll hears that the job is completed.
    It has to end with a success exit code for valid replies, unless the job has failed, and with
    another one, but without a crash, for those that are wrong. Its exit code and its standard
    output are compared with those for the same reply without what is wrong: where they are the
    same, it does not read that, which is no mistake.

    The smallest reply that breaks it is shown, and saved as a timeline for `mockserver serve`.

    Exit 0 when it survived, 1 when it is broken, 2 when it cannot be run.
    """
    from mockserver.cli.exercise_plan import check_command
    from mockserver.cli.fuzz_view import echo_json_of, echo_words
    from mockserver.exercise.command import WITHOUT_TOKEN, check_placeholders
    from mockserver.exercise.fuzz import replies

    if not client:
        raise click.UsageError("no command: mockserver fuzz [OPTIONS] -- COMMAND [ARG]...")
    check_placeholders(client, WITHOUT_TOKEN)
    check_command(client)
    if output is not None and Path(output).exists():
        raise click.UsageError(f"{output} exists already; name another file, or remove it")
    plan = _plan(client, options)
    jobs = options["jobs"] or min(_MOST_JOBS, os.cpu_count() or 1)
    with interruption() as stop:
        with stop.held():
            trials = replies(plan, stop.check)
        fuzzed = _fuzz(plan, trials, jobs)
    path = None if fuzzed.tried is None else _saved(fuzzed, output)
    (echo_json_of if options["as_json"] else echo_words)(fuzzed, path)
    if not fuzzed.is_whole:
        click.echo("interrupted", err=True)
        sys.exit(130)
    sys.exit(0 if fuzzed.tried is None else 1)


def _plan(client: tuple[str, ...], options: dict[str, Any]) -> FuzzPlan:
    from mockserver.exercise.fuzz import FuzzPlan
    from mockserver.exercise.trials import edition_with

    operation, edition, seed = options["operation"], options["edition"], options["seed"]
    if edition is None:
        edition = edition_with(operation, resources.DEFAULT_EDITION)
    return FuzzPlan(
        client,
        operation,
        edition,
        options["examples"],
        secrets.randbelow(_MOST_SEED) if seed is None else seed,
        options["deadline"],
        options["success_exit"],
        options["strict"],
    )


def _fuzz(plan: FuzzPlan, trials: tuple[Trial, ...], jobs: int) -> Fuzzed:
    """Try all, and make the first that breaks the command smaller."""
    from mockserver.cli.fuzz_view import Fuzzed
    from mockserver.exercise.fuzz import Servers, Smaller, Stopped

    with Servers(plan.edition) as servers:
        done, is_whole = _tried(plan, trials, servers, jobs)
        first = next((number for number, one in enumerate(done, 1) if one.broken), None)
        if first is None or not is_whole:
            tried = None if first is None else done[first - 1]
            return Fuzzed(plan, tried, len(done), first or 0, is_whole=is_whole)
        smaller = Smaller(plan, servers, done[:first])
        try:
            with signals(smaller.stop):
                smaller.search()
        except Stopped:
            is_whole = False
        return Fuzzed(plan, smaller.best, len(done), first, is_whole=is_whole)


def _tried(
    plan: FuzzPlan, trials: tuple[Trial, ...], servers: Servers, jobs: int
) -> tuple[list[Tried], bool]:
    """What was tried, in order, up to the first that breaks it; and whether that is all of it."""
    from mockserver.cli.fuzz_view import progress
    from mockserver.exercise.fuzz import try_out
    from mockserver.exercise.worker_pool import TaskDone, WorkerPool

    done: dict[int, Tried] = {}
    end = len(trials)
    pool = WorkerPool(trials, lambda trial, start: try_out(trial, plan, servers, start), jobs)
    with signals(pool.stop), progress(len(trials)) as advance, pool:
        for event in pool.events():
            if not isinstance(event, TaskDone):
                continue
            done[event.place] = event.result
            advance()
            if event.result.broken is not None:
                end = min(end, event.place + 1)
            if all(place in done for place in range(end)):
                break
    is_whole = all(place in done for place in range(end))
    return [done[place] for place in sorted(done) if place < end], is_whole


def _saved(fuzzed: Fuzzed, output: str | None) -> str:
    from mockserver import files

    path = Path(output) if output is not None else _free(Path(_FILE))
    files.write_all({path: fuzzed.timeline})
    return str(path)


def _free(path: Path) -> Path:
    """This path, or the first with a number that is not taken."""
    number, free = 1, path
    while free.exists():
        number += 1
        free = path.with_stem(f"{path.stem}-{number}")
    return free
