"""`mockserver record`: a real job as a timeline that replays it."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click

from mockserver import files, resources
from mockserver.cli.check_options import access_of, access_options, limits_of
from mockserver.cli.console import say_error
from mockserver.cli.exercise_options import checked_deadline
from mockserver.cli.options import completing, counted, echo_json, file_names, json_option
from mockserver.cli.stopping import signals
from mockserver.errors import UnreachableServer

if TYPE_CHECKING:
    from mockserver.remote.record import Record
    from mockserver.timeline.recording import Recording

_AUTO = "auto"
_ENDINGS = (".yaml", ".yml")


def checked_edition(ctx: click.Context, parameter: click.Parameter, value: str) -> str:
    """The name of one, or `auto`."""
    if value != _AUTO:
        resources.edition_folder(value)
    return value


def checked_output(ctx: click.Context, parameter: click.Parameter, value: str | None) -> str | None:
    """A timeline file that can be written; whether there is one already is seen with --force."""
    if value is None:
        return None
    if not value.lower().endswith(_ENDINGS):
        raise click.BadParameter(f"{value!r} ends with neither .yaml nor .yml")
    files.check_writable(Path(value))
    return value


def refuse_to_overwrite(path: str | None, force: bool) -> None:
    """UsageError where there is a file already, unless that is wanted."""
    if path is not None and Path(path).exists() and not force:
        raise click.UsageError(f"{path} exists already; name another file, or give --force")


@click.command(
    name="record",
    epilog="""\b
Examples:
  mockserver record http://127.0.0.1:1234 --job job_493c7c9ded -o mine.yaml
  mockserver record http://127.0.0.1:1234 --job job_493c7c9ded -o mine.yaml --interval 500ms
  mockserver serve ./mine.yaml""",
)
@click.argument("url", metavar="URL")
@click.option(
    "--job",
    "job_id",
    metavar="ID",
    required=True,
    help="The job to record.",
)
@click.option(
    "-o",
    "--output",
    metavar="FILE",
    required=True,
    callback=checked_output,
    shell_complete=file_names,
    help="The timeline file to write, which ends with .yaml.",
)
@click.option("--force", is_flag=True, help="Write it also where there is one already.")
@click.option(
    "--edition",
    metavar="EDITION",
    default=_AUTO,
    show_default=True,
    callback=checked_edition,
    shell_complete=completing(lambda _: [_AUTO, *resources.edition_names()]),
    help="The documented API that it follows: auto, which asks for the list of jobs to find out, "
    f"or one of {', '.join(resources.edition_names())}.",
)
@click.option(
    "--interval",
    metavar="DURATION",
    default="1s",
    show_default=True,
    callback=checked_deadline,
    help="The time from one poll to the next.",
)
@click.option(
    "--deadline",
    metavar="DURATION",
    default="1h",
    show_default=True,
    callback=checked_deadline,
    help="When to stop, whatever the job is then.",
)
@access_options
@json_option
def command(url: str, **options: Any) -> None:
    """Follow a job on a real server, and write a timeline that replays it.

    The job is polled until it has ended, is gone, or the deadline comes, also while the server
    is down or fails; Ctrl-C writes what there is until then. Who polls the replay at the same
    instants is told the same: all fields, gaps and errors too. No credentials are written. URL is
    the server's base URL.

    Exit 0 when the file is written, which says so if the job had not ended; 2 when the command
    cannot be run or there was no such job, 3 when the server cannot be reached, 130 when it was
    interrupted.
    """
    refuse_to_overwrite(options["output"], options["force"])
    if options["key"] is not None and options["cert"] is None:
        raise click.UsageError("--key does nothing without --cert")
    if options["insecure"] and options["cacert"] is not None:
        raise click.UsageError("--cacert does nothing with --insecure")
    try:
        sys.exit(_record(url, options))
    except UnreachableServer as error:
        say_error(str(error))
        sys.exit(3)


def _record(url: str, options: dict[str, Any]) -> int:
    from mockserver.cli.check_view import watching
    from mockserver.remote.fetch import Fetcher
    from mockserver.remote.record import Record
    from mockserver.timeline.recording import can_be_named

    job_id, is_whole = options["job_id"], True
    if not can_be_named(job_id):
        raise click.UsageError(f"{job_id!r} is no id that a timeline can have")
    access, limits = access_of(options), limits_of(options)
    with Fetcher(url, access, limits) as fetcher, watching() as watch:
        record = Record(
            fetcher,
            job_id,
            edition=options["edition"],
            interval_s=options["interval"],
            deadline_s=options["deadline"],
            watch=watch,
        )
        try:
            with signals(_interrupt):
                record.run()
        except KeyboardInterrupt:
            is_whole = False
    made = record.recording(is_whole=is_whole)
    files.write_all({Path(options["output"]): made.text})
    _tell(record, made, options, has_ended=is_whole and not record.notes)
    for note in record.notes:
        click.echo(f"the recording ends before the job did: {note}", err=True)
    if not is_whole:
        click.echo("interrupted: it replays what there was until then", err=True)
    return 0 if is_whole else 130


def _interrupt() -> NoReturn:
    raise KeyboardInterrupt


def _tell(record: Record, made: Recording, options: dict[str, Any], *, has_ended: bool) -> None:
    path = options["output"]
    if options["as_json"]:
        facts = {
            "file": path,
            "job_id": record.job_id,
            "edition": record.edition,
            "polls": record.polls,
            "left_out": record.polls - made.polls,
            "steps": made.steps,
            "faults": made.faults,
            "has_ended": has_ended,
            "notes": list(record.notes),
        }
        echo_json(facts)
        return
    left_out = record.polls - made.polls
    less = f", {left_out:,} of them left out" if left_out else ""
    what = f"{counted(made.steps, 'step')} and {counted(made.faults, 'fault')}"
    click.echo(f"wrote {path}: {counted(record.polls, 'poll')}{less}, as {what}")
    shown = path if "/" in path else f"./{path}"
    click.echo(f"replay it: mockserver serve {shlex.quote(shown)}")
