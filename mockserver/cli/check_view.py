"""What `mockserver check` shows: jobs while they are followed, and the report."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from mockserver.documents.text import clipped, duration, plain, size
from mockserver.errors import visible
from mockserver.remote.reading import ENDED, Shown, job_shown

if TYPE_CHECKING:
    from mockserver.findings.rule import Severity
    from mockserver.report.formats import AnyReport
    from mockserver.report.text import Style
    from mockserver.server_rules.observation import Observation

_WIDTH = 100
_STATUS_WIDTH = 20
_MOST_JOBS = 1000
_COLOURS: dict[Style, str] = {
    "error": "red",
    "warning": "yellow",
    "drift": "cyan",
    "info": "blue",
    "good": "green",
    "passed": "green",
    "failed": "red",
}


def echo_report(
    report: AnyReport, fail_on: Severity = "error", *, shows_output: bool = False
) -> None:
    """The report as text, on standard output; as wide as a terminal is, up to 100 columns."""
    from mockserver.report.text import lines

    width = _WIDTH
    if sys.stdout is not None and sys.stdout.isatty():
        width = min(width, shutil.get_terminal_size().columns)
    for line in lines(report, width=width, fails_on=fail_on, shows_output=shows_output):
        click.echo("".join(_styled(text, style) for text, style in line))


def _styled(text: str, style: Style) -> str:
    bold, dim = style in ("strong", "passed", "failed") or None, style == "dim" or None
    return click.style(text, fg=_COLOURS.get(style), bold=bold, dim=dim)


@contextmanager
def watching(
    cleaned: Callable[[str], str] = lambda line: line,
) -> Iterator[Callable[[Observation], None]]:
    """On standard error, jobs as replies show them: bars on a terminal, else changes of status.

    Of the jobs that replies name, the first thousand are shown.
    """
    if sys.stderr is None or not sys.stderr.isatty():
        yield _Lines(cleaned).see
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn
    from rich.table import Column

    words = TextColumn("{task.description}", markup=False, table_column=Column(no_wrap=True))
    console = Console(stderr=True)
    with Progress(BarColumn(24), words, console=console, transient=True) as bars:
        yield _Bars(bars).see


class _Lines:
    """A line whenever a job that is polled once more has another status."""

    def __init__(self, cleaned: Callable[[str], str]) -> None:
        self._cleaned = cleaned
        self._statuses: dict[str, str] = {}

    def see(self, seen: Observation) -> None:
        job = job_shown(seen)
        if job is None:
            return
        before = self._statuses.get(job.job_id)
        if before is None and len(self._statuses) >= _MOST_JOBS:
            return
        self._statuses[job.job_id] = job.status
        if before not in (None, job.status):
            click.echo(self._cleaned(_in_words(job)), err=True)


class _Bars:
    """A bar for each job that has not ended."""

    def __init__(self, bars: object) -> None:
        from rich.progress import Progress, TaskID

        assert isinstance(bars, Progress)
        self._bars = bars
        self._tasks: dict[str, TaskID] = {}

    def see(self, seen: Observation) -> None:
        job = job_shown(seen)
        if job is None or (job.job_id not in self._tasks and job.status in ENDED):
            return
        if job.job_id not in self._tasks:
            if len(self._tasks) >= _MOST_JOBS:
                return
            self._tasks[job.job_id] = self._bars.add_task("", total=None)
        self._bars.update(
            self._tasks[job.job_id],
            total=job.total_size_bytes or None,
            completed=job.downloaded_bytes or 0,
            description=_in_words(job),
        )


def _in_words(job: Shown) -> str:
    """`job_493c7c9ded  downloading  911 MB of 2.28 GB  114 MB/s  12 s left`."""
    done, total, speed = job.downloaded_bytes, job.total_size_bytes, job.bytes_per_second
    words = [visible(clipped(job.job_id, 40)), clipped(plain(job.status), _STATUS_WIDTH)]
    if done is not None and total is not None:
        words.append(f"{size(done)} of {size(total)}")
    if speed is not None:
        words.append(f"{size(speed)}/s")
    if done is not None and total is not None and done < total and speed:
        words.append(f"{duration(max(1, round((total - done) / speed)) * 1000)} left")
    return "  ".join(words)
