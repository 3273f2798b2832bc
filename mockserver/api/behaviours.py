"""Everything that the mock does as LM Studio's server, and how each is known: `behaviours.toml`.

Whoever tests a client knows by that which of its expectations stand on what.
"""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mockserver import resources
from mockserver.findings.finding import PROVENANCES, Provenance


@dataclass(frozen=True, slots=True)
class Behaviour:
    """One thing that the mock does, in a sentence; the table says what its members mean.

    `known` says how, the surest way first, and from where: a page and its line, what was seen, or
    why we guess so.
    """

    id: str
    sentence: str
    known: Mapping[Provenance, str]
    editions: Sequence[str] = ()
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
_WORDS = {how: words.split()[0] for how, words in PROVENANCES.items()}


def _behaviour(id_: str, row: dict[str, Any]) -> Behaviour:
    known = {how: row.pop(word) for how, word in _WORDS.items() if word in row}
    return Behaviour(id_, known=known, **row)


BEHAVIOURS = tuple(_behaviour(id_, row) for id_, row in _TABLE.items())
