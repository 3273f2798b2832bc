"""Whether a client survived a trial: how its call ended, held against what the reply was."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from mockserver.exercise.trial import Trial

__all__ = ["Break", "End", "break_of", "is_same", "representation"]

BreakKind: TypeAlias = Literal["crash", "hang", "made-up success", "error on a valid reply"]


@dataclass(frozen=True, slots=True)
class End:
    """How a call ended. `value` is the result, and is compared; `words` say it to people.

    `likeness` tells crashes apart, `where` says where they were. `has_asked`: it asked for a
    documented operation. `has_heard_end`: after the reply under test it heard that the job is
    completed.
    """

    kind: Literal["result", "error", "crash", "hang"]
    value: Any = None
    words: str = ""
    likeness: str = ""
    where: str = ""
    has_asked: bool = True
    has_heard_end: bool = False


@dataclass(frozen=True, slots=True)
class Break:
    """What a client did wrong, and how its call ended; `but` adds what makes it wrong."""

    kind: BreakKind
    end: End
    but: str = ""

    @property
    def likeness(self) -> tuple[str, str]:
        """What stays the same while the reply is made smaller."""
        return self.kind, self.end.likeness

    def __str__(self) -> str:
        words = f": {self.end.words}" if self.end.words else ""
        return f"{self.kind}{words}{self.but and f', {self.but}'}"


def break_of(trial: Trial, end: End, repaired: Callable[[], End], *, strict: bool) -> Break | None:
    """What is wrong with the end, if anything is.

    A result is wrong for a reply that is, unless the client has asked again and heard better, or
    gives the same one for the reply without what is wrong: then it does not read that. `repaired`
    finds out, and is called only where it matters; never when `strict`.
    """
    if end.kind in ("crash", "hang"):
        return Break("crash" if end.kind == "crash" else "hang", end)
    if end.kind == "error":
        return Break("error on a valid reply", end) if trial.wanted == "result" else None
    if not end.has_asked:
        return Break("made-up success", end, "without asking for a documented operation")
    if trial.wanted != "error" or end.has_heard_end:
        return None
    if trial.sound is not None and not strict:
        other = repaired()
        if other.kind == "result" and is_same(end.value, other.value):
            return None
    return Break("made-up success", end)


def is_same(one: Any, other: Any) -> bool:
    """Whether two results say the same; objects that do not compare themselves do so by members."""
    is_plain = "__eq__" not in {name for kind in type(one).__mro__[:-1] for name in vars(kind)}
    if type(one) is type(other) and is_plain and hasattr(one, "__dict__"):
        return is_same(vars(one), vars(other))
    try:
        if bool(one == other):
            return True
    except Exception:  # arrays of numbers, for one, have no single answer
        pass
    if type(one) is not type(other):
        return False
    said = representation(one)
    return said is not None and said == representation(other)


def representation(value: object) -> str | None:
    """Its `repr`; None where that fails, as for an object that is only half made."""
    try:
        return repr(value)
    except Exception:
        return None
