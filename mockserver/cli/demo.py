"""`mockserver demo`: the whole path in a few seconds, for somebody who has never seen it."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.client import HTTPConnection
from typing import TYPE_CHECKING, TypeAlias

import click

from mockserver.cli.options import completing, counted

if TYPE_CHECKING:
    from mockserver.contract import Violation
    from mockserver.timeline.model import Timeline

_Payload: TypeAlias = "dict[str, object]"
_Poll: TypeAlias = "tuple[_Payload, list[Violation]]"

_LASTS_S = 2.5
"""Real seconds for the whole timeline, whatever its length."""
_POLL_S = 0.05
_DEADLINE_S = 15.0
_STATUS_PATH = "/api/v1/models/download/status"


@dataclass
class _Seen:
    """What the polls brought: every status in order, and what was wrong."""

    replies: int = 0
    statuses: list[str] = field(default_factory=list)
    violations: list[Violation] = field(default_factory=list)


def _bundled() -> list[str]:
    from mockserver import resources

    return list(resources.timeline_files())


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
    shell_complete=completing(lambda _: _bundled()),
)
def command(timeline: str) -> None:
    """Watch a download on a mock server, every reply checked.

    Starts a server on a free port, plays TIMELINE (a pause half-way unless you name another) at
    high speed, polls its job as a client would, and validates every reply against the schemas.
    Exit 0 when all of them conform.
    """
    from mockserver.cli import words
    from mockserver.server.app import create_app
    from mockserver.server.live import LiveServer
    from mockserver.timeline.clock import WallClock
    from mockserver.timeline.load import find, load

    loaded = load(find(timeline))
    length_ms = max(1, loaded.ends_at_ms - loaded.epoch_ms)
    speed = max(1.0, round(length_ms / 1000 / _LASTS_S, 1))
    start_ms = time.time_ns() // 1_000_000 if loaded.floating else loaded.epoch_ms
    app = create_app(loaded, clock=WallClock(start_ms, speed))
    job_id = words.first_job(loaded)
    with LiveServer(app) as live:
        click.echo(f"A mock LM Studio listens on {live.url}.")
        click.echo(f"It plays {loaded.name} at {words.speed_in_words(speed)}: {loaded.description}")
        click.echo(f"A client polls GET {_STATUS_PATH}/{job_id}")
        click.echo()
        seen = _watch(_polls(live.port, loaded.edition, job_id))
    _conclude(seen, loaded, job_id)
    sys.exit(1 if seen.violations else 0)


def _polls(port: int, edition: str, job_id: str) -> Iterator[_Poll]:
    """Each reply's payload and its violations, until the job has ended or the deadline is over."""
    from mockserver import jsontext
    from mockserver.contract import violations_in_body

    connection = HTTPConnection("127.0.0.1", port, timeout=5)
    deadline = time.monotonic() + _DEADLINE_S
    ends_at = time.monotonic() + _LASTS_S + 0.5
    try:
        while time.monotonic() < deadline:
            connection.request("GET", f"{_STATUS_PATH}/{job_id}")
            body = connection.getresponse().read()
            found = violations_in_body(body, "job_status", edition)
            payload = jsontext.loads(body) if not found else {}
            assert isinstance(payload, dict)
            yield {**payload}, found
            ended = payload.get("status") in ("completed", "failed")
            if ended or time.monotonic() > ends_at:
                return
            time.sleep(_POLL_S)
    finally:
        connection.close()


def _watch(polls: Iterator[_Poll]) -> _Seen:
    seen = _Seen()
    with _Bar() if sys.stdout.isatty() else _Lines() as view:
        for payload, violations in polls:
            seen.replies += 1
            seen.violations += violations
            if not violations:
                status = str(payload["status"])
                if seen.statuses[-1:] != [status]:
                    seen.statuses.append(status)
                view.show(payload)
    return seen


class _Lines:
    """A line whenever the status changes or another tenth has arrived: for logs and pipes."""

    def __init__(self) -> None:
        self._shown: tuple[object, int] | None = None

    def __enter__(self) -> _Lines:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def show(self, payload: _Payload) -> None:
        tenth = int(10 * _share(payload))
        if (payload["status"], tenth) != self._shown:
            self._shown = (payload["status"], tenth)
            click.echo("  " + _in_words(payload))


class _Bar:
    """A bar that moves: for terminals."""

    def __enter__(self) -> _Bar:
        from rich.progress import BarColumn, Progress, TextColumn

        self._progress = Progress(
            TextColumn("  {task.fields[status]:<11}"),
            BarColumn(40),
            TextColumn("{task.description}"),
        )
        self._task = self._progress.add_task("", total=1.0, status="")
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    def show(self, payload: _Payload) -> None:
        status, _, rest = _in_words(payload).partition(" ")
        self._progress.update(
            self._task, completed=_share(payload), status=status, description=rest.strip()
        )


def _share(payload: _Payload) -> float:
    done, total = payload.get("downloaded_bytes"), payload.get("total_size_bytes")
    if isinstance(done, int | float) and isinstance(total, int | float) and total > 0:
        return min(1.0, done / total)
    return 0.0


def _in_words(payload: _Payload) -> str:
    """What a client would show, from the reply's members alone."""
    from mockserver.cli import words

    text = f"{payload['status']:<11}"
    done, total = payload.get("downloaded_bytes"), payload.get("total_size_bytes")
    if isinstance(done, int) and isinstance(total, int):
        text += f" {words.percent(done, total):>5}  {words.size(done)} of {words.size(total)}"
    speed, end = payload.get("bytes_per_second"), payload.get("estimated_completion")
    if isinstance(speed, int | float) and isinstance(end, str):
        text += f"  at {words.size(speed)}/s, done at {end[11:19]}"
    return text


def _conclude(seen: _Seen, timeline: Timeline, job_id: str) -> None:
    edition = timeline.edition
    click.echo()
    click.echo(f"The client saw: {' -> '.join(seen.statuses) or 'nothing'}")
    checked = f"{counted(seen.replies, 'reply')} checked against the schemas of edition {edition}"
    wrong = counted(len(seen.violations), "violation")
    click.secho(f"{checked}: {wrong}", fg="red" if seen.violations else "green")
    for violation in seen.violations[:10]:
        click.echo(f"  {violation}")
    click.echo(
        f"""
Next:
  mockserver serve {timeline.name}
      the same download in real time, for a client of yours to poll
  mockserver schemas show job_status
      what a reply must be, and the line of the documentation that says so
  mockserver validate reply.json
      whether a reply you have is one
  README.md
      the pytest fixture, and timelines of your own"""
    )
