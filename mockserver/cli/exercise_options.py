"""What the options of `mockserver exercise` can be."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mockserver import files
from mockserver.cli.options import checked_duration

if TYPE_CHECKING:
    from mockserver.timeline.model import Ends

REPORT_ENDINGS = (".html", ".json", ".xml")
_LAST_CODE = 255


def checked_deadline(ctx: click.Context, parameter: click.Parameter, value: str) -> float:
    """Real seconds."""
    deadline_ms = checked_duration(value)
    if not deadline_ms:
        raise click.BadParameter("a deadline of no time leaves no time to run")
    return deadline_ms / 1000


def checked_codes(ctx: click.Context, parameter: click.Parameter, value: str) -> frozenset[int]:
    """Exit codes with commas between them."""
    if not re.fullmatch(r"\d{1,3}(,\d{1,3})*", value):
        raise click.BadParameter(f"{value!r} is not a list of exit codes such as 0 or 0,3")
    codes = frozenset(map(int, value.split(",")))
    if max(codes) > _LAST_CODE:
        raise click.BadParameter(f"{max(codes)} is no exit code: they go from 0 to {_LAST_CODE}")
    return codes


def checked_expectations(
    ctx: click.Context, parameter: click.Parameter, value: tuple[str, ...]
) -> dict[str, Ends]:
    """By incident, how it is to end."""
    from typing import get_args

    from mockserver.errors import UnknownName
    from mockserver.timeline.model import Ends

    found: dict[str, Ends] = {}
    for one in value:
        name, _, end = one.rpartition("=")
        if not name:
            raise click.BadParameter(f"{one!r} is not INCIDENT=success, =failure or =either")
        if end not in get_args(Ends):
            raise click.BadParameter(str(UnknownName("end", end, get_args(Ends))))
        found[name] = next(known for known in get_args(Ends) if known == end)
    return found


def checked_reports(
    ctx: click.Context, parameter: click.Parameter, value: tuple[str, ...]
) -> tuple[str, ...]:
    """Files whose endings say in which format they are written."""
    for one in value:
        if not one.lower().endswith(REPORT_ENDINGS):
            raise click.BadParameter(f"{one!r} ends with none of {', '.join(REPORT_ENDINGS)}")
        files.check_writable(Path(one))
    return value


def rule_names(ctx: click.Context) -> Sequence[str]:
    from mockserver.client_rules.rules import RULES

    return tuple(RULES)


def checked_rules(
    ctx: click.Context, parameter: click.Parameter, value: tuple[str, ...]
) -> tuple[str, ...]:
    """Rules that there are."""
    from mockserver.client_rules.rules import RULES
    from mockserver.errors import UnknownName

    for one in value:
        if one not in RULES:
            raise click.BadParameter(str(UnknownName("rule", one, tuple(RULES))))
    return value
