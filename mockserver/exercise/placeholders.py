"""What stands in a command for the server's URL and the like."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from mockserver.errors import MockServerError, UnknownName

__all__ = ["PLACEHOLDERS", "WITHOUT_TOKEN", "check", "fill"]

PLACEHOLDERS = ("url", "host", "port", "job_id", "model", "token")
WITHOUT_TOKEN = tuple(name for name in PLACEHOLDERS if name != "token")
"""Where no token is asked for."""

_BRACES = re.compile(r"\{\{|\}\}|\{([^{}]*)\}|[{}]")
_TWICE = "a brace that is meant as one is written twice: {{ or }}"


def check(command: Sequence[str], names: Sequence[str] = PLACEHOLDERS) -> None:
    """Raises MockServerError for a placeholder that is none of the names, or a brace alone."""
    fill(command, dict.fromkeys(names, ""))


def fill(command: Sequence[str], values: Mapping[str, str]) -> tuple[str, ...]:
    """The command with each `{name}` replaced by its value, `{{` by `{` and `}}` by `}`."""

    def filled(match: re.Match[str]) -> str:
        found = match[0]
        if found in ("{{", "}}"):
            return found[0]
        name = match[1]
        if name is None:
            raise MockServerError(f"a lone {found!r} in the argument {match.string!r}; {_TWICE}")
        if name not in values:
            known = [f"{{{one}}}" for one in values]
            raise MockServerError(f"{UnknownName('placeholder', found, known)}; {_TWICE}")
        return values[name]

    return tuple(_BRACES.sub(filled, argument) for argument in command)
