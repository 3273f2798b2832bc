"""`mockserver exercise`: a client run once for each incident, and what it did wrong."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from mockserver import resources
from mockserver.cli.options import clients, common, servers, values
from mockserver.cli.options.groups import click_command, option
from mockserver.cli.signals import stopped_by_signals
from mockserver.cli.views.output import progress
from mockserver.client_rules.context import ClockKind
from mockserver.errors import UnknownName, visible
from mockserver.findings.finding import Severity
from mockserver.findings.report import Case, ExerciseReport
from mockserver.timeline.find import find

if TYPE_CHECKING:
    from mockserver.exercise.incident import Incident
    from mockserver.exercise.runner import ExercisePlan
    from mockserver.timeline.model import Ends


@dataclass(frozen=True, slots=True)
class _IncidentOptions:
    timelines: tuple[str, ...] = option(
        "--timeline NAME",
        "An incident: a bundled timeline, one of your own, or a file. May be repeated. "
        "Without it, all bundled ones, and those of --folder.",
        multiple=True,
        shell_complete=common.timeline_names,
    )
    folder: str | None = common.folder_option()
    expect: tuple[tuple[str, Ends], ...] = option(
        "--expect INCIDENT=END",
        "How it has to end in one incident, whatever the timeline says: success, failure or "
        "either. May be repeated.",
        values.expected_end,
        multiple=True,
    )

    def incidents(self) -> list[Incident]:
        from mockserver.exercise.incident import Incident
        from mockserver.timeline.reader import load

        names, ends = list(self.timelines), dict(self.expect)
        if not names:
            own = resources.own_timeline_files(self.folder) if self.folder is not None else {}
            names = sorted({**resources.timeline_files(), **own})
        loaded = [load(find(name, self.folder)) for name in dict.fromkeys(names)]
        known = [timeline.name for timeline in loaded]
        for name in ends:
            if name not in known:
                raise UnknownName("incident", name, known, "--expect")
        return [Incident(timeline, ends.get(timeline.name)) for timeline in loaded]


@dataclass(frozen=True, slots=True)
class _ExerciseServerOptions(servers.ServerOptions):
    default_clock = "poll"

    clock: ClockKind = option(
        "--clock",
        "What moves time on: each status request, so that every run is the same; or time itself.",
        click.Choice(["poll", "wall"]),
        default="poll",
    )
    speed: float | None = servers.speed_option()
    step: int | None = servers.step_option(
        "1s, or more in a timeline of over 30 s, so that some 30 polls play it"
    )
    edition: str | None = servers.edition_option("the timelines'")
    with_download: bool = servers.with_download_option(
        "--with-download/--without-download", default=True
    )


@dataclass(frozen=True, slots=True)
class _ExerciseClientOptions(clients.ClientOptions):
    deadline: float = clients.deadline_option("60s", "incident.")
    success_exit: frozenset[int] = clients.success_exit_option("the model is there")


@dataclass(frozen=True, slots=True)
class _ExerciseReportOptions(common.ReportOptions):
    fail_on: Severity = option(
        "--fail-on", "What fails an incident.", click.Choice(["error", "warning"]), default="error"
    )
    allow: tuple[str, ...] = option(
        "--allow RULE",
        "A rule that the client may break. May be repeated.",
        values.client_rule,
        multiple=True,
        shell_complete=common.rule_names,
    )


@dataclass(frozen=True, slots=True)
class _ExercisePrintingOptions(common.PrintingOptions):
    show_output: bool = option("--show-output", "Show what the command printed where it failed.")
    list_only: bool = option("--list", "List the incidents, and run nothing.")


@click_command(
    "exercise",
    context_settings={"allow_interspersed_args": False},
    epilog="""\b
Examples:
  mockserver exercise -- python client.py {url} {model}
  mockserver exercise --timeline healthy --timeline paused-for-ever -- ./client --port {port}
  mockserver exercise --deadline 20s --report out.html --report out.xml -- npm run download
  mockserver exercise --expect forgotten-job=failure --allow asked-too-often -- ./client {url}
  mockserver exercise --list

\b
In the arguments, {url}, {host}, {port}, {job_id}, {model} and {token} are replaced; {{ is a
brace. The command also finds MOCKSERVER_URL, MOCKSERVER_JOB_ID, MOCKSERVER_MODEL,
MOCKSERVER_TOKEN and MOCKSERVER_INCIDENT in its environment. A client that gets the model asks for
it by POST; one that gets the job's id may poll at once.""",
)
def command(
    incidents: _IncidentOptions,
    server: _ExerciseServerOptions,
    running: _ExerciseClientOptions,
    reporting: _ExerciseReportOptions,
    printing: _ExercisePrintingOptions,
    client: tuple[str, ...] = clients.client_argument(),
) -> None:
    """Run a client once for each incident, and say what it did wrong.

    Each run has a mock server of its own, which plays one timeline: a download that stalls, a
    server that restarts, a job that is forgotten. The requests are judged, and the exit code is
    held against how a good client ends there. What the command prints is kept, its input is empty,
    and what it started is ended when its run is over, unless it hides from its own environment.

    Exit 0 when all is as expected, 1 when it is not, 2 when the command cannot be run, 130 when it
    was interrupted.
    """
    from mockserver.cli.views.report import deliver, print_incidents
    from mockserver.exercise.runner import ExercisePlan

    chosen = incidents.incidents()
    if printing.list_only:
        print_incidents(chosen, as_json=printing.as_json)
        return
    clients.check_client("exercise", client)
    plan = ExercisePlan(
        client,
        **asdict(server),
        deadline_s=running.deadline,
        success_codes=running.success_exit,
        allowed=reporting.allow,
        fails_on_warnings=reporting.fail_on == "warning",
    )
    for incident in chosen:
        plan.config(incident)  # refuses what cannot be served, before anything is run
    report = _exercise(chosen, plan, running.workers)
    deliver(report, printing, reporting.reports, shows_output=printing.show_output)
    sys.exit(1 if report.failed else 0)


def _exercise(incidents: Sequence[Incident], plan: ExercisePlan, workers: int) -> ExerciseReport:
    """What has ended, in the order of the incidents; all of it unless a signal came."""
    from mockserver.cli.views.report import case_in_words
    from mockserver.exercise.runner import perform, report_of
    from mockserver.exercise.worker_pool import WorkerPool

    began_at = datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    began_s = time.monotonic()
    ended: dict[int, Case] = {}
    running: list[str] = []
    total, failed = len(incidents), 0
    pool = WorkerPool(incidents, lambda incident, start: perform(incident, plan, start), workers)
    with stopped_by_signals(pool.stop), progress(is_counted=True) as bars, pool:
        for place, case in pool.events():
            if case is None:
                running.append(incidents[place].name)
            else:
                ended[place] = case
                running.remove(case.name)
                failed += any(finding.severity == "error" for finding in case.findings)
                bars.say(f"{len(ended):>{len(str(total))}}/{total}  {case_in_words(case)}")
            text = f"{failed} failed; " * bool(failed) + visible(", ".join(running))
            bars.show("runs", text, done=len(ended), total=total)
    names = {case.name for case in ended.values()}
    return report_of(
        plan,
        [ended[place] for place in sorted(ended)],
        seconds=time.monotonic() - began_s,
        began_at=began_at,
        not_run=[incident.name for incident in incidents if incident.name not in names],
    )
