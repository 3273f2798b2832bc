"""`mockserver demo`: the whole path in a few seconds, for somebody who has never seen it."""

from __future__ import annotations

import shlex
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPResponse, IncompleteRead
from itertools import groupby
from typing import TYPE_CHECKING

import click

from mockserver.api.operations import JOB_STATUS
from mockserver.cli.options.common import timeline_names
from mockserver.cli.options.groups import argument, click_command
from mockserver.cli.views.jobs import clock_in_words, first_job, percent
from mockserver.cli.views.output import progress
from mockserver.documents.text import counted, duration, plain, size
from mockserver.timeline.find import find

if TYPE_CHECKING:
    from mockserver.contract import Violation

_LASTS_S = 2.5  # real seconds for the whole timeline, whatever its length
_POLL_S = 0.05
_ACCIDENTS = {ConnectionRefusedError: "connection refused", IncompleteRead: "half a reply"}


@dataclass(frozen=True)
class _PolledState:
    """What one poll brought: the job's status, or what came in its place.

    `share` is how much of the download is there, 0 to 1. `checked` is False for a reply that is
    none to check, such as a 503 or half of one.
    """

    outcome: str
    text: str = ""
    share: float = 0.0
    checked: bool = False
    violations: tuple[Violation, ...] = ()


@click_command("demo")
def command(
    timeline: str = argument(
        "[TIMELINE]", default="paused-then-resumed", shell_complete=timeline_names
    ),
) -> None:
    """Watch a download on a mock server, every reply checked.

    Starts a server on a free port, plays TIMELINE (a pause half-way unless you name another) at
    high speed, polls its job as a client would, and validates every reply against the schemas.
    Exit 0 when all of them conform.

    Examples:
      mockserver demo
      mockserver demo failed-midway
    """
    from mockserver.server.mock_server import MockServer
    from mockserver.timeline.playback import Playback
    from mockserver.timeline.reader import load

    loaded = load(find(timeline))
    length_ms = max(1, Playback.of(loaded).settles_ms - loaded.epoch_ms)
    speed = min(1e6, max(1.0, round(length_ms / 1000 / _LASTS_S, 1)))
    job_id = first_job(loaded)
    with MockServer(loaded, speed=speed) as server:
        click.echo(f"A mock LM Studio listens on {server.url}.")
        described = f": {plain(loaded.description)}" if loaded.description else ""
        click.echo(f"It plays {loaded.name} {clock_in_words(server.clock)}{described}")
        click.echo(f"A client polls GET {JOB_STATUS.stem}/{job_id}\n")
        seen = _watch(_polls(server.port, loaded.edition, job_id))
    sys.exit(0 if _conclude(seen, loaded.edition, timeline) else 1)


def _polls(port: int, edition: str, job_id: str) -> Iterator[_PolledState]:
    ends_at = time.monotonic() + _LASTS_S + 0.5
    with closing(HTTPConnection("127.0.0.1", port, timeout=5)) as connection:
        while True:
            try:
                connection.request(JOB_STATUS.method, JOB_STATUS.path_for(job_id=job_id))
                poll = _read(connection.getresponse(), edition)
            except (OSError, HTTPException) as error:
                connection.close()
                poll = _PolledState(_ACCIDENTS.get(type(error), "no reply"))
            yield poll
            if poll.outcome in ("completed", "failed") or time.monotonic() > ends_at:
                return
            time.sleep(_POLL_S)


def _read(reply: HTTPResponse, edition: str) -> _PolledState:
    from mockserver.contract import violations_in_body
    from mockserver.documents import json_text

    body = reply.read()
    if reply.status != 200:
        return _PolledState(str(reply.status), f"{reply.status} {reply.reason}")
    found = violations_in_body(body, JOB_STATUS.id, edition)
    if found:
        return _PolledState("violation", str(found[0]), checked=True, violations=tuple(found))
    payload = json_text.loads(body)
    assert isinstance(payload, dict)
    return _PolledState(str(payload["status"]), *_shown(payload), checked=True)


def _watch(polls: Iterator[_PolledState]) -> list[_PolledState]:
    """All polls, shown as they come: by a bar that moves, else by lines."""
    seen: list[_PolledState] = []
    shown: tuple[str, int] | None = None
    with progress(err=False, has_label=True) as view:
        for poll in polls:
            seen.append(poll)
            before, shown = shown, (poll.outcome, int(10 * poll.share))
            if shown != before:  # another status, or another tenth has arrived
                view.say("  " + (poll.text or poll.outcome))
            text = poll.text.removeprefix(poll.outcome).strip()
            view.show("job", text, done=poll.share or None, total=1.0, label=poll.outcome)
    return seen


def _shown(payload: Mapping[str, object]) -> tuple[str, float]:
    """What a client would show, from the reply's members alone; and how much is there, 0 to 1."""
    text = f"{payload['status']:<11}"
    done, total = payload.get("downloaded_bytes"), payload.get("total_size_bytes")
    if not isinstance(done, int) or not isinstance(total, int):
        return text, 0.0
    text += f" {percent(done, total):>5} of {size(total)}"
    speed = payload.get("bytes_per_second")
    if isinstance(speed, int | float) and speed > 0:
        rest_ms = 1000 * max(1, round((total - done) / speed))
        text += f" at {size(speed)}/s, {duration(rest_ms)} left"
    return text, min(1.0, done / total) if total > 0 else 0.0


def _conclude(polls: Sequence[_PolledState], edition: str, timeline: str) -> bool:
    """Whether all replies conform, and what to try next."""
    outcomes = [outcome for outcome, _ in groupby(poll.outcome for poll in polls)]
    violations = [violation for poll in polls for violation in poll.violations]
    click.echo(f"\nThe client saw: {' -> '.join(outcomes) or 'nothing'}")
    replies = counted(sum(poll.checked for poll in polls), "reply")
    checked = f"{replies} checked against the schemas of edition {edition}"
    wrong = counted(len(violations), "violation")
    click.secho(f"{checked}: {wrong}", fg="red" if violations else "green")
    for violation in violations[:10]:
        click.echo(f"  {violation}")
    click.echo(
        f"""
Next:
  mockserver serve {shlex.quote(timeline)}
      the same download in real time, for a client of yours to poll
  mockserver schemas show job_status
      what a reply must be, and the line of the documentation that says so
  mockserver timelines list
      the other downloads that can be played, most of them troubled
  README.md
      the pytest fixture, and timelines of your own"""
    )
    return not violations
