"""`mockserver record`: a real job as a timeline that replays it."""

from __future__ import annotations

import shlex
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mockserver import files
from mockserver.cli.options import values
from mockserver.cli.options.access import AccessOptions, duration_option
from mockserver.cli.options.common import edition_or_auto_option, json_option
from mockserver.cli.options.groups import argument, click_command, option
from mockserver.cli.signals import runs_to_its_end
from mockserver.cli.views.output import members, print_json
from mockserver.documents.text import counted

if TYPE_CHECKING:
    from mockserver.remote.record import Record
    from mockserver.timeline.recording import Recording


@dataclass(frozen=True, slots=True)
class _RecordOptions:
    job_id: str = option("--job ID", "The job to record.", required=True)
    output: str = option(
        "-o --output FILE",
        "The timeline file to write, which ends with .yaml.",
        values.timeline_file,
        required=True,
    )
    force: bool = option("--force", "Write it also where there is one already.")
    edition: str = edition_or_auto_option(
        "The documented API that it follows: auto, which asks for the list of jobs to find out"
    )
    interval: float = duration_option("--interval", "1s", "The time from one poll to the next.")
    deadline: float = duration_option("--deadline", "1h", "When to stop, whatever the job is then.")
    as_json: bool = json_option()

    def __post_init__(self) -> None:
        values.refuse_to_overwrite(self.output, force=self.force)


@click_command("record")
def command(record: _RecordOptions, access: AccessOptions, url: str = argument("URL")) -> None:
    """Follow a job on a real server, and write a timeline that replays it.

    The job is polled until it has ended, is gone, or the deadline comes, also while the server
    is down or fails; Ctrl-C writes what there is until then. Who polls the replay at the same
    instants is told the same: all fields, gaps and errors too. No credentials are written. URL is
    the server's base URL.

    Exit 0 when the file is written, which says so if the job had not ended; 2 when the command
    cannot be run or there was no such job, 3 when the server cannot be reached, 130 when it was
    interrupted.

    Examples:
      mockserver record http://127.0.0.1:1234 --job job_493c7c9ded -o mine.yaml
      mockserver record http://127.0.0.1:1234 --job job_493c7c9ded -o mine.yaml --interval 500ms
      mockserver serve ./mine.yaml
    """
    from mockserver.timeline.recording import can_be_named

    if not can_be_named(record.job_id):
        raise click.UsageError(f"{record.job_id!r} is no id that a timeline can have")
    sys.exit(_record(url, record, access))


def _record(url: str, options: _RecordOptions, access: AccessOptions) -> int:
    from mockserver.cli.views.report import watching
    from mockserver.remote.record import Record

    with access.fetcher(url) as fetcher, watching() as watch:
        record = Record(
            fetcher,
            options.job_id,
            edition=options.edition,
            interval_s=options.interval,
            deadline_s=options.deadline,
            watch=watch,
        )
        is_whole = runs_to_its_end(record.run)
    made = record.recording(is_whole=is_whole)
    files.write_all({Path(options.output): made.text})
    _print(record, made, options, has_ended=is_whole and not record.notes)
    for note in record.notes:
        click.echo(f"the recording ends before the job did: {note}", err=True)
    if not is_whole:
        click.echo("interrupted: it replays what there was until then", err=True)
    return 0 if is_whole else 130


def _print(record: Record, made: Recording, options: _RecordOptions, *, has_ended: bool) -> None:
    path, left_out = options.output, record.polls - made.polls
    if options.as_json:
        facts = {
            "file": path,
            **members(record, "job_id", "edition", "polls"),
            "left_out": left_out,
            **members(made, "steps", "faults"),
            "has_ended": has_ended,
            "notes": list(record.notes),
        }
        print_json(facts)
        return
    less = f", {left_out:,} of them left out" if left_out else ""
    what = f"{counted(made.steps, 'step')} and {counted(made.faults, 'fault')}"
    click.echo(f"wrote {path}: {counted(record.polls, 'poll')}{less}, as {what}")
    shown = path if "/" in path else f"./{path}"
    click.echo(f"replay it: mockserver serve {shlex.quote(shown)}")
