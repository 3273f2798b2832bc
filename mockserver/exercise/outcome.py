"""How a command ended: by its exit code, and by what it left on standard error."""

from __future__ import annotations

import signal
from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal, TypeAlias

from mockserver.exercise.crash import crash_in

__all__ = ["Kind", "Outcome", "outcome_of"]

Kind: TypeAlias = Literal["success", "failure", "crash", "hang"]

_FIRST_OF_SIGNALS = 128


@dataclass(frozen=True, slots=True)
class Outcome:
    """`exit_code` is None for a hang, and negative for a signal.

    `why` says what a crash was, such as `KeyError: 'progress'`; `is_uncaught`: that is an error of
    the program's own, and no signal.
    """

    kind: Kind
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
