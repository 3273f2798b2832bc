"""What options take: functions that click calls with the text, and that refuse it with a reason."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, cast, get_args

import click

from mockserver import files, resources
from mockserver.documents import units
from mockserver.errors import UnknownName
from mockserver.report.formats import FORMATS, format_of
from mockserver.server.config import BadSetting, ServerConfig

if TYPE_CHECKING:
    from mockserver.timeline.model import Ends

_Value = TypeVar("_Value")

AUTO = "auto"  # the edition that is found out

_LAST_EXIT_CODE = 255
_LONGEST_ID = 200


def duration_ms(text: str) -> int:
    try:
        return units.duration_ms(text)
    except ValueError as error:
        guess = units.corrected_duration(text)
        hint = f"did you mean {guess}?" if guess else f"expected {units.DURATIONS}"
        raise click.BadParameter(f"{error}; {hint}") from None


def seconds(text: str, empty: str = "it must be longer than nothing, such as 500ms") -> float:
    """A duration in real seconds; `empty` says why it cannot be 0."""
    milliseconds = duration_ms(text)
    if not milliseconds:
        raise click.BadParameter(empty)
    return milliseconds / 1000


def deadline(text: str) -> float:
    return seconds(text, "a deadline of no time leaves no time to run")


def poll_step(text: str) -> int:
    return _setting("step", duration_ms(text), clock="poll")


def speed(text: str) -> float:
    number: float = click.FLOAT(text)
    return _setting("speed", number)


def token(text: str) -> str:
    return _setting("token", text)


def _setting(name: str, value: _Value, **others: Any) -> _Value:
    """A value that a server can be set up with."""
    try:
        ServerConfig(**{name: value, **others})
    except BadSetting as error:
        raise click.BadParameter(str(error)) from None
    return value


def header(text: str) -> tuple[str, str]:
    name, colon, value = text.partition(":")
    if not colon:  # what it holds may be a secret
        raise click.BadParameter("expected a name, a colon and a value, such as 'X-Team: a'")
    return name.strip(), value.strip()


def edition_or_auto(text: str) -> str:
    if text != AUTO:
        resources.edition_folder(text)
    return text


def job_id(text: str) -> str:
    if not 0 < len(text) <= _LONGEST_ID:
        raise click.BadParameter(f"an id has 1 to {_LONGEST_ID} characters")
    return text


def model(text: str) -> str:
    if not text:
        raise click.BadParameter("a model's name cannot be empty")
    return text


def exit_codes(text: str) -> frozenset[int]:
    if not re.fullmatch(r"\d{1,3}(,\d{1,3})*", text):
        raise click.BadParameter(f"{text!r} is not a list of exit codes such as 0 or 0,3")
    codes = frozenset(map(int, text.split(",")))
    if max(codes) > _LAST_EXIT_CODE:
        reason = f"{max(codes)} is no exit code: they go from 0 to {_LAST_EXIT_CODE}"
        raise click.BadParameter(reason)
    return codes


def expected_end(text: str) -> tuple[str, Ends]:
    from mockserver.timeline.model import Ends

    name, _, end = text.rpartition("=")
    if not name:
        raise click.BadParameter(f"{text!r} is not INCIDENT=success, =failure or =either")
    return name, cast("Ends", _known("end", end, get_args(Ends)))


def client_rule(text: str) -> str:
    from mockserver.client_rules.rules import RULES

    return _known("rule", text, RULES)


def _known(kind: str, name: str, names: Iterable[str]) -> str:
    if name not in (known := tuple(names)):
        raise click.BadParameter(str(UnknownName(kind, name, known)))
    return name


def report_file(text: str) -> str:
    """A file that can be written, whose suffix says in which format."""
    if format_of(text) is None:
        suffixes = sorted(known.suffix for known in FORMATS.values() if known.suffix)
        raise click.BadParameter(f"{text!r} ends with none of {', '.join(suffixes)}")
    files.check_writable(Path(text))
    return text


def timeline_file(text: str) -> str:
    """A timeline file that can be written; whether it may be overwritten is not asked here."""
    if not text.lower().endswith((".yaml", ".yml")):
        raise click.BadParameter(f"{text!r} ends with neither .yaml nor .yml")
    files.check_writable(Path(text))
    return text


def refuse_to_overwrite(path: str | None, *, force: bool) -> None:
    """UsageError where there is a file already, unless that is wanted."""
    if path is not None and Path(path).exists() and not force:
        raise click.UsageError(f"{path} exists already; name another file, or give --force")
