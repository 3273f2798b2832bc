"""Job ids: each job of a payload has its own."""

from __future__ import annotations

from typing import Any

__all__ = ["distinct", "job_id"]

_START = "job_"
_DIGITS = 10
NUMBER = 16**_DIGITS
"""How many ids there are."""


def job_id(number: int) -> str:
    """`job_` and ten hex digits, as the server makes them."""
    return f"{_START}{number % NUMBER:010x}"


def distinct(payload: Any) -> Any:
    """The payload itself, in which an id that stood there before has become the next free one."""
    seen: set[str] = set()
    todo = [payload]
    for value in todo:
        if type(value) is list:
            todo += value
        elif type(value) is dict:
            for name, one in value.items():
                if type(one) is not str:
                    todo.append(one)
                elif one.startswith(_START) and len(one) == len(_START) + _DIGITS:
                    while one in seen:
                        one = job_id(int(one.removeprefix(_START), 16) + 1)
                    seen.add(one)
                    value[name] = one
    return payload
