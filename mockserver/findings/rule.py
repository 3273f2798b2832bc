"""A rule: what a client, a server or a page must do, how that is known, and its check."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

Severity: TypeAlias = Literal["error", "warning", "drift", "info"]
"""A broken promise; what one trips over; what the pages do not know (yet); worth knowing."""

SEVERITIES: tuple[Severity, ...] = ("error", "warning", "drift", "info")
"""The gravest first."""

Provenance: TypeAlias = Literal["D", "O", "G"]

PROVENANCES: dict[Provenance, str] = {
    "D": "documented",
    "O": "observed on a real server",
    "G": "guessed",
}

Check: TypeAlias = Callable[..., Iterable[Any]]
"""Gives a `Finding` for each place where the rule is broken. Its package says what it is handed."""


@dataclass(frozen=True, slots=True)
class Rule:
    """What must be, in a sentence, and how that is known.

    `why` says what goes wrong where it is not so, and where that was seen; `advice` what to do
    about a finding. `check` finds that it is broken; None where another part of the program does,
    such as the validator. `example` is the least that breaks it, in the form that its package
    judges; empty where nobody has one.
    """

    id: str
    severity: Severity
    provenance: Provenance
    sentence: str
    why: str
    advice: str
    check: Check | None = field(default=None, repr=False, compare=False)
    example: tuple[Any, ...] = field(default=(), repr=False, compare=False)

    def broken_by(self, evidence: Any) -> Iterable[Any]:
        """What a check finds that is handed the rule, and what its package looks at."""
        return () if self.check is None else self.check(self, evidence)

    def as_dict(self) -> dict[str, Any]:
        names = ("id", "severity", "provenance", "sentence", "why", "advice")
        return {name: getattr(self, name) for name in names}


def described_rule(severity: Severity, provenance: Provenance) -> Callable[[Check], Rule]:
    """Makes the check below it a rule, whose facts stand in its docstring, whose id is its name.

    The docstring has the sentence, and after a blank line `Why: …` and `Advice: …`.
    """

    def made(check: Check) -> Rule:
        text = " ".join((check.__doc__ or "").split())
        sentence, _, rest = text.partition(" Why: ")
        why, _, advice = rest.partition(" Advice: ")
        id_ = check.__name__.replace("_", "-")
        return Rule(id_, severity, provenance, sentence, why=why, advice=advice, check=check)

    return made


def at_least(severity: Severity) -> tuple[Severity, ...]:
    """The severities that are at least this grave."""
    return SEVERITIES[: SEVERITIES.index(severity) + 1]
