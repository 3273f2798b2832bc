"""`mockserver timelines plot`: a timeline drawn in the terminal, or as a picture."""

from __future__ import annotations

import locale
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from shutil import get_terminal_size
from typing import TYPE_CHECKING

import click

from mockserver import files
from mockserver.cli.options import common, values
from mockserver.cli.options.common import completing, timeline_source
from mockserver.cli.options.groups import argument, click_command, option
from mockserver.errors import MockServerError, UnknownName

if TYPE_CHECKING:
    from mockserver.report.chart_text import Role
    from mockserver.timeline.model import Event, Timeline
    from mockserver.timeline.playback import Playback

_STDIO = "-"
_MAX_WIDTH = 1_000
_COLOURS: dict[Role, str] = {
    "event": "magenta",
    "fault": "bright_red",
    "downloading": "blue",
    "holding": "cyan",
    "paused": "yellow",
    "completed": "green",
    "failed": "red",
}


@completing
def _job_ids(ctx: click.Context) -> list[str]:
    timeline = _named(ctx)
    return [job.job_id for job in timeline.jobs] if timeline else []


@completing
def _event_names(ctx: click.Context) -> list[str]:
    from mockserver.timeline.playback import Playback

    timeline = _named(ctx)
    return [f"{name}@" for name in Playback.of(timeline).event_names] if timeline else []


def _named(ctx: click.Context) -> Timeline | None:
    """The timeline that the command line names so far, for completion."""
    from mockserver.timeline.reader import load

    # An option that has no value yet keeps click from telling which word is the name.
    name = ctx.params.get("name") or next(iter(ctx.args), _STDIO)
    if name == _STDIO:
        return None
    try:
        return load(timeline_source(name, ctx.params.get("folder")))
    except MockServerError:  # said when the command runs
        return None


@dataclass(frozen=True, slots=True)
class _PlotOptions:
    svg: str | None = option(
        "--svg FILE",
        "Write a picture to this file; - is standard output.",
        click.Path(dir_okay=False),
    )
    jobs: tuple[str, ...] = option(
        "--job ID",
        "Draw this job. Can be given several times. Without it, up to 8 that differ.",
        multiple=True,
        shell_complete=_job_ids,
    )
    events: tuple[str, ...] = option(
        "--event NAME@TIME",
        "Let an event happen, such as resume@10s. Can be given several times.",
        multiple=True,
        shell_complete=_event_names,
    )
    to: str | None = option(
        "--to TIME", "Draw up to this time, such as 90s. Without it, to the end."
    )
    width: int | None = option(
        "--width COLUMNS",
        "How wide to draw. Without it, as wide as the terminal.",
        click.IntRange(40, _MAX_WIDTH),
    )
    as_ascii: bool = option("--ascii", "Draw with plain characters only.")
    folder: str | None = common.folder_option()


@click_command("plot")
def plot(options: _PlotOptions, name: str = argument(shell_complete=common.timeline_names)) -> None:
    """Draw the timeline NAME: the share of the bytes that has come, and the status, over time.

    A job that waits for an event is drawn until then: --event makes it happen. Time is virtual,
    and counts from the timeline's beginning. Faults that strike at a time are drawn, those that
    strike a numbered request are listed.

    Examples:
      mockserver timelines plot paused-then-resumed
      mockserver timelines plot suspended-until-resumed --event resume@20s
      mockserver timelines plot timelines/mine.yaml --svg mine.svg
    """
    from mockserver.report import chart_svg, chart_text
    from mockserver.report.timeline_chart import chart_of
    from mockserver.timeline.reader import load

    timeline = load(timeline_source(name, options.folder))
    ends_ms = None if options.to is None else _time("--to", options.to, least_ms=1)
    drawn = chart_of(_playback(timeline, options.events), options.jobs, ends_ms)
    if options.svg == _STDIO:
        click.echo(chart_svg.draw(drawn).encode("utf-8"), nl=False)
        return
    if options.svg is not None:
        files.write_all({Path(options.svg): chart_svg.draw(drawn)})
        click.echo(f"written  {options.svg}")
        return
    columns = options.width or min(_MAX_WIDTH, get_terminal_size().columns)
    for line in chart_text.draw(drawn, columns, not options.as_ascii and _has_unicode()):
        for text, role in line:
            bold, dim = role in ("title", "name"), role in ("dim", "gone")
            colour = _COLOURS.get(role)
            click.secho(text, fg=colour, bold=bold or None, dim=dim or None, nl=False)
        click.echo()


def _playback(timeline: Timeline, events: tuple[str, ...]) -> Playback:
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

    name, _, time = text.rpartition("@")
    if not name:
        problem = f"{text!r} is not NAME@TIME, such as resume@10s"
        raise click.BadParameter(problem, param_hint="--event")
    return Event(name, epoch_ms + _time("--event", time))


def _time(option_: str, text: str, least_ms: int = 0) -> int:
    from mockserver.timeline.script import MAX_SCRIPT_MS

    try:
        time = values.duration_ms(text)
    except click.BadParameter as error:
        error.param_hint = option_
        raise
    if not least_ms <= time <= MAX_SCRIPT_MS:
        raise click.BadParameter(f"{text} is not from 1ms to ten years", param_hint=option_)
    return time


def _has_unicode() -> bool:
    """Whether block characters reach the reader: both Python and the locale must say so.

    In the C locale Python writes UTF-8 all the same, to a terminal that may not know it.
    """
    try:
        "▁█▒░▓│─▸…".encode(sys.stdout.encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        return False
    chosen = os.environ.get("PYTHONIOENCODING") or os.name != "posix"
    return bool(chosen) or locale.getencoding().lower().replace("-", "") == "utf8"
