"""How a command ended: by its exit code, and by an uncaught error at the end of its stderr."""

from __future__ import annotations

import re
import signal
from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal, TypeAlias

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
        return f"{self.kind} ({self.by})" if self.by else self.kind

    @property
    def by(self) -> str:
        """`exit 1` or `SIGSEGV`; empty for a hang."""
        if self.exit_code is None:
            return ""
        return _signal(-self.exit_code) if self.exit_code < 0 else f"exit {self.exit_code}"


def outcome_of(
    exit_code: int | None, stderr: str = "", success_codes: Collection[int] = (0,)
) -> Outcome:
    """What an exit code means; None is that of a command that was still running at its deadline.

    A code that is a success is one, whatever was printed.
    """
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
    try:
        return signal.Signals(number).name
    except ValueError:
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
    heads = [at for at, line in enumerate(lines) if line.strip() == _PYTHON_HEAD]
    if not heads:
        return None
    rest = lines[heads[-1] + 1 :]
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
