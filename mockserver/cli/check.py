"""`mockserver check`: a server, held to its pages."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click

from mockserver.cli.check_options import (
    access_of,
    access_options,
    asking_options,
    limits_of,
    plan_of,
    telling_options,
)
from mockserver.cli.console import say_error
from mockserver.cli.options import echo_json
from mockserver.cli.stopping import signals
from mockserver.errors import UnreachableServer

if TYPE_CHECKING:
    from mockserver.findings.report import CheckReport
    from mockserver.findings.rule import Severity
    from mockserver.server_rules.baseline import Baseline


@click.command(
    name="check",
    epilog="""\b
Examples:
  mockserver check http://127.0.0.1:1234
  mockserver check http://127.0.0.1:1234 --follow
  mockserver check http://127.0.0.1:1234 --download qwen/qwen3-4b --follow --report out.html
  LM_API_TOKEN=… mockserver check https://gpu.example --job job_493c7c9ded
  mockserver check http://127.0.0.1:1234 --baseline known.json --update-baseline
  mockserver check http://127.0.0.1:1234 --baseline known.json --format github --report out.xml

\b
A baseline is kept with the code: what it accepts is no failure, and what is gone is listed. It
never accepts what keeps a server from being judged: a refused token, no reply, a web page.""",
)
@click.argument("url", metavar="URL")
@asking_options
@access_options
@telling_options
def command(url: str, **options: Any) -> None:
    """Hold a server to the documented tables, and to what is known of LM Studio.

    It is asked for the list of jobs, for each job, for a job and for a path that do not exist.
    Nothing is changed on it unless --download is given. URL is its base URL; user and password in
    it, a token and other credentials appear in no output.

    Exit 0 when it conforms, 1 with findings at or above --fail-on, 2 when the command cannot be
    run, 3 when the server cannot be reached. That no reply could be judged, or that a job of --job
    is not known, is a finding too.
    """
    if options["update_baseline"] and options["baseline"] is None:
        raise click.UsageError("--update-baseline needs --baseline FILE, which it writes")
    if options["as_json"] and options["format_"] != "text":
        raise click.UsageError("--json and --format github cannot both be printed")
    if options["key"] is not None and options["cert"] is None:
        raise click.UsageError("--key does nothing without --cert")
    if options["insecure"] and options["cacert"] is not None:
        raise click.UsageError("--cacert does nothing with --insecure")
    _check_files(options)
    try:
        sys.exit(_check(url, options))
    except UnreachableServer as error:
        say_error(_cleaned(options)(str(error)))
        sys.exit(3)


def _check_files(options: dict[str, Any]) -> None:
    """Refuse, before anything is asked, files that cannot be written or that overwrite others."""
    from mockserver import files

    written_to = list(options["reports"])
    if options["baseline"] is not None:
        baseline = os.path.realpath(options["baseline"])
        if baseline in map(os.path.realpath, written_to):
            raise click.UsageError("--report and --baseline name the same file")
        if options["update_baseline"]:
            written_to.append(options["baseline"])
    for path in written_to:
        files.check_writable(Path(path))


def _cleaned(options: dict[str, Any]) -> Callable[[str], str]:
    """What has to be done to a line before it is printed: on GitHub it must hold no command."""
    from mockserver.report.escaping import inert

    return inert if options["format_"] == "github" else str


def _check(url: str, options: dict[str, Any]) -> int:
    """Ask, tell, write, and give the exit code."""
    before = _baseline(options["baseline"], must_be=not options["update_baseline"])
    report = _report(url, options)
    if before is not None:
        report = _held_against(report, before, options)
    try:  # first: what is shown may find nobody to read it
        _write(options["reports"], report, options["fail_on"])
    finally:
        _tell(report, options)
    if not report.is_whole:
        click.echo("interrupted", err=True)
        return 130
    return 1 if report.at_or_above(options["fail_on"]) else 0


def _report(url: str, options: dict[str, Any]) -> CheckReport:
    """What a run found; if a signal ends it, what it found until then."""
    from mockserver.cli.check_view import watching
    from mockserver.remote.check import Check
    from mockserver.remote.fetch import Fetcher

    access, limits = access_of(options), limits_of(options)
    with Fetcher(url, access, limits) as fetcher, watching(_cleaned(options)) as watch:
        check = Check(fetcher, plan_of(options), watch=watch)
        try:
            with signals(_interrupt):
                check.run()
        except KeyboardInterrupt:
            return check.report(is_whole=False)
        return check.report()


def _interrupt() -> NoReturn:
    raise KeyboardInterrupt


def _baseline(path: str | None, *, must_be: bool) -> Baseline | None:
    from mockserver import files
    from mockserver.server_rules import baseline

    if path is None:
        return None
    if not must_be and not Path(path).exists():
        return baseline.Baseline()
    return baseline.read(files.read_source(path))


def _held_against(report: CheckReport, before: Baseline, options: dict[str, Any]) -> CheckReport:
    """The report without what is known, which with --update-baseline is all of it."""
    from mockserver import files
    from mockserver.server_rules import baseline

    if not options["update_baseline"]:
        return baseline.apply(report, before)
    now, path = baseline.renewed(report, before), options["baseline"]
    files.write_all({Path(path): baseline.to_text(now)})
    with suppress(OSError):
        click.echo(f"wrote {path}", err=True)
    return baseline.apply(report, now)


def _tell(report: CheckReport, options: dict[str, Any]) -> None:
    from mockserver.cli.check_view import echo_report
    from mockserver.report.formats import FORMATS
    from mockserver.report.json import as_dict

    if options["as_json"]:
        echo_json(as_dict(report, options["fail_on"]))
        return
    if options["format_"] == "text":
        echo_report(report, options["fail_on"])
    else:
        click.echo(FORMATS[options["format_"]].render(report, options["fail_on"]), nl=False)


def _write(paths: tuple[str, ...], report: CheckReport, fail_on: Severity) -> None:
    from mockserver import files

    files.write_all({Path(path): written(path, report, fail_on) for path in paths})
    for path in paths:
        with suppress(OSError):
            click.echo(f"wrote {path}", err=True)


def written(path: str, report: CheckReport, fail_on: Severity) -> str:
    from mockserver.report.formats import format_of

    found = format_of(path)
    assert found is not None
    return found.render(report, fail_on)
