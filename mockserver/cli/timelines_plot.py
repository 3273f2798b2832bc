"""`mockserver timelines plot`: a timeline drawn in the terminal, or as a picture."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mockserver.cli.options.common import (
    completing,
    folder_option,
    timeline_argument,
    timeline_source,
)
from mockserver.cli.options.groups import option_decorator
from mockserver.errors import MockServerError

if TYPE_CHECKING:
    from mockserver.report.chart_text import Line, Role
    from mockserver.timeline.model import Event, Timeline
    from mockserver.timeline.playback import Playback

_STDIO = "-"
_MAX_WIDTH = 1_000


@click.command(
    name="plot",
    epilog="\b\nExamples:\n  mockserver timelines plot paused-then-resumed\n"
    "  mockserver timelines plot suspended-until-resumed --event resume@20s\n"
    "  mockserver timelines plot timelines/mine.yaml --svg mine.svg",
)
@timeline_argument
@option_decorator(
    "svg",
    "--svg FILE",
    "Write a picture to this file; - is standard output.",
    click.Path(dir_okay=False),
)
@option_decorator(
    "jobs",
    "--job ID",
    "Draw this job. Can be given several times. Without it, up to 8 that differ.",
    multiple=True,
    shell_complete=completing(lambda ctx: _job_ids(ctx)),
)
@option_decorator(
    "events",
    "--event NAME@TIME",
    "Let an event happen, such as resume@10s. Can be given several times.",
    multiple=True,
    shell_complete=completing(lambda ctx: _event_names(ctx)),
)
@option_decorator("to", "--to TIME", "Draw up to this time, such as 90s. Without it, to the end.")
@option_decorator(
    "width",
    "--width COLUMNS",
    "How wide to draw. Without it, as wide as the terminal.",
    click.IntRange(40, _MAX_WIDTH),
)
@option_decorator("as_ascii", "--ascii", "Draw with plain characters only.")
@folder_option
def plot(
    name: str,
    svg: str | None,
    jobs: tuple[str, ...],
    events: tuple[str, ...],
    to: str | None,
    width: int | None,
    as_ascii: bool,
    folder: str | None,
) -> None:
    """Draw the timeline NAME: the share of the bytes that has come, and the status, over time.

    A job that waits for an event is drawn until then: --event makes it happen. Time is virtual,
    and counts from the timeline's beginning. Faults that strike at a time are drawn, those that
    strike a numbered request are listed.
    """
    from mockserver.report.timeline_chart import chart_of
    from mockserver.timeline.reader import load

    timeline = load(timeline_source(name, folder))
    ends_ms = None if to is None else _time("--to", to, least_ms=1)
    drawn = chart_of(_playback(timeline, events), jobs, ends_ms)
    if svg is not None:
        from mockserver.report import chart_svg

        _deliver(chart_svg.draw(drawn), svg)
        return
    from mockserver.report import chart_text

    columns = width or min(_MAX_WIDTH, _terminal_columns())
    for line in chart_text.draw(drawn, columns, not as_ascii and _has_unicode()):
        _echo_line(line)


def _playback(timeline: Timeline, events: tuple[str, ...]) -> Playback:
    """The timeline with these events, in the order of their times."""
    from mockserver.errors import UnknownName
    from mockserver.timeline.playback import Playback

    playback = Playback.of(timeline)
    happen = [_event(text, playback.epoch_ms) for text in events]
    for event in sorted(happen, key=lambda event: event.at_ms):
        if event.name not in playback.event_names:
            raise UnknownName("event", event.name, playback.event_names, timeline.name)
        playback = playback.after(event)
    return playback


def _event(text: str, epoch_ms: int) -> Event:
    from mockserver.timeline.model import Event

    name, at, time = text.rpartition("@")
    if not at or not name:
        raise click.BadParameter(
            f"{text!r} is not NAME@TIME, such as resume@10s", param_hint="--event"
        )
    return Event(name, epoch_ms + _time("--event", time))


def _time(option: str, text: str, least_ms: int = 0) -> int:
    """A duration from the command line, in milliseconds."""
    from mockserver.documents.units import DURATIONS, corrected_duration, duration_ms
    from mockserver.timeline.script import MAX_SCRIPT_MS

    try:
        time = duration_ms(text)
    except ValueError as error:
        meant = corrected_duration(text)
        advice = f"did you mean {meant}?" if meant else f"expected {DURATIONS}"
        raise click.BadParameter(f"{error}; {advice}", param_hint=option) from error
    if not least_ms <= time <= MAX_SCRIPT_MS:
        raise click.BadParameter(f"{text} is not from 1ms to ten years", param_hint=option)
    return time


def _job_ids(ctx: click.Context) -> list[str]:
    timeline = _named(ctx)
    return [job.job_id for job in timeline.jobs] if timeline else []


def _event_names(ctx: click.Context) -> list[str]:
    from mockserver.timeline.playback import Playback

    timeline = _named(ctx)
    return [f"{name}@" for name in Playback.of(timeline).event_names] if timeline else []


def _named(ctx: click.Context) -> Timeline | None:
    """The timeline that the command line names so far, for completion."""
    from mockserver.timeline.reader import load

    # An option that has no value yet keeps click from telling which word is the name.
    name = ctx.params.get("name") or next(iter(ctx.args), None)
    if name is None or name == _STDIO:
        return None
    try:
        return load(timeline_source(name, ctx.params.get("folder")))
    except MockServerError:  # said when the command runs
        return None


def _deliver(text: str, target: str) -> None:
    from mockserver import files

    if target == _STDIO:
        click.echo(text.encode("utf-8"), nl=False)
    else:
        files.write_all({Path(target): text})
        click.echo(f"written  {target}")


def _terminal_columns() -> int:
    from shutil import get_terminal_size

    return get_terminal_size().columns


def _has_unicode() -> bool:
    """Whether block characters reach the reader: both Python and the locale must say so.

    In the C locale Python writes UTF-8 all the same, to a terminal that may not know it.
    """
    import locale
    import os

    try:
        "▁█▒░▓│─▸…".encode(sys.stdout.encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        return False
    chosen = os.environ.get("PYTHONIOENCODING") or os.name != "posix"
    return bool(chosen) or locale.getencoding().lower().replace("-", "") == "utf8"


def _echo_line(line: Line) -> None:
    colours: dict[Role, str] = {
        "event": "magenta",
        "fault": "bright_red",
        "downloading": "blue",
        "holding": "cyan",
        "paused": "yellow",
        "completed": "green",
        "failed": "red",
    }
    for text, role in line:
        bold, dim = role in ("title", "name"), role in ("dim", "gone")
        click.secho(text, fg=colours.get(role), bold=bold or None, dim=dim or None, nl=False)
    click.echo()
