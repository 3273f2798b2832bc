"""`mockserver demo`: the whole path in a few seconds, for somebody who has never seen it."""

from __future__ import annotations

import shlex
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException, HTTPResponse, IncompleteRead
from typing import TYPE_CHECKING, TypeAlias
from urllib.parse import quote

import click

from mockserver.cli.options import completing, counted, timeline_names

if TYPE_CHECKING:
    from mockserver.contract import Violation
    from mockserver.timeline.model import Timeline

_Payload: TypeAlias = "dict[str, object]"

_LASTS_S = 2.5
"""Real seconds for the whole timeline, whatever its length."""
_POLL_S = 0.05
_DEADLINE_S = 15.0
_STATUS_PATH = "/api/v1/models/download/status"


@dataclass(frozen=True)
class _Poll:
    """What one poll brought: the job's status, or what came in its place.

    `share` is how much of the download is there, 0 to 1. `checked` is False for a reply that is
    none to check, such as a 503 or half of one.
    """

    outcome: str
    text: str = ""
    share: float = 0.0
    checked: bool = False
    violations: tuple[Violation, ...] = ()


@dataclass
class _Seen:
    """What the polls brought: every outcome in order, and what was wrong."""

    replies: int = 0
    outcomes: list[str] = field(default_factory=list)
    violations: list[Violation] = field(default_factory=list)


@click.command(
    name="demo",
    epilog="""\b
Examples:
  mockserver demo
  mockserver demo failed-midway""",
)
@click.argument(
    "timeline",
    metavar="[TIMELINE]",
    default="paused-then-resumed",
    shell_complete=completing(timeline_names),
)
def command(timeline: str) -> None:
    """Watch a download on a mock server, every reply checked.

    Starts a server on a free port, plays TIMELINE (a pause half-way unless you name another) at
    high speed, polls its job as a client would, and validates every reply against the schemas.
    Exit 0 when all of them conform.
    """
    from mockserver.cli import words
    from mockserver.documents.text import plain
    from mockserver.server.handle import MockServer
    from mockserver.timeline.find import find
    from mockserver.timeline.playback import Playback
    from mockserver.timeline.reader import load

    loaded = load(find(timeline))
    length_ms = max(1, Playback.of(loaded).settles_ms - loaded.epoch_ms)
    speed = min(1e6, max(1.0, round(length_ms / 1000 / _LASTS_S, 1)))
    job_id = words.first_job(loaded)
    with MockServer(loaded, speed=speed) as server:
        click.echo(f"A mock LM Studio listens on {server.url}.")
        described = f": {plain(loaded.description)}" if loaded.description else ""
        click.echo(f"It plays {loaded.name} {words.clock_in_words(server.clock)}{described}")
        click.echo(f"A client polls GET {_STATUS_PATH}/{job_id}")
        click.echo()
        seen = _watch(_polls(server.port, loaded.edition, job_id))
    _conclude(seen, loaded, timeline)
    sys.exit(1 if seen.violations else 0)


def _polls(port: int, edition: str, job_id: str) -> Iterator[_Poll]:
    """What each poll brings, until the job has ended or the deadline is over."""
    connection = HTTPConnection("127.0.0.1", port, timeout=5)
    deadline = time.monotonic() + _DEADLINE_S
    ends_at = time.monotonic() + _LASTS_S + 0.5
    try:
        while time.monotonic() < deadline:
            try:
                connection.request("GET", f"{_STATUS_PATH}/{quote(job_id, safe='')}")
                poll = _read(connection.getresponse(), edition)
            except (OSError, HTTPException) as error:
                connection.close()
                poll = _Poll(_accident(error))
            yield poll
            if poll.outcome in ("completed", "failed") or time.monotonic() > ends_at:
                return
            time.sleep(_POLL_S)
    finally:
        connection.close()


