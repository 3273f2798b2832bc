"""JSON pointers (RFC 6901): `/downloading/0/job_id` names a part of a JSON document."""

import re
from collections.abc import Iterable, Sequence
from enum import Enum
from typing import Any, Final

_STRAY_TILDE = re.compile(r"~(?![01])")


class _Missing(Enum):
    """A singleton that copying and pickling leave the same."""

    MISSING = "nothing"

    def __repr__(self) -> str:
        return "MISSING"


MISSING: Final = _Missing.MISSING
"""Where a member is not there: what JSON has no value for."""


def pointer(parts: Iterable[str | int]) -> str:
    """The pointer that goes through these keys and indices; "" (the whole document) for none."""
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in parts)


def parts(pointer: str) -> tuple[str, ...]:
    """The keys and indices of a pointer, unescaped.

    An index stays text: only the document tells it from a key that looks like one.
    Raises ValueError for text that is not a pointer.
    """
    if not pointer:
        return ()
    if not pointer.startswith("/") or _STRAY_TILDE.search(pointer):
        raise ValueError(f"not a JSON pointer: {pointer[:80]!a}")
    return tuple(token.replace("~1", "/").replace("~0", "~") for token in pointer.split("/")[1:])


def replaced(document: Any, parts: Sequence[str | int], value: Any) -> tuple[Any, Any]:
    """The document with another value at a place, and what was there; either may be MISSING.

    What lies elsewhere is shared with the original.
    """
    if not parts:
        return value, document
    copy = document.copy()
    step: Any = int(parts[0]) if isinstance(copy, list) else parts[0]
    if len(parts) > 1:
        copy[step], was = replaced(copy[step], parts[1:], value)
        return copy, was
    was = MISSING if isinstance(copy, dict) and step not in copy else copy[step]
    if value is not MISSING:
        copy[step] = value
    elif was is not MISSING:
        del copy[step]
    return copy, was
