"""`mockserver serve`: a timeline on a port until it is told to stop."""

from __future__ import annotations

import signal
import socket
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING
from urllib.parse import quote

import click

from mockserver.cli.console import Log
from mockserver.cli.options import completing, counted, edition_option, folder_option
from mockserver.cli.options import timeline_names as names

if TYPE_CHECKING:
    from mockserver.server.app import Exchange
    from mockserver.server.session import Session
    from mockserver.server.settings import ClockKind

_STATUS_PATH = "/api/v1/models/download/status"
_STOPPING = (signal.SIGINT, signal.SIGTERM)
_SHOWN = 5
"""How many jobs, and how many faults, the introduction names."""


def _speed(ctx: click.Context, parameter: click.Parameter, value: float | None) -> float | None:
    if value is not None and not 0 < value <= 1e6:
        raise click.BadParameter(f"{value:g} is not above 0 and at most 1,000,000")
    return value


def _step(ctx: click.Context, parameter: click.Parameter, value: str | None) -> int | None:
    from mockserver.timeline.units import DURATIONS, corrected_duration, duration_ms

    if value is None:
        return None
    try:
        step_ms = duration_ms(value)
    except ValueError as error:
        guess = corrected_duration(value)
        hint = f"did you mean {guess}?" if guess else f"expected {DURATIONS}"
        raise click.BadParameter(f"{error}; {hint}") from None
    if not step_ms:
        raise click.BadParameter("a step takes time: with none, a poll would move nothing")
    return step_ms


@click.command(
    name="serve",
    epilog="""\b
Examples:
  mockserver serve
  mockserver serve paused-then-resumed --port 0 --speed 60
  mockserver serve server-restart --clock poll --step 500ms
  mockserver serve my/own.yaml --host 0.0.0.0""",
)
@click.argument(
    "timeline", metavar="[TIMELINE]", default="healthy", shell_complete=completing(names)
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
    "--clock",
    type=click.Choice(["wall", "poll"]),
    default="wall",
    show_default=True,
    help="What moves time on: time itself, or each status request, so that every run is the same.",
)
@click.option(
    "--speed",
    type=float,
    callback=_speed,
    help="With a wall clock, virtual seconds for each real one: 60 plays a minute in a second.",
)
@click.option(
    "--step",
    metavar="DURATION",
    callback=_step,
    help="With a poll clock, how far each status request moves it.  [default: 1s]",
)
@edition_option(default=None, help_="Which edition to answer as. Without it, the timeline's own.")
@folder_option
@click.option("-q", "--quiet", is_flag=True, help="No line for each request.")
def command(
    timeline: str,
    port: int,
    host: str,
    clock: ClockKind,
    speed: float | None,
    step: int | None,
    edition: str | None,
    folder: str | None,
    quiet: bool,
) -> None:
    """Serve TIMELINE for a client to poll, until Ctrl-C or SIGTERM.

    TIMELINE is a name or a file of your own. It begins when the server starts. -q leaves out the
    line for each request.
    """
    from mockserver.server.session import Session
    from mockserver.timeline.load import find, load

    if speed is not None and clock != "wall":
        raise click.UsageError(f"--speed does nothing with --clock {clock}: polls move that clock")
    if step is not None and clock != "poll":
        raise click.UsageError("--step does nothing without --clock poll")
    loaded = load(find(timeline, folder))
    _serve(Session.begin(loaded, edition, clock, speed=speed, step=step), host, port, quiet)
    sys.exit(0)


def _serve(session: Session, host: str, port: int, quiet: bool) -> None:
    from mockserver.server.app import sessions_app
    from mockserver.server.live import LiveServer
    from mockserver.server.session_gate import SessionGate
    from mockserver.server.sessions import Sessions

    counts: Counter[str] = Counter()
    with _signals() as wait, Log() as log:
        app = sessions_app(Sessions(session), _Reporter(counts, None if quiet else log).one)
        with LiveServer(app, host, port, gate=SessionGate(session)) as live:
            _introduce(session, live.url)
            wait()
    asked = ", ".join(f"{number} x {what}" for what, number in counts.most_common())
    click.echo(
        f"stopped after {counted(sum(counts.values()), 'request')}" + (f": {asked}" * bool(asked))
    )


@contextmanager
def _signals() -> Iterator[Callable[[], None]]:
    """Gives a function that waits for SIGINT or SIGTERM, also when several come at once.

    They are told by a byte on a socket: a lock or an Event can miss the signal that comes just
    before it begins to wait. After the first, the rest of a burst changes nothing any more.
    """
    ours, theirs = socket.socketpair()
    theirs.setblocking(False)
    before = signal.set_wakeup_fd(theirs.fileno(), warn_on_full_buffer=False)
    for one in _STOPPING:
        signal.signal(one, lambda *_: None)

    def wait() -> None:
        ours.recv(1)
        for one in _STOPPING:
            signal.signal(one, signal.SIG_IGN)

    try:
        yield wait
    finally:
        signal.set_wakeup_fd(before)
        ours.close()
        theirs.close()


def _introduce(session: Session, url: str) -> None:
    from mockserver.cli.words import clock_in_words, first_job
    from mockserver.timeline import words

    timeline = session.timeline
    length, clock = words.length(session.playback), clock_in_words(session.clock)
    click.echo(f"{url} plays ", nl=False)
    click.secho(timeline.name, bold=True, nl=False)
    click.echo(f" (edition {session.edition}; {length}; {clock})")
    if timeline.description:
        click.echo(f"  {words.plain(timeline.description)}")
    for job in timeline.jobs[:_SHOWN]:
        model = f"  {words.plain(job.model)}" if job.model else ""
        click.echo(f"  {job.job_id}  {words.size(job.total_size_bytes)}{model}")
    if len(timeline.jobs) > _SHOWN:
        click.echo(f"  and {counted(len(timeline.jobs) - _SHOWN, 'job')} more")
    if awaited := session.playback.event_names:
        click.echo(f"  waits for {', '.join(awaited)}: in a test, MockServer.fire makes it happen")
    for fault in timeline.faults[:_SHOWN]:
        click.echo(f"  fault: {words.fault_in_words(fault)}")
    if len(timeline.faults) > _SHOWN:
        click.echo(f"  and {counted(len(timeline.faults) - _SHOWN, 'fault')} more")
    click.echo(f"try: curl {url}{_STATUS_PATH}/{quote(first_job(timeline), safe='')}")


class _Reporter:
    """A readable line for each request, from whichever thread."""

    def __init__(self, counts: Counter[str], log: Log | None) -> None:
        self._counts = counts
        self._log = log
        self._lock = threading.Lock()

    def one(self, exchange: Exchange) -> None:
        from mockserver.cli.words import exchange_in_words
        from mockserver.errors import visible

        with self._lock:
            self._counts[exchange.operation or "unknown path"] += 1
        if self._log is None:
            return
        status, is_fine = "---", False
        if exchange.status is not None:
            status = str(exchange.status)
            is_fine = exchange.operation is not None and exchange.status < 400
        coloured = click.style(status, fg="green" if is_fine else "yellow")
        path = visible(exchange.path[:200])
        words = exchange_in_words(exchange)
        self._log.line(f"{time.strftime('%H:%M:%S')} {coloured} {exchange.method} {path}  {words}")