def _read(reply: HTTPResponse, edition: str) -> _Poll:
    from mockserver.contract import violations_in_body
    from mockserver.documents import json_text

    body = reply.read()
    if reply.status != 200:
        return _Poll(str(reply.status), f"{reply.status} {reply.reason}")
    found = violations_in_body(body, "job_status", edition)
    if found:
        return _Poll("violation", str(found[0]), checked=True, violations=tuple(found))
    payload = json_text.loads(body)
    assert isinstance(payload, dict)
    shown: _Payload = {**payload}
    return _Poll(str(shown["status"]), _in_words(shown), _share(shown), checked=True)


def _accident(error: Exception) -> str:
    if isinstance(error, ConnectionRefusedError):
        return "connection refused"
    return "half a reply" if isinstance(error, IncompleteRead) else "no reply"


def _watch(polls: Iterator[_Poll]) -> _Seen:
    seen = _Seen()
    on_a_terminal = sys.stdout is not None and sys.stdout.isatty()
    with _Bar() if on_a_terminal else _Lines() as view:
        for poll in polls:
            seen.replies += poll.checked
            seen.violations += poll.violations
            if seen.outcomes[-1:] != [poll.outcome]:
                seen.outcomes.append(poll.outcome)
            view.show(poll)
    return seen


class _Lines:
    """A line whenever the status changes or another tenth has arrived: for logs and pipes."""

    def __init__(self) -> None:
        self._shown: tuple[str, int] | None = None

    def __enter__(self) -> _Lines:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def show(self, poll: _Poll) -> None:
        tenth = int(10 * poll.share)
        if (poll.outcome, tenth) != self._shown:
            self._shown = (poll.outcome, tenth)
            click.echo("  " + (poll.text or poll.outcome))


class _Bar:
    """A bar that moves: for terminals."""

    def __enter__(self) -> _Bar:
        from rich.progress import BarColumn, Progress, TextColumn

        self._progress = Progress(
            TextColumn("  {task.fields[status]:<11}"),
            BarColumn(22, complete_style="cyan", finished_style="green", pulse_style="cyan"),
            TextColumn("{task.description}"),
        )
        self._task = self._progress.add_task("", total=1.0, status="")
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    def show(self, poll: _Poll) -> None:
        self._progress.update(
            self._task,
            completed=poll.share or None,  # None leaves the bar where it is
            status=poll.outcome,
            description=poll.text.removeprefix(poll.outcome).strip(),
        )


def _share(payload: _Payload) -> float:
    done, total = payload.get("downloaded_bytes"), payload.get("total_size_bytes")
    if isinstance(done, int | float) and isinstance(total, int | float) and total > 0:
        return min(1.0, done / total)
    return 0.0


def _in_words(payload: _Payload) -> str:
    """What a client would show, from the reply's members alone."""
    from mockserver.cli.words import percent
    from mockserver.documents.text import duration, size

    text = f"{payload['status']:<11}"
    done, total = payload.get("downloaded_bytes"), payload.get("total_size_bytes")
    if isinstance(done, int) and isinstance(total, int):
        text += f" {percent(done, total):>5} of {size(total)}"
        speed = payload.get("bytes_per_second")
        if isinstance(speed, int | float) and speed > 0:
            rest_ms = 1000 * max(1, round((total - done) / speed))
            text += f" at {size(speed)}/s, {duration(rest_ms)} left"
    return text


def _conclude(seen: _Seen, timeline: Timeline, given: str) -> None:
    edition = timeline.edition
    click.echo()
    click.echo(f"The client saw: {' -> '.join(seen.outcomes) or 'nothing'}")
    checked = f"{counted(seen.replies, 'reply')} checked against the schemas of edition {edition}"
    wrong = counted(len(seen.violations), "violation")
    click.secho(f"{checked}: {wrong}", fg="red" if seen.violations else "green")
    for violation in seen.violations[:10]:
        click.echo(f"  {violation}")
    click.echo(
        f"""
Next:
  mockserver serve {shlex.quote(given)}
      the same download in real time, for a client of yours to poll
  mockserver schemas show job_status
      what a reply must be, and the line of the documentation that says so
  mockserver timelines list
      the other downloads that can be played, most of them troubled
  README.md
      the pytest fixture, and timelines of your own"""
    )
