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
        return {
            "id": self.id,
            "severity": self.severity,
            "provenance": self.provenance,
            "sentence": self.sentence,
            "why": self.why,
            "advice": self.advice,
        }


def checked_rule(
    id_: str,
    severity: Severity,
    provenance: Provenance,
    *,
    sentence: str,
    why: str,
    advice: str,
    example: tuple[Any, ...] = (),
) -> Callable[[Check], Rule]:
    """Makes the check below it a rule, whose facts so stand before it."""

    def made(check: Check) -> Rule:
        return Rule(
            id=id_,
            severity=severity,
            provenance=provenance,
            sentence=sentence,
            why=why,
            advice=advice,
            check=check,
            example=example,
        )

    return made


@dataclass(frozen=True, slots=True)
class RuleGroup:
    """Rules that look at the same thing; `title` says at what."""

    title: str
    rules: list[Rule] = field(default_factory=list)

    def add(self, rule: Rule) -> Rule:
        """A rule that another part of the program checks."""
        self.rules.append(rule)
        return rule

    def rule(
        self, id_: str, severity: Severity, provenance: Provenance, **facts: Any
    ) -> Callable[[Check], Rule]:
        """`checked_rule`, and the rule is one of this group."""
        made = checked_rule(id_, severity, provenance, **facts)
        return lambda check: self.add(made(check))


def at_least(severity: Severity) -> tuple[Severity, ...]:
    """The severities that are at least this grave."""
    return SEVERITIES[: SEVERITIES.index(severity) + 1]
