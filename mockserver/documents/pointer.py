"""JSON pointers (RFC 6901): `/downloading/0/job_id` names a part of a JSON document."""

from __future__ import annotations

import re
from collections.abc import Iterable

__all__ = ["escape", "parts", "pointer"]

_STRAY_TILDE = re.compile(r"~(?![01])")


def escape(token: str) -> str:
    """One key as it stands in a pointer: `~` becomes `~0`, `/` becomes `~1`."""
    return token.replace("~", "~0").replace("/", "~1")


def pointer(parts: Iterable[str | int]) -> str:
    """The pointer that goes through these keys and indices; "" (the whole document) for none."""
    return "".join(f"/{escape(str(part))}" for part in parts)


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
