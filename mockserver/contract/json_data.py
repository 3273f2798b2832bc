"""Whether a payload is JSON data, and what of it is not."""

from __future__ import annotations

import json
import math
from typing import Any, TypeAlias

from mockserver.contract.violation import Violation
from mockserver.documents.json_scanner import MAX_DEPTH, MAX_INTEGER_DIGITS
from mockserver.documents.pointer import pointer

_Place: TypeAlias = tuple[str | int, ...]

_SHOWN = 60
_LEAVES = frozenset((bool, type(None)))
_HUGE = 10**MAX_INTEGER_DIGITS
"""Such a number breaks a rule of JSON text, and the engines fail over greater ones."""


def is_json_data(payload: object) -> bool:
    """Whether it is made of dict, list, str, int, float, bool and None alone, all of them JSON's.

    False also for subclasses of these, which `to_json_data` then converts, and for huge integers.
    """
    todo: list[Any] = [payload]
    while todo:
        value = todo.pop()
        kind = type(value)
        if kind is dict:
            todo += value
            todo += value.values()
            if not all(type(key) is str for key in value):
                return False
        elif kind is list:
            todo += value
        elif kind is str:
            if not (value.isascii() or _is_text(value)):
                return False
        elif kind is int:
            if not -_HUGE < value < _HUGE:
                return False
        elif not (kind in _LEAVES or (kind is float and math.isfinite(value))):
            return False
    return True


def to_json_data(payload: object) -> tuple[Any, list[Violation]]:
    """The payload as plain JSON data, and a violation for whatever JSON has no form for.

    What has no form is left out of objects and stands as null in arrays. What lies deeper than
    JSON text may go is cut off.
    """
    holder: list[Any] = [None]
    foreign: list[Violation] = []
    todo: list[tuple[Any, Any, str | int, _Place]] = [(payload, holder, 0, ())]
    while todo:
        value, parent, slot, place = todo.pop()
        if isinstance(value, dict | list) and len(place) >= MAX_DEPTH:
            # No schema reaches so deep, and the engine must not either when it shows the whole.
            parent[slot] = {} if isinstance(value, dict) else []
        elif isinstance(value, dict):
            parent[slot] = copy = {
                _exact(key): None for key in value if _is_key(key, place, foreign)
            }
            todo += [(value[key], copy, key, (*place, key)) for key in copy]
        elif isinstance(value, list):
            parent[slot] = items = [None] * len(value)
            todo += [(item, items, index, (*place, index)) for index, item in enumerate(value)]
        else:
            problem = _problem(value)
            if problem is None:
                parent[slot] = _exact(value)
                continue
            rule, expected = problem
            foreign.append(Violation(rule, pointer(place), expected, shown(value)))
            if isinstance(parent, dict):
                del parent[slot]
    foreign.sort(key=lambda violation: violation.pointer)
    return holder[0], foreign


def _exact(value: Any) -> Any:
    """The same of JSON's own type, which enumerations and other subclasses are not."""
    for kind in (str, float, int):
        if isinstance(value, kind) and not isinstance(value, bool):
            return getattr(kind, f"__{kind.__name__}__")(value)
    return value


def shown(value: object) -> str:
    """A value as a reader needs it: short JSON text, or what kind of thing it is."""
    if isinstance(value, dict):
        return f"an object with {_count(len(value), 'member')}" if value else "{}"
    if isinstance(value, list):
        return f"an array of {_count(len(value), 'item')}" if value else "[]"
    if isinstance(value, int) and value.bit_length() > 256:
        return f"an integer of {value.bit_length()} bits"
    if value is None or isinstance(value, str | int | float):
        text = json.dumps(value)
        if len(text) <= _SHOWN:
            return text
        return text[: _SHOWN - 2] + ('…"' if isinstance(value, str) else "…")
    return f"a Python {type(value).__name__}"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _is_key(key: object, place: _Place, foreign: list[Violation]) -> bool:
    if isinstance(key, str):
        problem = None if _is_text(key) else ("json:surrogate", "Unicode text as a key")
    else:
        problem = ("json:type", "text as a key")
    if problem is not None:
        foreign.append(Violation(problem[0], pointer(place), problem[1], shown(key)))
    return problem is None


def _problem(value: object) -> tuple[str, str] | None:
    if isinstance(value, str):
        return None if _is_text(value) else ("json:surrogate", "Unicode text")
    if isinstance(value, float):
        return None if math.isfinite(value) else ("json:non-finite", "a finite number")
    if isinstance(value, int) and not -_HUGE < value < _HUGE:
        return "json:number", f"at most {MAX_INTEGER_DIGITS:,} digits"
    if value is None or isinstance(value, int):
        return None
    return "json:type", "what json.loads can return"


def _is_text(value: str) -> bool:
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True
