"""What `mockserver exercise` is going to do, checked before anything runs."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mockserver import resources

if TYPE_CHECKING:
    from mockserver.exercise.incident import Incident
    from mockserver.exercise.runner import ExercisePlan
    from mockserver.timeline.model import Ends


def incidents_of(
    names: Sequence[str], folder: str | None, expect: Mapping[str, Ends]
) -> list[Incident]:
    from mockserver.errors import UnknownName
    from mockserver.exercise.incident import Incident
    from mockserver.timeline.find import find
    from mockserver.timeline.reader import load

    if not names:
        own = resources.own_timeline_files(folder) if folder is not None else {}
        names = sorted({**resources.timeline_files(), **own})
    loaded = [load(find(name, folder)) for name in dict.fromkeys(names)]
    known = [timeline.name for timeline in loaded]
    for name in expect:
        if name not in known:
            raise UnknownName("incident", name, known, "--expect")
    return [Incident(timeline, expect.get(timeline.name)) for timeline in loaded]


def plan_of(
    incidents: Sequence[Incident], client: tuple[str, ...], options: Mapping[str, Any]
) -> ExercisePlan:
    """The plan, checked as far as that can be done before anything is run."""
    from mockserver.exercise.runner import ExercisePlan

    check_command(client)
    plan = ExercisePlan(
        client,
        clock=options["clock"],
        speed=options["speed"],
        step=options["step"],
        edition=options["edition"],
        token=options["token"],
        with_download=options["with_download"],
        deadline_s=options["deadline"],
        success_codes=options["success_exit"],
        allowed=options["allow"],
        fails_on_warnings=options["fail_on"] == "warning",
    )
    for incident in incidents:
        plan.settings(incident)
    return plan


def check_command(client: tuple[str, ...]) -> None:
    """Raises UsageError for a command that cannot be run, MockServerError for its placeholders."""
    from mockserver.exercise.command import PLACEHOLDERS, check_placeholders, fill

    check_placeholders(client)
    _check_program(fill(client[:1], dict.fromkeys(PLACEHOLDERS, ""))[0])


def _check_program(program: str) -> None:
    if not program:
        raise click.UsageError("the command's first word is empty: which program is to be run?")
    if shutil.which(program) is not None:
        return
    path = Path(program)
    if path.name == program and not path.exists():
        raise click.UsageError(f"command not found: {program}")
    if not path.exists():
        raise click.UsageError(f"no such file: {program}")
    if path.is_dir():
        raise click.UsageError(f"{program} is a folder, and no command")
    advice = f"; to run it from here, write ./{program}" if path.name == program else ""
    raise click.UsageError(
        f"{program} is not executable: name its interpreter, such as `python {program}`{advice}"
    )
