"""A client's command: what stands in it for the server's URL and the like, and its environment."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from urllib.parse import urlsplit

from mockserver.errors import MockServerError, UnknownName

PLACEHOLDERS = ("url", "host", "port", "job_id", "model", "token")
WITHOUT_TOKEN = tuple(name for name in PLACEHOLDERS if name != "token")
"""Where no token is asked for."""

_BRACES = re.compile(r"\{\{|\}\}|\{([^{}]*)\}|[{}]")
_TWICE = "a brace that is meant as one is written twice: {{ or }}"
_LOOPBACK = "127.0.0.1,localhost,::1"


def check_placeholders(command: Sequence[str], names: Sequence[str] = PLACEHOLDERS) -> None:
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
            known_names = [f"{{{known}}}" for known in values]
            raise MockServerError(f"{UnknownName('placeholder', found, known_names)}; {_TWICE}")
        return values[name]

    return tuple(_BRACES.sub(filled, argument) for argument in command)


def values_of(url: str, job_id: str, model: str, token: str = "") -> dict[str, str]:
    place = urlsplit(url)
    return {
        "url": url,
        "host": place.hostname or "",
        "port": str(place.port),
        "job_id": job_id,
        "model": model,
        "token": token,
    }


def environment_of(values: Mapping[str, str], incident: str) -> dict[str, str]:
    """Our own environment and the values; no proxy is asked for what is on this machine."""
    given = ("url", "job_id", "model", "token")
    names = {f"MOCKSERVER_{name.upper()}": values[name] for name in given}
    found = {**os.environ, **names, "MOCKSERVER_INCIDENT": incident}
    if not values["token"]:
        del found["MOCKSERVER_TOKEN"]
    if any(name.lower() in ("http_proxy", "all_proxy") for name in found):
        for name in ("no_proxy", "NO_PROXY"):
            found[name] = f"{found[name]},{_LOOPBACK}" if found.get(name) else _LOOPBACK
    return found
