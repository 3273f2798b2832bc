"""`mockserver proxy`: between a client and a real server, looking at both."""

from __future__ import annotations

import sys
import threading
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import click

from mockserver.cli.options import values
from mockserver.cli.options.access import CertificateOptions
from mockserver.cli.options.common import (
    ReportOptions,
    edition_or_auto_option,
    json_option,
    report_option,
)
from mockserver.cli.options.groups import click_command, option
from mockserver.cli.options.servers import ListeningOptions, LogOptions
from mockserver.cli.signals import stopped_by_signals
from mockserver.cli.views.output import print_json, write_files
from mockserver.errors import NothingToRecord
from mockserver.remote.access import Access
from mockserver.report.json import as_dict

if TYPE_CHECKING:
    from mockserver.remote.proxy_traffic import ProxyTraffic


@dataclass(frozen=True, slots=True)
class _ProxyOptions:
    upstream: str = option(
        "--upstream URL", "The server's base URL.", default="http://127.0.0.1:1234"
    )
    edition: str = edition_or_auto_option(
        "The documented API to hold it to: auto, which takes the newest pages of each operation"
    )
    record: str | None = option(
        "--record FILE",
        "At the end, write a timeline that replays the jobs that were polled.",
        values.timeline_file,
    )
    force: bool = option("--force", "With --record, write it also where there is one.")

    def __post_init__(self) -> None:
        values.refuse_to_overwrite(self.record, force=self.force)
        if self.force and self.record is None:
            raise click.UsageError("--force does nothing without --record")


@dataclass(frozen=True, slots=True)
class _ProxyReportOptions(ReportOptions):
    reports: tuple[str, ...] = report_option("At the end, write a report on the server")


@dataclass(frozen=True, slots=True)
class _ProxyLogOptions(LogOptions):
    log_json: bool = option(
        "--log-json", "Print JSON lines for a script: listening, request, full, stopped."
    )
    as_json: bool = json_option()

    def __post_init__(self) -> None:
        if self.as_json and self.log_json:
            raise click.UsageError("--json and --log-json cannot both be printed")


@click_command("proxy", context_settings={"default_map": {"port": 1235}})
def command(
    proxy: _ProxyOptions,
    listening: ListeningOptions,
    certificates: CertificateOptions,
    reporting: _ProxyReportOptions,
    log: _ProxyLogOptions,
) -> None:
    """Sit between a client and a real server, and say what both did wrong.

    All that passes is passed on as it is. Replies of the download API are held to the documented
    tables, as by `check`, and the client to the rules of the pytest fixture, until Ctrl-C or
    SIGTERM. When the server cannot be reached, the proxy answers 502 in its own name. Tokens and
    cookies pass, and appear in no output.

    Exit 0 when both did well, 1 with findings at or above --fail-on or mistakes of the client,
    2 when the command cannot be run.

    Examples:
      mockserver proxy
      mockserver proxy --upstream http://127.0.0.1:1234 --port 0
      mockserver proxy --record mine.yaml --report out.html
      mockserver proxy --upstream https://gpu.example --cacert ca.pem --log-json
    """
    _refuse_itself(proxy.upstream, listening)
    traffic = _run(proxy, listening, certificates, log)
    has_passed = _conclude(traffic, reporting, log)
    if proxy.record is not None:
        try:
            write_files({proxy.record: traffic.recording().text})
        except NothingToRecord as error:
            click.echo(f"{proxy.record} is not written: {error}", err=True)
    sys.exit(0 if has_passed else 1)


def _refuse_itself(upstream: str, listening: ListeningOptions) -> None:
    host, port = listening.host, listening.port
    try:
        parts = urlsplit(upstream if "://" in upstream else f"http://{upstream}")
        there = (parts.hostname, parts.port)
    except ValueError:
        return  # said when the address is read
    loopback = ("127.0.0.1", "localhost", "::1")
    if port and there[1] == port and (there[0] == host or there[0] in loopback):
        raise click.UsageError(f"--upstream is where the proxy listens, port {port}")


def _run(
    options: _ProxyOptions,
    listening: ListeningOptions,
    certificates: CertificateOptions,
    log: _ProxyLogOptions,
) -> ProxyTraffic:
    from mockserver.cli.views.proxying import ProxyView
    from mockserver.remote.address import read_address
    from mockserver.remote.proxy import Proxy
    from mockserver.remote.proxy_traffic import ProxyTraffic

    view = ProxyView(log_json=log.log_json, quiet=log.quiet, only_result=log.as_json)
    server, records = str(read_address(options.upstream)), options.record is not None
    traffic = ProxyTraffic(server, options.edition, records=records, watch=view.request)
    proxy = Proxy(
        options.upstream,
        **asdict(listening),
        access=Access(**asdict(certificates)),
        traffic=traffic,
        on_full=view.full,
    )
    over = threading.Event()
    with stopped_by_signals(over.set), view.log, proxy:
        view.listening(proxy.url, proxy.upstream)
        while not over.wait(3600.0):
            pass
        proxy.stop()
        view.stopped(traffic)
    return traffic


def _conclude(traffic: ProxyTraffic, reporting: ReportOptions, log: _ProxyLogOptions) -> bool:
    """Whether both did well."""
    from mockserver.cli.views.report import print_text, write_reports

    report, verdict = traffic.report(), traffic.verdict()
    if log.as_json:
        facts = as_dict(report, reporting.fail_on)
        print_json({"report": facts, "verdict": verdict.as_dict()})
    elif not log.log_json and traffic.requests:
        print_text(report, reporting.fail_on)
        # What a test may do about it does not concern the user of a proxy.
        words = verdict.text(traffic.entries()).partition("\n\nTo allow one of these")[0]
        click.echo(f"\n{words}")
    write_reports(report, reporting.reports, reporting.fail_on)
    return not (report.at_or_above(reporting.fail_on) or verdict.errors)
