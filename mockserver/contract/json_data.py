"""Whether a payload is JSON data, and what of it is not."""

import json
import math
import re
from typing import Any, TypeAlias

from mockserver.contract.violation import Violation
from mockserver.documents.json_scanner import MAX_DEPTH, MAX_INTEGER_DIGITS
from mockserver.documents.pointer import MISSING, pointer

_Place: TypeAlias = tuple[str | int, ...]

_SHOWN = 60
_SURROGATE = re.compile("[\ud800-\udfff]")
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
    foreign: list[Violation] = []
    data = _converted(payload, (), foreign)
    foreign.sort(key=lambda violation: violation.pointer)
    return None if data is MISSING else data, foreign


def _converted(value: object, place: _Place, foreign: list[Violation]) -> Any:
    if isinstance(value, dict | list) and len(place) >= MAX_DEPTH:
        # No schema reaches so deep, and the engine must not either when it shows the whole.
        return {} if isinstance(value, dict) else []
    if isinstance(value, dict):
        kept = {_exact(key): value[key] for key in value if _is_key(key, place, foreign)}
        found = {key: _converted(kept[key], (*place, key), foreign) for key in kept}
        return {key: member for key, member in found.items() if member is not MISSING}
    if isinstance(value, list):
        items = [_converted(item, (*place, at), foreign) for at, item in enumerate(value)]
        return [None if item is MISSING else item for item in items]
    if (problem := _problem(value)) is None:
        return _exact(value)
    rule, expected = problem
    foreign.append(Violation(rule, pointer(place), expected, shown(value)))
    return MISSING


def _exact(value: Any) -> Any:
    """The same of JSON's own type, which enumerations and other subclasses are not."""
    for kind in (str, float, int):
        if isinstance(value, kind) and not isinstance(value, bool):
            return getattr(kind, f"__{kind.__name__}__")(value)
    return value


def shown(value: object) -> str:
    """A value as a reader needs it: short JSON text, or what kind of thing it is."""
    if isinstance(value, dict | list):
        plural = "" if len(value) == 1 else "s"
        if isinstance(value, dict):
            return f"an object with {len(value)} member{plural}" if value else "{}"
        return f"an array of {len(value)} item{plural}" if value else "[]"
    if isinstance(value, int) and value.bit_length() > 256:
        return f"an integer of {value.bit_length()} bits"
    if value is None or isinstance(value, str | int | float):
        text = json.dumps(value)
        if len(text) <= _SHOWN:
            return text
        return text[: _SHOWN - 2] + ('…"' if isinstance(value, str) else "…")
    return f"a Python {type(value).__name__}"


def _is_key(key: object, place: _Place, foreign: list[Violation]) -> bool:
    problem = _problem(key) if isinstance(key, str) else ("json:type", "text")
    if problem is not None:
        rule, expected = problem
        foreign.append(Violation(rule, pointer(place), f"{expected} as a key", shown(key)))
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
    return _SURROGATE.search(value) is None
