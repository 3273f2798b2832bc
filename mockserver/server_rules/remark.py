"""What one reply shows against one rule, before sightings are counted together."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from mockserver.documents import pointer as pointers

__all__ = ["Remark", "clipped", "counted", "place_of", "source_of", "starred"]

_LONGEST = 160


@dataclass(frozen=True, slots=True)
class Remark:
    """A rule's id, and where and how it was broken; `count` times at the places like this one."""

    rule: str
    expected: str
    found: str
    pointer: str = ""
    place: str = ""
    page: str | None = None
    line: int | None = None
    job_id: str | None = None
    count: int = 1


def clipped(text: str) -> str:
    """Text of a server's, at most 160 characters of it."""
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"


def counted(remarks: Iterable[Remark]) -> list[Remark]:
    """One remark for each rule at each place: the first, with the count of them all."""
    kinds: dict[tuple[str, str], Remark] = {}
    for one in remarks:
        kind = (one.rule, one.place)
        known = kinds.get(kind)
        kinds[kind] = one if known is None else replace(known, count=known.count + one.count)
    return list(kinds.values())


def starred(where: Iterable[str | int]) -> str:
    """The pointer through these keys and indices, with `*` for each index."""
    return pointers.pointer("*" if isinstance(step, int) else clipped(step) for step in where)


def place_of(pointer: str, payload: object) -> str:
    """The pointer with `*` for each index of an array."""
    tokens: list[str] = []
    value: Any = payload
    for token in pointers.parts(pointer):
        if isinstance(value, list):
            tokens.append("*")
            value = value[int(token)] if token.isdecimal() and int(token) < len(value) else None
        else:
            tokens.append(clipped(token))
            value = value.get(token) if isinstance(value, dict) else None
    return pointers.pointer(tokens)


def source_of(schema: dict[str, Any], place: str) -> tuple[str | None, int | None]:
    """The page and the line of the row that a place comes from; of its nearest parent's, else."""
    node: Any = schema
    source = schema.get("x-source")
    for token in pointers.parts(place):
        inside = node.get("items") if token == "*" else node.get("properties", {}).get(token)
        if not isinstance(inside, dict):
            break
        node = inside
        source = node.get("x-source", source)
    if not isinstance(source, str):
        return None, None
    page, _, line = source.rpartition(":")
    return page, int(line)
