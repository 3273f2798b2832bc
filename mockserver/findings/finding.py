"""A rule, how that is known and checked, and a finding: that it is broken, where, what shows it."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any, Literal, NamedTuple, TypeAlias

from mockserver import resources
from mockserver.errors import visible

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


Fingerprint: TypeAlias = tuple[str, str, str]
"""Operation ("" for none), rule and place of a finding: the same in every run."""


class Occurrence(NamedTuple):
    """An exchange that shows a finding: its number in the run, and milliseconds since 1970."""

    number: int
    at_ms: int


NO_OCCURRENCE = Occurrence(0, 0)


@dataclass(frozen=True, slots=True)
class Finding:
    """One rule, broken at one place.

    `message` says in half a sentence what was done; `expected` and `found` are there where two
    values are held against each other. `count` is how often it was seen. Of the exchanges that show
    it there are either `numbers`, in their order, or only the `first` and the `last`. `pointer` is
    the JSON pointer of the first occurrence, and `place` the same with `*` for each index of an
    array, so that a hundred jobs of a list make one finding. `page` and `line` are where the rule
    is documented, or where a page is wrong. `curl` shows the first occurrence again. `job_id` is
    the job that it is about, if it is about one. Findings of the same rule and `cause` in several
    runs of a client are likely to be one mistake. `hint` says better than the rule's advice what
    to do here.
    """

    rule: Rule
    message: str = ""
    expected: str = ""
    found: str = ""
    operation: str | None = None
    job_id: str | None = None
    numbers: tuple[int, ...] = ()
    count: int = 1
    first: Occurrence = NO_OCCURRENCE
    last: Occurrence = NO_OCCURRENCE
    pointer: str = ""
    place: str = ""
    page: str | None = None
    line: int | None = None
    curl: str = ""
    cause: str = ""
    hint: str = ""

    def __str__(self) -> str:
        return f"{self.rule.id}: {visible(self.message)}"

    @property
    def severity(self) -> Severity:
        return self.rule.severity

    @property
    def advice(self) -> str:
        """What to do about it: the rule's advice, unless this case has its own."""
        return self.hint or self.rule.advice

    @property
    def id(self) -> str:
        """`required:/downloading/*/job_id`: rule and place, the same in every run."""
        return f"{self.rule.id}:{self.place}" if self.place else self.rule.id

    @property
    def fingerprint(self) -> Fingerprint:
        """What a baseline knows it by."""
        return (self.operation or "", self.rule.id, self.place)

    def merged_with(self, later: Finding) -> Finding:
        """This one, seen again: the facts of the first, the count of both."""
        numbers = (*self.numbers, *later.numbers)
        return replace(self, numbers=numbers, count=self.count + later.count, last=later.last)


def merged(findings: Iterable[Finding]) -> list[Finding]:
    """One finding for each fingerprint, in the order of the first of each."""
    known: dict[Fingerprint, Finding] = {}
    for finding in findings:
        before = known.get(finding.fingerprint)
        known[finding.fingerprint] = before.merged_with(finding) if before else finding
    return list(known.values())
