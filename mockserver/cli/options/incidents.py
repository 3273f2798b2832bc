"""Which incidents a client is run against, and how it has to end in them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mockserver import resources
from mockserver.cli.options import values
from mockserver.cli.options.common import FOLDER, completing, timeline_names
from mockserver.cli.options.groups import option
from mockserver.errors import UnknownName

if TYPE_CHECKING:
    from mockserver.exercise.incident import Incident
    from mockserver.timeline.model import Ends


@dataclass(frozen=True, slots=True)
class IncidentOptions:
    """Bundled timelines, those of a folder, or files; and what is expected of a client there."""

    timelines: tuple[str, ...] = option(
        "--timeline NAME",
        "An incident: a bundled timeline, one of your own, or a file. May be repeated. "
        "Without it, all bundled ones, and those of --folder.",
        multiple=True,
        shell_complete=completing(timeline_names),
    )
    folder: str | None = option(*FOLDER, is_eager=True)
    expect: tuple[tuple[str, Ends], ...] = option(
        "--expect INCIDENT=END",
        "How it has to end in one incident, whatever the timeline says: success, failure or "
        "either. May be repeated.",
        values.expected_end,
        multiple=True,
    )

    def incidents(self) -> list[Incident]:
        from mockserver.exercise.incident import Incident
        from mockserver.timeline.find import find
        from mockserver.timeline.reader import load

        names, ends = list(self.timelines), dict(self.expect)
        if not names:
            own = resources.own_timeline_files(self.folder) if self.folder is not None else {}
            names = sorted({**resources.timeline_files(), **own})
        loaded = [load(find(name, self.folder)) for name in dict.fromkeys(names)]
        known = [timeline.name for timeline in loaded]
        for name in ends:
            if name not in known:
                raise UnknownName("incident", name, known, "--expect")
        return [Incident(timeline, ends.get(timeline.name)) for timeline in loaded]
