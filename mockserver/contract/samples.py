"""Samples: the few payloads of a form that between them have every node of its schema.

A form has a number of variants, so many that each case of each object and each option of each
union stands in one of them. An optional member is there wherever it may be, and an array has an
item of every variant.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any, TypeVar

from mockserver.contract.mutations import Place
from mockserver.contract.normal_form import (
    Array,
    Form,
    Literal,
    Number,
    Object,
    ObjectCase,
    Text,
    Union,
)

_Part = TypeVar("_Part", bound=Form | ObjectCase)

JOB_IDS = 16**10
"""How many ids there are: `job_` and ten hex digits."""

_ID_START = "job_"
_ID_LENGTH = 14
_DATE_TIME = "2025-10-03T15:33:23.496Z"
_JOB_ID = "job_493c7c9ded"
_BYTES = 2_279_145_003
_BYTES_PER_SECOND = 7_834_211.5


def samples(form: Form) -> Iterator[Any]:
    """One of each variant, the plainest case first; every job has an id of its own."""
    for variant in range(variant_count(form)):
        yield distinct_ids(sample(form, variant))


def variant_count(form: Form | ObjectCase) -> int:
    """How many variants it has: 0 for a form of no value, which no payload has."""
    match form:
        case Union(parts) | Object(parts):
            return sum(map(variant_count, parts))
        case ObjectCase(members):
            return max((variant_count(member.form) for member in members), default=1)
        case _:
            return 1


def sample(form: Form | ObjectCase, variant: int) -> Any:
    """The payload of this variant, below `variant_count`."""
    match form:
        case Union(parts) | Object(parts):
            return sample(*_chosen(parts, variant))
        case ObjectCase(members):
            return {
                member.name: sample(member.form, variant % variant_count(member.form))
                for member in members
            }
        case Array(item):
            return [sample(item, inner) for inner in range(variant_count(item))]
        case Literal(value):
            return value
        case Text():
            return _text(form)
        case Number(is_whole, is_rate):
            return _BYTES_PER_SECOND if is_rate and not is_whole else _BYTES


def label(form: Form | ObjectCase, variant: int) -> str:
    """What tells this variant of an object from others: `status=paused`; "" when nothing does."""
    match form:
        case Union(parts) | Object(parts):
            return label(*_chosen(parts, variant))
        case ObjectCase():
            return form.label
        case _:
            return ""


def narrowed(form: Form, variant: int, place: Place) -> Form:
    """The form of all payloads that are as this variant's sample along the way to a place.

    An index of the sample becomes the last one: other items come before that one.
    """
    match form:
        case Union(parts):
            return narrowed(*_chosen(parts, variant), place)
        case Object(cases):
            case_, inner = _chosen(cases, variant)
            return replace(form, cases=(_narrowed_case(case_, inner, place),))
        case Array(item) if place and isinstance(place[0], int):
            return replace(form, last=narrowed(item, place[0], place[1:]))
        case _:
            return form


def _narrowed_case(case: ObjectCase, variant: int, place: Place) -> ObjectCase:
    name = place[0] if place else None
    # What is there only together with this one would hide how this one is missed.
    needed = {member for pair in case.together if name in pair for member in pair} | {name}
    members = []
    for member in case.members:
        form = member.form
        if member.name == name:
            form = narrowed(form, variant % variant_count(form), place[1:])
        is_required = member.required or member.name in needed
        members.append(replace(member, required=is_required, form=form))
    return replace(case, members=tuple(members))


def _chosen(parts: Iterable[_Part], variant: int) -> tuple[_Part, int]:
    """The part that a variant stands for, and which of the part's own variants that is."""
    for part in parts:
        if variant < (count := variant_count(part)):
            return part, variant
        variant -= count
    raise IndexError(variant)


def _text(form: Text) -> str:
    if form.is_time:
        times = (_DATE_TIME, *(f"2025-10-03T15:33:{second:02}.000Z" for second in range(60)))
        text = next(time for time in times if time not in form.but_not)
    elif form.is_id and not form.prefix:
        text = _JOB_ID
    else:
        text = f"{form.prefix}text"
    while text in form.but_not:
        text += "0"
    return text


def job_id(number: int) -> str:
    """`job_` and ten hex digits, as the server makes them."""
    return f"{_ID_START}{number % JOB_IDS:010x}"


def distinct_ids(payload: Any) -> Any:
    """The payload itself, in which an id that stood there before has become the next free one."""
    seen: set[str] = set()
    todo = [payload]
    for value in todo:
        if type(value) is list:
            todo += value
        elif type(value) is dict:
            for name, member in value.items():
                if type(member) is not str:
                    todo.append(member)
                elif member.startswith(_ID_START) and len(member) == _ID_LENGTH:
                    while member in seen:
                        member = job_id(int(member.removeprefix(_ID_START), 16) + 1)
                    seen.add(member)
                    value[name] = member
    return payload
