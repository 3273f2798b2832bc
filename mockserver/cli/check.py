"""`mockserver check`: a server, held to its pages."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mockserver import files
from mockserver.cli.options.access import AccessOptions, AskingOptions
from mockserver.cli.options.common import PrintingOptions, ReportOptions
from mockserver.cli.options.groups import argument, click_command, option
from mockserver.cli.signals import runs_to_its_end
from mockserver.cli.views.output import print_error, write_files
from mockserver.errors import UnreachableServer
from mockserver.findings.report import CheckReport

if TYPE_CHECKING:
    from mockserver.server_rules.baseline import Baseline


@dataclass(frozen=True, slots=True)
class _BaselineOptions:
    baseline: str | None = option(
        "--baseline FILE", "A file of findings that are known and accepted."
    )
    update_baseline: bool = option(
        "--update-baseline", "Write what is found to the file of --baseline, which then accepts it."
    )

    def __post_init__(self) -> None:
        if self.update_baseline and self.baseline is None:
            raise click.UsageError("--update-baseline needs --baseline FILE, which it writes")

    def read(self, reports: tuple[str, ...]) -> Baseline | None:
        """Refuses, before anybody is asked, a file that cannot be written or is a report's, too."""
        from mockserver.server_rules import baseline

        if self.baseline is None:
            return None
        if os.path.realpath(self.baseline) in map(os.path.realpath, reports):
            raise click.UsageError("--report and --baseline name the same file")
        if self.update_baseline:
            files.check_writable(Path(self.baseline))
            if not Path(self.baseline).exists():
                return {}
        return baseline.read(files.read_source(self.baseline))

    def hold(self, report: CheckReport, before: Baseline | None) -> CheckReport:
        """The report without what is known, which with --update-baseline is all of it."""
        from mockserver.server_rules import baseline

        if before is None or self.baseline is None:
            return report
        if not self.update_baseline:
            return baseline.apply(report, before)
        now = baseline.renewed(report, before)
        write_files({self.baseline: baseline.to_text(now)})
        return baseline.apply(report, now)


@click_command("check")
def command(
    asking: AskingOptions,
    access: AccessOptions,
    baseline: _BaselineOptions,
    reporting: ReportOptions,
    printing: PrintingOptions,
    url: str = argument("URL"),
) -> None:
    """Hold a server to the documented tables, and to what is known of LM Studio.

    It is asked for the list of jobs, for each job, for a job and for a path that do not exist.
    Nothing is changed on it unless --download is given. URL is its base URL; user and password in
    it, a token and other credentials appear in no output.

    Exit 0 when it conforms, 1 with findings at or above --fail-on, 2 when the command cannot be
    run, 3 when the server cannot be reached. That no reply could be judged, or that a job of --job
    is not known, is a finding too.

    Examples:
      mockserver check http://127.0.0.1:1234
      mockserver check http://127.0.0.1:1234 --follow
      mockserver check http://127.0.0.1:1234 --download qwen/qwen3-4b --follow --report out.html
      LM_API_TOKEN=… mockserver check https://gpu.example --job job_493c7c9ded
      mockserver check http://127.0.0.1:1234 --baseline known.json --update-baseline
      mockserver check http://127.0.0.1:1234 --baseline known.json --format github --report out.xml

    A baseline is kept with the code: what it accepts is no failure, and what is gone is listed. It
    never accepts what keeps a server from being judged: a refused token, no reply, a web page.
    """
    from mockserver.cli.views.report import deliver

    before = baseline.read(reporting.reports)
    try:
        report = baseline.hold(_check(url, asking, access, printing), before)
    except UnreachableServer as error:
        print_error(printing.cleaned(str(error)))
        sys.exit(3)
    deliver(report, printing, reporting.reports, reporting.fail_on)
    sys.exit(1 if report.at_or_above(reporting.fail_on) else 0)


def _check(
    url: str, asking: AskingOptions, access: AccessOptions, printing: PrintingOptions
) -> CheckReport:
    from mockserver.cli.views.report import watching
    from mockserver.remote.check import ServerCheck

    with access.fetcher(url) as fetcher, watching(printing.cleaned) as watch:
        check = ServerCheck(fetcher, asking.plan, watch=watch)
        return check.report(is_whole=runs_to_its_end(check.run))
