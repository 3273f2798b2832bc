"""`mockserver serve`: timelines on a port until it is told to stop."""

import gc
import os
import re
import signal
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass

import click

from mockserver.cli.options import servers, values
from mockserver.cli.options.common import folder_option, timeline_names
from mockserver.cli.options.groups import argument, click_command, option
from mockserver.cli.options.servers import ListeningOptions, LogOptions, ServerOptions
from mockserver.client_rules.context import ClockKind
from mockserver.server.config import ServerConfig

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


@dataclass(frozen=True, slots=True)
class ServeOptions(ServerOptions):
    clock: ClockKind = option(
        "--clock",
        "What moves time on: time itself; only what is told to, such as POST /_mock/clock or "
        "a fault that delays; or each status request, so that every run is the same.",
        click.Choice(["wall", "manual", "poll"]),
        default="wall",
    )
    speed: float | None = servers.speed_option(": 60 plays a minute in a second.")
    step: int | None = servers.step_option("1s")
    edition: str | None = servers.edition_option("the timeline's")
    with_download: bool = servers.with_download_option("--with-download")
    cors: bool = option("--cors", "Let web pages read the replies.")
    control_token: str | None = option(
        "--control-token TOKEN",
        "What whoever steers it must bear. On any but a loopback address, one is made and "
        "printed unless given.  [env: MOCKSERVER_CONTROL_TOKEN]",
        values.token,
        envvar="MOCKSERVER_CONTROL_TOKEN",
    )
    folder: str | None = folder_option()


@click_command("serve")
def command(
    listening: ListeningOptions,
    server: ServeOptions,
    log: LogOptions,
    timelines: tuple[str, ...] = argument("[TIMELINE]...", nargs=-1, shell_complete=timeline_names),
) -> None:
    """Serve each TIMELINE for a client to poll, until Ctrl-C or SIGTERM.

    A TIMELINE is a name or a file of your own; `healthy` unless given. It begins when the server
    starts. The first is at the server's root; each further one has a base URL of its own, and its
    own clock, events and journal. Tests in any language steer them by the control API below
    /_mock.

    Examples:
      mockserver serve
      mockserver serve paused-then-resumed --port 0 --speed 60
      mockserver serve server-restart --clock poll --step 500ms
      mockserver serve healthy stalled-frozen-speed flapping --clock manual
      mockserver serve download-on-request --token secret --cors
      mockserver serve my/own.yaml --host 0.0.0.0
    """
    where = asdict(listening)
    played = [server.config(name, **where) for name in timelines or ("healthy",)]
    _serve(played, log)
    gc.freeze()  # spares the interpreter a search through all that it will drop anyway
    sys.exit(0)


def _serve(played: list[ServerConfig], log: LogOptions) -> None:
    from mockserver.cli.views.serving import ServeView, Startup
    from mockserver.net.live_server import LiveServer
    from mockserver.server.app import MockApp
    from mockserver.server.session import Session
    from mockserver.server.session_server import SessionAdmission
    from mockserver.server.sessions import Sessions

    config = played[0].guarded()
    made_token = None if config.control_token == played[0].control_token else config.control_token
    own, *others = map(Session, (config, *played[1:]))
    view = ServeView(as_json=log.log_json, quiet=log.quiet)
    with _until_signal() as wait, view.log:
        sessions = Sessions(own, on_request=view.request)
        for session in others:
            # Its name as it can stand in a URL and on a command line.
            name = re.sub(r"[^A-Za-z0-9_-]+", "-", session.timeline.name).strip("-")
            sessions.open(session.config, id_=name or "timeline", expires_after_s=None)
        admission = SessionAdmission(sessions, must_reopen=True)
        with LiveServer(MockApp(sessions), config.host, config.port, admission=admission) as live:
            is_guarded = config.control_token is not None
            view.listening(Startup(sessions, config.host, live.url, is_guarded, made_token))
            wait()
        view.stopped()
    if view.log.is_stuck:
        os._exit(0)  # nobody reads, and Python would wait for standard output, then abort


@contextmanager
def _until_signal() -> Iterator[Callable[[], None]]:
    """Gives a function that waits for SIGINT or SIGTERM, also when several come at once.

    They are told by a byte on a socket: a lock or an Event can miss the signal that comes just
    before it begins to wait. After the first, the rest of a burst changes nothing any more.
    """
    ours, theirs = socket.socketpair()
    theirs.setblocking(False)
    before = signal.set_wakeup_fd(theirs.fileno(), warn_on_full_buffer=False)
    for number in _SIGNALS:
        signal.signal(number, lambda *_: None)

    def wait() -> None:
        ours.recv(1)
        for number in _SIGNALS:
            signal.signal(number, signal.SIG_IGN)

    try:
        yield wait
    finally:
        signal.set_wakeup_fd(before)
        ours.close()
        theirs.close()
