"""What `mockserver timelines` says about a timeline, for people and for scripts."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from itertools import zip_longest
from typing import Any, Self

import click

from mockserver import files, resources
from mockserver.cli.views.output import members
from mockserver.documents.source import Source
from mockserver.documents.text import counted, plain
from mockserver.errors import MockServerError, SourceError, visible
from mockserver.timeline.model import Timeline
from mockserver.timeline.overrides import overrides_in_words
from mockserver.timeline.playback import Playback, length, waits_for
from mockserver.timeline.reader import load
from mockserver.timeline.schedule import Schedule

_NAME_WIDTH = 32
_VERDICTS = ("ok", "refused", "unreadable")  # at the exit code that each leads to


@dataclass(frozen=True, slots=True)
class CheckedTimeline:
    """A file that has been read: the timeline that it is, or why it is none."""

    path: str
    timeline: Timeline | None
    error: MockServerError | None

    @classmethod
    def read(cls, path: str, read: Callable[[], Source], **more: Any) -> Self:
        try:
            return cls(path, load(read()), None, **more)
        except MockServerError as error:
            return cls(path, None, error, **more)

    @property
    def code(self) -> int:
        if self.error is None:
            return 0
        return 1 if isinstance(self.error, SourceError) else 2

    def as_dict(self) -> dict[str, object]:
        facts = summary(self.timeline) if self.timeline else {"error": self._error_facts()}
        return {"file": self.path, "verdict": _VERDICTS[self.code], **facts}

    def print(self) -> None:
        """A line for a timeline; for anything else the whole error below it."""
        verdict = click.style(f"{_VERDICTS[self.code]:<10}", fg="red" if self.error else "green")
        facts = f" ({_in_short(self.timeline)})" if self.timeline else ""
        click.echo(f"{verdict}  {visible(self.path)}{facts}")
        if self.error is not None:
            click.echo("\n".join(f"  {line}" for line in str(self.error).split("\n")))

    def _error_facts(self) -> dict[str, object]:
        if isinstance(self.error, SourceError):
            names = ("line", "column", "source_line", "problem", "expected", "suggestion")
            return {"message": self.error.summary, **members(self.error, *names)}
        return {"message": str(self.error)}


@dataclass(frozen=True, slots=True)
class TimelineEntry(CheckedTimeline):
    """A timeline of the list. `hides`: a bundled one has the same name, and is not found."""

    name: str
    own: bool
    hides: bool

    def as_dict(self) -> dict[str, object]:
        place = {"name": self.name, "own": self.own, "hides_bundled": self.hides}
        return {**place, **CheckedTimeline.as_dict(self)}

    def print_entry(self, name_width: int) -> None:
        timeline = self.timeline
        facts = _in_short(timeline) if timeline else click.style("broken", fg="red")
        name = visible(self.name)
        click.echo(f"{click.style(name, bold=True)}{' ' * (name_width - len(name))}  {facts}")
        if self.own:
            hides = ", in place of the bundled one" if self.hides else ""
            click.secho(f"  {visible(self.path)}{hides}", fg="cyan")
        if self.error is not None:
            click.echo("  " + str(self.error).split("\n", 1)[0])
        elif timeline is not None and timeline.description:
            click.echo(f"  {plain(timeline.description)}")


def print_list(found: Sequence[TimelineEntry]) -> None:
    width = max((len(visible(entry.name)) for entry in found), default=0)
    for entry in found:
        entry.print_entry(min(width, _NAME_WIDTH))
    if not any(entry.own for entry in found):
        click.secho("Your own go into ./timelines, or a --folder DIR.", dim=True)


def entries(folder: str | None) -> list[TimelineEntry]:
    """All timelines that can be named: bundled ones that are not hidden, then the user's own."""
    bundled = resources.timeline_files()
    own = resources.own_timeline_files(folder)
    return [
        TimelineEntry.read(
            str(path),
            partial(files.read_source, path),
            name=name,
            own=mine is own,
            hides=mine is own and name in bundled,
        )
        for mine in (bundled, own)
        for name, path in mine.items()
        if mine is own or name not in own
    ]


def summary(timeline: Timeline) -> dict[str, object]:
    playback = Playback.of(timeline)
    return {
        "description": timeline.description,
        "edition": timeline.edition,
        "length": length(playback),
        "length_ms": max(0, playback.settles_ms - playback.epoch_ms),
        "waits_for": list(waits_for(playback)),
        "jobs": len(timeline.jobs),
        "faults": len(timeline.faults),
    }


def whole(timeline: Timeline) -> dict[str, Any]:
    """Everything that the file says, with times counted from the timeline's beginning."""
    playback = Playback.of(timeline)
    return {
        "name": timeline.name,
        **summary(timeline),
        "starts_at_ms": None if timeline.floating else timeline.epoch_ms,
        "jobs": [
            {
                **members(schedule.job, "job_id", "model", "total_size_bytes", "listed"),
                "waits_for": schedule.awaits,
                "steps": list(_steps(schedule, playback.epoch_ms)),
            }
            for schedule in playback.schedules.values()
        ],
        "faults": [fault.words() for fault in timeline.faults],
        "good_client": asdict(timeline.good_client) if timeline.good_client else None,
    }


def _in_short(timeline: Timeline) -> str:
    faults = f", {counted(len(timeline.faults), 'fault')}" if timeline.faults else ""
    jobs = f"{length(Playback.of(timeline))}, {counted(len(timeline.jobs), 'job')}"
    return f"{jobs}{faults}, edition {timeline.edition}"


def _steps(schedule: Schedule, epoch_ms: int) -> Iterator[dict[str, object]]:
    """All steps; those that no one can date yet have no beginning."""
    for step, known in zip_longest(schedule.job.steps, schedule.stretches):
        ends_ms = known.ends_ms if known else None
        yield {
            "status": step.phase,
            "begins_ms": known.begins_ms - epoch_ms if known else None,
            "ends_ms": ends_ms - epoch_ms if ends_ms is not None else None,
            **members(step, "until", "from_bytes", "to_bytes", "bytes_per_second"),
            "report": overrides_in_words(step.overrides) or None,
        }
