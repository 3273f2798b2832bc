"""`mockserver serve`: timelines on a port until it is told to stop."""

from __future__ import annotations

import gc
import os
import re
import signal
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from mockserver.cli.console import Log
from mockserver.cli.options import (
    checked_speed,
    checked_step,
    checked_token,
    completing,
    edition_option,
    folder_option,
    listening_options,
)
from mockserver.cli.options import timeline_names as names

if TYPE_CHECKING:
    from mockserver.cli.announcing import Announcer
    from mockserver.server.sessions import Sessions
    from mockserver.server.settings import ClockKind, Settings

_STOPPING = (signal.SIGINT, signal.SIGTERM)


@click.command(
    name="serve",
    epilog="""\b
Examples:
  mockserver serve
  mockserver serve paused-then-resumed --port 0 --speed 60
  mockserver serve server-restart --clock poll --step 500ms
  mockserver serve healthy stalled-frozen-speed flapping --clock manual
  mockserver serve download-on-request --token secret --cors
  mockserver serve my/own.yaml --host 0.0.0.0""",
)
@click.argument("timelines", metavar="[TIMELINE]...", nargs=-1, shell_complete=completing(names))
@listening_options(1234)
@click.option(
    "--clock",
    type=click.Choice(["wall", "manual", "poll"]),
    default="wall",
    show_default=True,
    help="What moves time on: time itself; only what is told to, such as POST /_mock/clock or a "
    "fault that delays; or each status request, so that every run is the same.",
)
@click.option(
    "--speed",
    metavar="NUMBER",
    type=float,
    callback=checked_speed,
    help="With a wall clock, virtual seconds for each real one: 60 plays a minute in a second.",
)
@click.option(
    "--step",
    metavar="DURATION",
    callback=checked_step,
    help="With a poll clock, how far each status request moves it.  [default: 1s]",
)
@edition_option(default=None, help_="Which edition to answer as. Without it, the timeline's own.")
@click.option(
    "--with-download",
    is_flag=True,
    help="Answer POST, which starts a download, also in an edition without it.",
)
@click.option(
    "--token",
    metavar="TOKEN",
    envvar="MOCKSERVER_TOKEN",
    callback=checked_token,
    help="Answer 401 to requests that do not bear this API token.  [env: MOCKSERVER_TOKEN]",
)
@click.option("--cors", is_flag=True, help="Let web pages read the replies.")
@click.option(
    "--control-token",
    metavar="TOKEN",
    envvar="MOCKSERVER_CONTROL_TOKEN",
    callback=checked_token,
    help="What whoever steers it must bear. On any but a loopback address, one is made and printed "
    "unless given.  [env: MOCKSERVER_CONTROL_TOKEN]",
)
@folder_option
@click.option("-q", "--quiet", is_flag=True, help="Print no line for each request.")
@click.option(
    "--log-json", is_flag=True, help="Print JSON lines for a script: listening, request, stopped."
)
def command(
    timelines: tuple[str, ...],
    port: int,
    host: str,
    clock: ClockKind,
    speed: float | None,
    step: int | None,
    edition: str | None,
    with_download: bool,
    token: str | None,
    cors: bool,
    control_token: str | None,
    folder: str | None,
    quiet: bool,
    log_json: bool,
) -> None:
    """Serve each TIMELINE for a client to poll, until Ctrl-C or SIGTERM.

    A TIMELINE is a name or a file of your own; `healthy` unless given. It begins when the server
    starts. The first is at the server's root; each further one has a base URL of its own, and its
    own clock, events and journal. Tests in any language steer them by the control API below
    /_mock.
    """
    from mockserver.server.settings import Settings
    from mockserver.timeline.find import find
    from mockserver.timeline.reader import load

    if speed is not None and clock != "wall":
        reason = "polls move" if clock == "poll" else "nothing but a request moves"
        raise click.UsageError(f"--speed does nothing with --clock {clock}: {reason} that clock")
    if step is not None and clock != "poll":
        raise click.UsageError("--step does nothing without --clock poll")
    played = [
        Settings.of(
            load(find(name, folder)),
            edition,
            clock,
            speed=speed,
            step=step,
            token=token,
            cors=cors,
            with_download=with_download,
        )
        for name in timelines or ("healthy",)
    ]
    _serve(played, host, port, control_token, quiet=quiet, log_json=log_json)
    gc.freeze()  # spares the interpreter a search through all that it will drop anyway
    sys.exit(0)


def _serve(
    played: list[Settings],
    host: str,
    port: int,
    control_token: str | None,
    *,
    quiet: bool,
    log_json: bool,
) -> None:
    from mockserver.cli.announcing import InJson, InWords, left_out_in_json
    from mockserver.cli.opening import Opening
    from mockserver.net.live_server import LiveServer
    from mockserver.server.access import is_loopback, new_token
    from mockserver.server.app import site_app
    from mockserver.server.session import Session
    from mockserver.server.session_gate import SessionGate
    from mockserver.server.sessions import Sessions
    from mockserver.server.site import Site

    made_token = None
    if control_token is None and not is_loopback(host):
        control_token = made_token = new_token()
    sessions = Sessions(Session(played[0]))
    for settings in played[1:]:
        sessions.open(settings, id_=_id_of(settings.timeline.name), expires_after_s=None)
    log = Log(left_out_in_json) if log_json else Log()
    with _signals() as wait, log:
        announcer: Announcer = InJson(log, quiet) if log_json else InWords(log, quiet)
        app = site_app(Site(sessions, announcer.request, control_token))
        gate = SessionGate(sessions.own, lambda: _may_refuse(sessions))
        with LiveServer(app, host, port, admission=gate) as live:
            is_guarded = control_token is not None
            announcer.listening(Opening(sessions, host, live.url, is_guarded, made_token))
            wait()
        announcer.stopped()
    if log.is_stuck:
        os._exit(0)  # nobody reads, and Python would wait for standard output, then abort


def _id_of(name: str) -> str:
    """A timeline's name as it can stand in a URL and on a command line."""
    return re.sub(r"[^A-Za-z0-9_-]+", "-", name).strip("-") or "timeline"


def _may_refuse(sessions: Sessions) -> bool:
    """Whether the port may be closed: not for other sessions, nor so that it never opens again."""
    own = sessions.own
    opens_ms = own.refusal_changes_ms()
    ends = opens_ms is not None and own.clock.real_seconds_until(opens_ms) is not None
    return ends and not sessions.are_open()


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
