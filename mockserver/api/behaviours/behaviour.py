"""One thing that the mock does, and how it is known that the real server does it."""

from __future__ import annotations

from dataclasses import dataclass

from mockserver.findings.rule import Provenance


@dataclass(frozen=True, slots=True)
class Known:
    """How a behaviour is known, and from where.

    The source is a page below `schemas/` and its line, what was seen, or why we guess so.
    """

    provenance: Provenance
    source: str


@dataclass(frozen=True, slots=True)
class Behaviour:
    """One thing that the mock does, in a sentence.

    It holds in these `editions`, in all when there are none. An `option` of `create_app` and
    `MockServer` switches it on: everywhere, or beyond the editions that have it by themselves.
    A `timeline` plays it.
    """

    id: str
    sentence: str
    known: tuple[Known, ...]
    editions: tuple[str, ...] = ()
    option: str | None = None
    timeline: str | None = None

    @property
    def provenance(self) -> tuple[Provenance, ...]:
        """How it is known, the surest way first."""
        return tuple(known.provenance for known in self.known)

    @property
    def source(self) -> str:
        """From where it is known, in one line."""
        return "; ".join(known.source for known in self.known)

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


def documented(page: str, line: int) -> Known:
    """On this line of a page below `schemas/`."""
    return Known("D", f"{page}:{line}")


def observed(what: str) -> Known:
    """On a real server."""
    return Known("O", what)


def guessed(why: str) -> Known:
    """By us."""
    return Known("G", why)
