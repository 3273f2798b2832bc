"""Everything that the mock does as LM Studio's server, and how each is known: `behaviours.toml`.

Documented, observed and guessed are told apart, so that whoever tests a client knows which of its
expectations stand on what.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass

from mockserver import resources
from mockserver.findings.rule import PROVENANCES, Provenance


@dataclass(frozen=True, slots=True)
class Behaviour:
    """One thing that the mock does, in a sentence; the table says what its members mean.

    `known` says how, the surest way first, and from where: a page and its line, what was seen, or
    why we guess so.
    """

    id: str
    sentence: str
    known: Mapping[Provenance, str]
    editions: tuple[str, ...] = ()
    option: str | None = None
    timeline: str | None = None

    @property
    def source(self) -> str:
        """From where it is known, in one line."""
        return "; ".join(self.known.values())

    def holds_in(self, edition: str) -> bool:
        """Whether the edition has it, the option aside."""
        return not self.editions or edition in self.editions

    @property
    def where(self) -> str:
        """What it takes to see it, in words; empty when it is always so."""
        parts = [f"edition {name}" for name in self.editions]
        if self.option is not None:
            parts.append(f"{'or option' if parts else 'option'} `{self.option}`")
        if self.timeline is not None:
            parts.append(f"timeline `{self.timeline}`")
        return ", ".join(parts).replace(", or", " or")


_TABLE = tomllib.loads((resources.folder("api") / "behaviours.toml").read_text(encoding="utf-8"))

BEHAVIOURS = tuple(
    Behaviour(
        id=id_,
        sentence=row["sentence"],
        known={
            how: row[word]
            for how, words in PROVENANCES.items()
            if (word := words.split()[0]) in row
        },
        editions=tuple(row.get("editions", ())),
        option=row.get("option"),
        timeline=row.get("timeline"),
    )
    for id_, row in _TABLE.items()
)
