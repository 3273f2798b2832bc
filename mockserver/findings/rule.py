"""A rule: what a client, a server or a page must do, how that is known, and its check."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Literal, TypeAlias

from mockserver import resources

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


def rules_of(package: str) -> Callable[[Check], Rule]:
    """What makes a check a rule: its id is the check's name, its words are the package's."""
    words = words_of(package)

    def rule(check: Check) -> Rule:
        id_ = check.__name__.replace("_", "-")
        return Rule(id_, check=check, **words[id_])

    return rule


@cache
def words_of(package: str) -> dict[str, dict[str, Any]]:
    """What the rules of a package say, by their ids: all but check and example of a `Rule`."""
    return tomllib.loads((resources.folder(package) / "rules.toml").read_text("utf-8"))


def at_least(severity: Severity) -> tuple[Severity, ...]:
    """The severities that are at least this grave."""
    return SEVERITIES[: SEVERITIES.index(severity) + 1]
