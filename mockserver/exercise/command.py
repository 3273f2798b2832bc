"""A client's command: its placeholders and environment, and how it ended, by code and stderr."""

import os
import re
import signal
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Literal, TypeAlias
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


OutcomeKind: TypeAlias = Literal["success", "failure", "crash", "hang"]

_FIRST_OF_SIGNALS = 128
_PYTHON_HEAD = "Traceback (most recent call last):"
_PYTHON_ERROR = re.compile(r"[A-Za-z_][\w.]*(?:: .*)?")
_NODE_END = re.compile(r"Node\.js v\d+[\w.-]*")
_NODE_ERROR = re.compile(r"(?:Uncaught )?[A-Z]\w*(?:Error|Exception|Rejection)\b.*")
_RUST = re.compile(r"thread '.*' (?:\(\d+\) )?panicked at .*")
_OTHERS = (
    re.compile(r"^error: (Uncaught .+)", re.MULTILINE),  # Deno
    re.compile(r"^((?:panic|fatal error): .+)(?=(?s:.*)^goroutine \d+ \[)", re.MULTILINE),  # Go
    re.compile(r'^Exception in thread "[^"]*" (.+)', re.MULTILINE),  # Java
    re.compile(r"^Unhandled exception\. (.+)", re.MULTILINE),  # .NET
)
_SHOWN_LINES = 200


@dataclass(frozen=True, slots=True)
class Outcome:
    """`exit_code` is None for a hang, and negative for a signal.

    `why` says what a crash was, such as `KeyError: 'progress'`; `is_uncaught`: that is an error of
    the program's own, and no signal.
    """

    kind: OutcomeKind
    exit_code: int | None = None
    why: str | None = None
    is_uncaught: bool = False

    def __str__(self) -> str:
        """`hang`, `failure (exit 1)`, `crash (SIGSEGV)`."""
        if self.exit_code is None:
            return self.kind
        by = _signal(-self.exit_code) if self.exit_code < 0 else f"exit {self.exit_code}"
        return f"{self.kind} ({by})"


def outcome_of(
    exit_code: int | None, stderr: str = "", success_codes: Collection[int] = (0,)
) -> Outcome:
    """What an exit code means, None at the deadline; a success is one, whatever was printed."""
    if exit_code is None:
        return Outcome("hang")
    if exit_code in success_codes:
        return Outcome("success", exit_code)
    error = crash_in(stderr)
    if error is not None:
        return Outcome("crash", exit_code, error, is_uncaught=True)
    if exit_code < 0:
        return Outcome("crash", exit_code, f"killed by {_signal(-exit_code)}")
    if exit_code >= _FIRST_OF_SIGNALS:
        name = _signal(exit_code - _FIRST_OF_SIGNALS)
        said = f", as after {name}" if name.startswith("SIG") else ""
        return Outcome("crash", exit_code, f"exit code {exit_code}{said}")
    return Outcome("failure", exit_code)


def _signal(number: int) -> str:
    with suppress(ValueError):
        return signal.Signals(number).name
    return f"signal {number}"


def crash_in(stderr: str) -> str | None:
    """The uncaught error that ended the command, in a line; None when there is none.

    Python, Node and Deno, Go, Rust, Java and .NET are known. A traceback that was only logged, with
    something else after it, is no crash.
    """
    lines = [line.rstrip() for line in stderr.splitlines() if line.strip()][-_SHOWN_LINES:]
    found = _python(lines) or _node(lines) or _rust(lines)
    matches = (pattern.search("\n".join(lines)) for pattern in _OTHERS)
    found = found or next((match[1] for match in matches if match), None)
    return found and found.strip()


def _python(lines: list[str]) -> str | None:
    heads = [at for at, line in enumerate(lines, 1) if line.strip() == _PYTHON_HEAD]
    rest = lines[heads[-1] :] if heads else []
    at = next((at for at, line in enumerate(rest) if not line[0].isspace()), None)
    if at is None or not _PYTHON_ERROR.fullmatch(rest[at]):
        return None
    # The message may go on over lines, of which the last is indented, as pydantic's are.
    is_last = at == len(rest) - 1 or rest[-1][0].isspace()
    return rest[at] if is_last else None


def _node(lines: list[str]) -> str | None:
    if not lines or not _NODE_END.fullmatch(lines[-1]):
        return None
    errors = [line for line in lines if _NODE_ERROR.match(line)]
    return errors[-1] if errors else next((line for line in lines if "Error" in line), lines[0])


def _rust(lines: list[str]) -> str | None:
    for at, line in enumerate(lines):
        if _RUST.match(line):
            said = [after for after in lines[at + 1 :] if not after.startswith("note: ")]
            return f"panicked: {said[0]}" if said else line
    return None
