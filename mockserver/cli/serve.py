"""`mockserver serve`: a timeline on a port until it is told to stop."""

from __future__ import annotations

import signal
import sys
import threading
import time
from collections import Counter
from typing import TYPE_CHECKING

import click

from mockserver import resources
from mockserver.cli.options import completing, counted, edition_option

if TYPE_CHECKING:
    from mockserver.server.app import Exchange
    from mockserver.timeline.model import Timeline

_STATUS_PATH = "/api/v1/models/download/status"


def _speed(ctx: click.Context, parameter: click.Parameter, value: float) -> float:
    if not 0 < value <= 1e6:
        raise click.BadParameter(f"{value:g} is not above 0 and at most 1,000,000")
    return value


@click.command(
    name="serve",
    epilog="""\b
Examples:
  mockserver serve
  mockserver serve paused-then-resumed --port 0 --speed 60
  mockserver serve my/own.yaml --host 0.0.0.0""",
)
@click.argument(
    "timeline",
    metavar="[TIMELINE]",
    default="healthy",
    shell_complete=completing(lambda _: resources.timeline_files()),
)
@click.option(
    "-p",
    "--port",
    type=click.IntRange(0, 65535),
    default=1234,
    show_default=True,
    help="Where to listen; 0 takes a free port.",
)
@click.option(
    "--host",
    default="127.0.0.1",
    show_default=True,
    help="Which address to listen on. Any but a loopback address can be reached from outside.",
)
@click.option(
    "--speed",
    type=float,
    default=1.0,
    show_default=True,
    callback=_speed,
    help="Virtual seconds for each real one: 60 plays a minute in a second.",
)
@edition_option(default=None, help_="Which edition to answer as. Without it, the timeline's own.")
@click.option("-q", "--quiet", is_flag=True, help="Print the URL, and no line for each request.")
def command(
    timeline: str, port: int, host: str, speed: float, edition: str | None, quiet: bool
) -> None:
    """Serve TIMELINE for a client to poll, until Ctrl-C or SIGTERM.

    TIMELINE is a bundled name or a file of your own. It begins when the server starts; a job that
    names its own start is already under way then, if the timeline says so.
    """
    from mockserver.server.app import create_app
    from mockserver.server.live import LiveServer
    from mockserver.timeline.clock import WallClock
    from mockserver.timeline.load import find, load

    loaded = load(find(timeline))
    start_ms = time.time_ns() // 1_000_000 if loaded.floating else loaded.epoch_ms
    counts: Counter[str] = Counter()
    report = _Reporter(counts, quiet)
    app = create_app(
        loaded, edition=edition, clock=WallClock(start_ms, speed), on_request=report.one
    )
    stopped = threading.Event()
    for name in ("SIGINT", "SIGTERM"):
        signal.signal(getattr(signal, name), lambda *_: stopped.set())
    with LiveServer(app, host, port) as live:
        _introduce(loaded, edition or loaded.edition, speed, live.url)
        while not stopped.wait(3600):
            pass
    asked = ", ".join(f"{number} x {what}" for what, number in counts.most_common())
    click.echo(
        f"stopped after {counted(sum(counts.values()), 'request')}" + (f": {asked}" * bool(asked))
    )
    sys.exit(0)


def _introduce(timeline: Timeline, edition: str, speed: float, url: str) -> None:
    from mockserver.cli import words

    length = words.seconds(max(0, timeline.ends_at_ms - timeline.epoch_ms))
    click.echo(f"{url} plays ", nl=False)
    click.secho(timeline.name, bold=True, nl=False)
    click.echo(f" (edition {edition}, {length} at {words.speed_in_words(speed)})")
    if timeline.description:
        click.echo(f"  {timeline.description}")
    for job in timeline.jobs[:5]:
        model = f"  {job.model}" if job.model else ""
        click.echo(f"  {job.job_id}  {words.size(job.total_size_bytes)}{model}")
    if len(timeline.jobs) > 5:
        click.echo(f"  and {counted(len(timeline.jobs) - 5, 'job')} more")
    click.echo(f"try: curl {url}{_STATUS_PATH}/{words.first_job(timeline)}")


class _Reporter:
    """A readable line for each request, from whichever thread."""

    def __init__(self, counts: Counter[str], quiet: bool) -> None:
        self._counts = counts
        self._quiet = quiet
        self._lock = threading.Lock()

    def one(self, exchange: Exchange) -> None:
        from mockserver.cli import words
        from mockserver.errors import visible

        with self._lock:
            self._counts[exchange.operation or "unknown path"] += 1
            if self._quiet:
                return
            if exchange.operation is None:
                note = "no such endpoint"
            elif len(exchange.states) == 1:
                note = words.state_in_words(exchange.states[0])
            elif exchange.states:
                note = f"{len(exchange.states)} jobs"
            else:
                note = "no such job" if exchange.status == 404 else "no jobs"
            unknown = exchange.operation is None or exchange.status >= 400
            click.echo(f"{time.strftime('%H:%M:%S')} ", nl=False)
            click.secho(str(exchange.status), fg="yellow" if unknown else "green", nl=False)
            click.echo(f" {exchange.method} {visible(exchange.path[:200])}  {note}")
