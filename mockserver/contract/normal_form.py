"""The normal form of a schema: its payloads spelled out, so that one is built without trying.

A schema says what is forbidden; a form says what there is. Conditions are solved once, in
`object_cases`: what is left is to choose among options and to fill in values.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Literal:
    """This value alone."""

    value: str | bool | None


@dataclass(frozen=True, slots=True)
class Text:
    """Text that begins with `prefix`, is a date-time if `is_time`, and is none of `but_not`.

    `is_id`: it identifies a job, as far as its name tells.
    """

    prefix: str = ""
    is_time: bool = False
    is_id: bool = False
    but_not: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Number:
    """A number, or a whole one only. `is_rate`: so much a second, as far as its name tells."""

    is_whole: bool = False
    is_rate: bool = False


@dataclass(frozen=True, slots=True)
class Array:
    """Any number of items of one form; `last`, where there is one, comes after them all."""

    item: Form
    last: Form | None = None


@dataclass(frozen=True, slots=True)
class Member:
    """A member that an object has, or may have."""

    name: str
    form: Form
    required: bool


@dataclass(frozen=True, slots=True)
class ObjectCase:
    """One way for an object to have members, conditions solved. Others than these are forbidden.

    `label` tells it from the object's other cases: `status=paused`. `together`: where the first of
    a pair is, the second is too.
    """

    members: tuple[Member, ...]
    together: tuple[tuple[str, str], ...] = ()
    label: str = ""


@dataclass(frozen=True, slots=True)
class Object:
    """An object in one of several cases. `known`: every name that the schema speaks of."""

    cases: tuple[ObjectCase, ...]
    known: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Union:
    """One of several forms; of none: no value at all."""

    options: tuple[Form, ...]


Form: TypeAlias = Literal | Text | Number | Array | Object | Union

NEVER = Union(())
ANYTHING = Union((Literal(None), Literal(False), Literal(True), Number(), Text()))


def options(form: Form) -> Iterator[Form]:
    """The forms of a union within unions, none of them a union."""
    if isinstance(form, Union):
        for option in form.options:
            yield from options(option)
    else:
        yield form
