"""`mockserver exercise`: a client run once for each incident, and what it did wrong."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mockserver.cli.exercise_options import (
    checked_codes,
    checked_deadline,
    checked_expectations,
    checked_reports,
    checked_rules,
    rule_names,
)
from mockserver.cli.options import (
    checked_speed,
    checked_step,
    checked_token,
    completing,
    echo_json,
    edition_option,
    folder_option,
    json_option,
    timeline_names,
)
from mockserver.cli.stopping import signals

if TYPE_CHECKING:
    from mockserver.exercise.incident import Incident
    from mockserver.exercise.runner import ExercisePlan
    from mockserver.findings.report import Case, ExerciseReport
    from mockserver.timeline.model import Ends

_MOST_JOBS = 8


@click.command(
    name="exercise",
    context_settings={"allow_interspersed_args": False},
    epilog="""\b
Examples:
  mockserver exercise -- python client.py {url} {model}
  mockserver exercise --timeline healthy --timeline paused-for-ever -- ./client --port {port}
  mockserver exercise --deadline 20s --report out.html --report out.xml -- npm run download
  mockserver exercise --expect forgotten-job=failure --allow asked-too-often -- ./client {url}
  mockserver exercise --list

\b
In the arguments, {url}, {host}, {port}, {job_id}, {model} and {token} are replaced; {{ is a brace.
The command also finds MOCKSERVER_URL, MOCKSERVER_JOB_ID, MOCKSERVER_MODEL, MOCKSERVER_TOKEN and
MOCKSERVER_INCIDENT in its environment. A client that gets the model asks for it by POST; one that
gets the job's id may poll at once.""",
)
@click.option(
    "--timeline",
    "timelines",
    metavar="NAME",
    multiple=True,
    shell_complete=completing(timeline_names),
    help="An incident: a bundled timeline, one of your own, or a file. May be repeated. Without "
    "it, all bundled ones, and those of --folder.",
)
@folder_option
@click.option(
    "--clock",
    type=click.Choice(["poll", "wall"]),
    default="poll",
    show_default=True,
    help="What moves time on: each status request, so that every run is the same; or time itself.",
)
@click.option(
    "--step",
    metavar="DURATION",
    callback=checked_step,
    help="With a poll clock, how far each status request moves it.  [default: 1s, or more in a "
    "timeline of over 30 s, so that some 30 polls play it]",
)
@click.option(
    "--speed",
    metavar="NUMBER",
    type=float,
    callback=checked_speed,
    help="With a wall clock, virtual seconds for each real one.",
)
@edition_option(default=None, help_="Which edition to answer as. Without it, the timelines' own.")
@click.option(
    "--token",
    metavar="TOKEN",
    envvar="MOCKSERVER_TOKEN",
    callback=checked_token,
    help="Answer 401 to requests that do not bear this API token.  [env: MOCKSERVER_TOKEN]",
)
@click.option(
    "--with-download/--without-download",
    default=True,
    show_default=True,
    help="Answer POST, which starts a download, also in an edition without it.",
)
@click.option(
    "--deadline",
    metavar="DURATION",
    default="60s",
    show_default=True,
    callback=checked_deadline,
    help="How much real time the command has for each incident.",
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
    help="The exit codes by which the command says that the model is there, such as 0,3.",
)
@click.option(
    "--expect",
    metavar="INCIDENT=END",
    multiple=True,
    callback=checked_expectations,
    help="How it has to end in one incident, whatever the timeline says: success, failure or "
    "either. May be repeated.",
)
@click.option(
    "--allow",
    metavar="RULE",
    multiple=True,
    callback=checked_rules,
    shell_complete=completing(rule_names),
    help="A rule that the client may break. May be repeated.",
)
@click.option(
    "--fail-on",
    type=click.Choice(["error", "warning"]),
    default="error",
    show_default=True,
    help="What fails an incident.",
)
@click.option(
    "--report",
    "reports",
    metavar="FILE",
    multiple=True,
    callback=checked_reports,
    help="Write a report; .json, .xml (JUnit) or .html says which. May be repeated.",
)
@json_option
@click.option("--show-output", is_flag=True, help="Show what the command printed where it failed.")
@click.option("--list", "list_only", is_flag=True, help="List the incidents, and run nothing.")
@click.argument("client", metavar="-- COMMAND [ARG]...", nargs=-1, type=click.UNPROCESSED)
def command(
    timelines: tuple[str, ...],
    folder: str | None,
    expect: Mapping[str, Ends],
    client: tuple[str, ...],
    list_only: bool,
    **options: Any,
) -> None:
    """Run a client once for each incident, and say what it did wrong.

    Each run has a mock server of its own, which plays one timeline: a download that stalls, a
    server that restarts, a job that is forgotten. The requests are judged, and the exit code is
    held against how a good client ends there. What the command prints is kept, its input is empty,
    and what it started is ended when its run is over, unless it hides from its own environment.

    Exit 0 when all is as expected, 1 when it is not, 2 when the command cannot be run, 130 when it
    was interrupted.
    """
    from mockserver.cli.exercise_plan import incidents_of, plan_of
    from mockserver.cli.exercise_view import echo_list

    incidents = incidents_of(timelines, folder, expect)
    if list_only:
        echo_list(incidents, as_json=options["as_json"])
        return
    if not client:
        raise click.UsageError("no command: mockserver exercise [OPTIONS] -- COMMAND [ARG]...")
    if options["clock"] == "poll" and options["speed"] is not None:
        raise click.UsageError("--speed does nothing without --clock wall")
    if options["clock"] == "wall" and options["step"] is not None:
        raise click.UsageError("--step does nothing with --clock wall")
    sys.exit(_exercise(incidents, plan_of(incidents, client, options), options))


def _exercise(incidents: Sequence[Incident], plan: ExercisePlan, options: Mapping[str, Any]) -> int:
    """Run everything, say what came of it, and give the exit code."""
    from mockserver.cli.check_view import echo_report
    from mockserver.exercise.runner import report_of
    from mockserver.report.json import as_dict

    began_at = datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    began_s = time.monotonic()
    jobs = options["jobs"] or min(_MOST_JOBS, os.cpu_count() or 1)
    cases = _cases(incidents, plan, jobs)
    report = report_of(
        plan,
        cases,
        seconds=time.monotonic() - began_s,
        began_at=began_at,
        not_run=_not_run(incidents, cases),
    )
    try:  # first: what is shown may find nobody to read it
        _write(options["reports"], report)
    finally:
        if options["as_json"]:
            echo_json(as_dict(report))
        else:
            echo_report(report, shows_output=options["show_output"])
    if not report.is_whole:
        click.echo("interrupted", err=True)
        return 130
    return 1 if report.failed else 0


def _cases(incidents: Sequence[Incident], plan: ExercisePlan, jobs: int) -> list[Case]:
    """What has ended, in the order of the incidents; all of it unless a signal came."""
    from mockserver.cli.exercise_view import progress
    from mockserver.exercise.runner import perform
    from mockserver.exercise.worker_pool import TaskDone, WorkerPool

    ended: dict[int, Case] = {}
    pool = WorkerPool(incidents, lambda incident, start: perform(incident, plan, start), jobs)
    with signals(pool.stop), progress(len(incidents)) as view, pool:
        for event in pool.events():
            if isinstance(event, TaskDone):
                ended[event.place] = event.result
                view.ended(event.result)
            else:
                view.began(incidents[event.place].name)
    return [ended[place] for place in sorted(ended)]


def _not_run(incidents: Sequence[Incident], cases: Sequence[Case]) -> list[str]:
    ended = {case.name for case in cases}
    return [one.name for one in incidents if one.name not in ended]


def _write(paths: Sequence[str], report: ExerciseReport) -> None:
    from mockserver import files

    texts = {Path(path): _written(path, report) for path in paths}
    files.write_all(texts)
    for path in paths:
        with suppress(OSError):
            click.echo(f"wrote {path}", err=True)


def _written(path: str, report: ExerciseReport) -> str:
    from mockserver.report.formats import format_of

    found = format_of(path)
    assert found is not None
    return found.render(report)
