"""Reports on the terminal and in files, and what they are made of while it is found."""

import shutil
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import click

from mockserver.cli.options.common import PrintingOptions
from mockserver.cli.views import output
from mockserver.documents.text import cells, clipped, counted, duration, plain, size
from mockserver.errors import visible
from mockserver.exercise.incident import Incident
from mockserver.findings.finding import Severity
from mockserver.findings.report import Case
from mockserver.report import json, text
from mockserver.report.formats import FORMATS, AnyReport, format_of
from mockserver.server_rules.observation import ENDED, Observation, ShownJob, job_shown

_WIDTH = 100
_NAME_WIDTH = 36
_MOST_JOBS = 1000
_COLOURS = {**output.SEVERITY_COLOURS, "good": "green", "passed": "green", "failed": "red"}


def deliver(
    report: AnyReport,
    printing: PrintingOptions,
    paths: Sequence[str],
    fail_on: Severity = "error",
    *,
    shows_output: bool = False,
) -> None:
    """Write the report to files, and print it; Abort when a signal has cut it short."""
    try:  # first: what is shown may find nobody to read it
        write_reports(report, paths, fail_on)
    finally:
        if printing.as_json:
            output.print_json(json.as_dict(report, fail_on))
        elif printing.format_ == "text":
            print_text(report, fail_on, shows_output=shows_output)
        else:
            click.echo(FORMATS[printing.format_].render(report, fail_on), nl=False)
    if not report.is_whole:
        raise click.Abort


def print_text(
    report: AnyReport, fail_on: Severity = "error", *, shows_output: bool = False
) -> None:
    """As wide as a terminal is, up to 100 columns."""
    width = _WIDTH
    if sys.stdout is not None and sys.stdout.isatty():
        width = min(width, shutil.get_terminal_size().columns)
    for line in text.lines(report, width=width, fails_on=fail_on, shows_output=shows_output):
        for words, style in line:
            bold, dim = style in ("strong", "passed", "failed") or None, style == "dim" or None
            click.secho(words, fg=_COLOURS.get(style), bold=bold, dim=dim, nl=False)
        click.echo()


def write_reports(report: AnyReport, paths: Sequence[str], fail_on: Severity = "error") -> None:
    """Each in the format that its suffix tells; all of them, or none."""
    known = ((path, format_of(path)) for path in paths)
    output.write_files({path: found.render(report, fail_on) for path, found in known if found})


@contextmanager
def watching(
    cleaned: Callable[[str], str] = lambda line: line,
) -> Iterator[Callable[[Observation], None]]:
    """On standard error, jobs as replies show them: bars on a terminal, else changes of status.

    Lines are printed as they are `cleaned`. Of the jobs that replies name, the first thousand are
    shown.
    """
    statuses: dict[str, str] = {}
    bars: set[str] = set()

    def see(seen: Observation) -> None:
        """A bar for a job that has not ended, a line when one polled again has another status."""
        job = job_shown(seen)
        before = job and statuses.get(job.job_id)
        if job is None or (before is None and len(statuses) >= _MOST_JOBS):
            return
        statuses[job.job_id] = job.status
        words = _in_words(job)
        if before not in (None, job.status):
            view.say(cleaned(words))
        if job.status not in ENDED:
            bars.add(job.job_id)
        if job.job_id in bars:
            done, total = job.downloaded_bytes or 0, job.total_size_bytes or None
            view.show(job.job_id, words, done=done, total=total)

    with output.progress() as view:
        yield see


def _in_words(job: ShownJob) -> str:
    """`job_493c7c9ded  downloading  911 MB of 2.28 GB  114 MB/s  12 s left`."""
    done, total, speed = job.downloaded_bytes, job.total_size_bytes, job.bytes_per_second
    words = [visible(clipped(job.job_id, 40)), clipped(plain(job.status), 20)]
    if done is not None and total is not None:
        words.append(f"{size(done)} of {size(total)}")
    if speed is not None:
        words.append(f"{size(speed)}/s")
    if done is not None and total is not None and done < total and speed:
        words.append(f"{duration(max(1, round((total - done) / speed)) * 1000)} left")
    return "  ".join(words)


def case_in_words(case: Case) -> str:
    """`server-restart: gave-up, asked-too-often (exit code 1, 2.1 s, 9 requests)`."""
    ids = [*dict.fromkeys(finding.rule.id for finding in case.findings)]
    by = case.ending.partition(" (")[2].removesuffix(")")
    took = f"{case.seconds:.1f} s, {counted(case.requests, 'request')}"
    facts = filter(None, ("" if case.outcome in ids else case.outcome, by, took))
    return f"{visible(case.name)}: {', '.join(ids) or 'ok'} ({', '.join(facts)})"


def print_incidents(incidents: Sequence[Incident], *, as_json: bool) -> None:
    if as_json:
        facts = [
            {
                "incident": incident.name,
                "description": incident.timeline.description,
                "ends": incident.ends,
                "good_client": incident.does,
                "edition": incident.timeline.edition,
            }
            for incident in incidents
        ]
        output.print_json(facts)
        return
    width = min(_NAME_WIDTH, max(cells(visible(incident.name)) for incident in incidents))
    for incident in incidents:
        name = visible(incident.name)
        space = " " * (width - cells(name))
        click.echo(f"{click.style(name + space, bold=True)}  {incident.ends}")
        if incident.timeline.description:
            click.echo(f"  {plain(incident.timeline.description)}")
        if incident.does:
            click.secho(f"  A good client {plain(incident.does)}", dim=True)
