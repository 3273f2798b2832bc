"""`mockserver proxy`: between a client and a real server, looking at both."""

from __future__ import annotations

import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import click

from mockserver import files, resources
from mockserver.cli.check_options import SEVERITIES
from mockserver.cli.console import Log
from mockserver.cli.exercise_options import checked_reports
from mockserver.cli.options import (
    completing,
    echo_json,
    file_names,
    json_option,
    listening_options,
)
from mockserver.cli.record import checked_edition, checked_output, refuse_to_overwrite
from mockserver.cli.stopping import signals
from mockserver.errors import NothingToRecord

if TYPE_CHECKING:
    from mockserver.client_rules.verdict import Verdict
    from mockserver.findings.rule import Severity
    from mockserver.remote.proxy_traffic import ProxyTraffic


@click.command(
    name="proxy",
    epilog="""\b
Examples:
  mockserver proxy
  mockserver proxy --upstream http://127.0.0.1:1234 --port 0
  mockserver proxy --record mine.yaml --report out.html
  mockserver proxy --upstream https://gpu.example --cacert ca.pem --log-json""",
)
@click.option(
    "--upstream",
    metavar="URL",
    default="http://127.0.0.1:1234",
    show_default=True,
    help="The server's base URL.",
)
@listening_options(1235)
@click.option(
    "--edition",
    metavar="EDITION",
    default="auto",
    show_default=True,
    callback=checked_edition,
    shell_complete=completing(lambda _: ["auto", *resources.edition_names()]),
    help="The documented API to hold it to: auto, which takes the newest pages of each operation, "
    f"or one of {', '.join(resources.edition_names())}.",
)
@click.option(
    "--cacert",
    metavar="FILE",
    shell_complete=file_names,
    help="The certificate authorities that the server's is trusted by, as a PEM file.",
)
@click.option("--insecure", is_flag=True, help="Trust any certificate.")
@click.option(
    "--record",
    metavar="FILE",
    callback=checked_output,
    shell_complete=file_names,
    help="At the end, write a timeline that replays the jobs that were polled.",
)
@click.option("--force", is_flag=True, help="With --record, write it also where there is one.")
@click.option(
    "--report",
    "reports",
    metavar="FILE",
    multiple=True,
    callback=checked_reports,
    help="At the end, write a report on the server; .json, .xml (JUnit) or .html says which. May "
    "be repeated.",
)
@click.option(
    "--fail-on",
    type=click.Choice(SEVERITIES),
    default="error",
    show_default=True,
    help="The least grave finding that makes the exit code 1.",
)
@click.option("-q", "--quiet", is_flag=True, help="Print no line for each request.")
@click.option(
    "--log-json",
    is_flag=True,
    help="Print JSON lines for a script: listening, request, full, stopped.",
)
@json_option
def command(upstream: str, host: str, port: int, **options: Any) -> None:
    """Sit between a client and a real server, and say what both did wrong.

    All that passes is passed on as it is. Replies of the download API are held to the documented
    tables, as by `check`, and the client to the rules of the pytest fixture, until Ctrl-C or
    SIGTERM. When the server cannot be reached, the proxy answers 502 in its own name. Tokens and
    cookies pass, and appear in no output.

    Exit 0 when both did well, 1 with findings at or above --fail-on or mistakes of the client,
    2 when the command cannot be run.
    """
    refuse_to_overwrite(options["record"], options["force"])
    if options["insecure"] and options["cacert"] is not None:
        raise click.UsageError("--cacert does nothing with --insecure")
    if options["force"] and options["record"] is None:
        raise click.UsageError("--force does nothing without --record")
    if options["as_json"] and options["log_json"]:
        raise click.UsageError("--json and --log-json cannot both be printed")
    _refuse_itself(upstream, host, port)
    traffic = _run(upstream, host, port, options)
    sys.exit(_finish(traffic, options))


def _refuse_itself(upstream: str, host: str, port: int) -> None:
    try:
        parts = urlsplit(upstream if "://" in upstream else f"http://{upstream}")
        there = (parts.hostname, parts.port)
    except ValueError:
        return  # said when the address is read
    loopback = ("127.0.0.1", "localhost", "::1")
    if port and there[1] == port and (there[0] == host or there[0] in loopback):
        raise click.UsageError(f"--upstream is where the proxy listens, port {port}")


def _run(upstream: str, host: str, port: int, options: dict[str, Any]) -> ProxyTraffic:
    from mockserver.cli.announcing import left_out_in_json
    from mockserver.cli.proxy_view import InJson, InWords, full_in_words
    from mockserver.remote.access import Access
    from mockserver.remote.proxy import Proxy
    from mockserver.remote.proxy_traffic import ProxyTraffic

    is_json, is_quiet = options["log_json"], options["quiet"] or options["as_json"]
    log = Log(left_out_in_json) if is_json else Log()
    view: InJson | InWords = InJson(log, is_quiet) if is_json else InWords(log, is_quiet)

    def full(most: int) -> None:
        if options["as_json"]:
            click.echo(full_in_words(most), err=True)
        else:
            view.full(most)

    access = Access(cacert=options["cacert"], insecure=options["insecure"])
    traffic = ProxyTraffic(
        _shown(upstream), options["edition"], records=bool(options["record"]), watch=view.passed
    )
    proxy = Proxy(upstream, host=host, port=port, access=access, traffic=traffic, on_full=full)
    over = threading.Event()
    with signals(over.set), log, proxy:
        if options["as_json"]:
            click.echo(f"{proxy.url} passes everything on to {proxy.upstream}", err=True)
        else:
            view.listening(proxy.url, proxy.upstream)
        while not over.wait(3600.0):
            pass
        proxy.stop()
        if not options["as_json"]:
            view.stopped(traffic)
    return traffic


def _shown(upstream: str) -> str:
    from mockserver.remote.address import read_address

    return str(read_address(upstream))


def _finish(traffic: ProxyTraffic, options: dict[str, Any]) -> int:
    """Tell what was found, write what was asked for, and give the exit code."""
    report, verdict, fail_on = traffic.report(), traffic.verdict(), options["fail_on"]
    if options["as_json"]:
        from mockserver.report.json import as_dict

        echo_json({"report": as_dict(report, fail_on), "verdict": verdict.as_dict()})
    elif not options["log_json"] and traffic.requests:
        from mockserver.cli.check_view import echo_report

        echo_report(report, fail_on)
        click.echo()
        click.echo(_in_words(verdict, traffic))
    _write_reports(traffic, options["reports"], fail_on)
    if options["record"] is not None:
        _write_recording(traffic, options["record"])
    return 1 if report.at_or_above(fail_on) or verdict.errors else 0


def _in_words(verdict: Verdict, traffic: ProxyTraffic) -> str:
    """The verdict on the client, without what is advice for a test."""
    return verdict.text(traffic.entries()).partition("\n\nTo allow one of these")[0]


def _write_reports(traffic: ProxyTraffic, paths: tuple[str, ...], fail_on: Severity) -> None:
    from mockserver.cli.check import written

    files.write_all({Path(path): written(path, traffic.report(), fail_on) for path in paths})
    for path in paths:
        click.echo(f"wrote {path}", err=True)


def _write_recording(traffic: ProxyTraffic, path: str) -> None:
    try:
        made = traffic.recording()
    except NothingToRecord as error:
        click.echo(f"{path} is not written: {error}", err=True)
        return
    files.write_all({Path(path): made.text})
    click.echo(f"wrote {path}", err=True)
