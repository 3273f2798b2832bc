"""Bases: the few payloads of a form that between them have every node of its schema.

A form has a number of variants, so many that each case of each object and each option of each
union stands in one of them. An optional member is there wherever it may be, and an array has an
item of every variant.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from mockserver.contract.forms import Array, Case, Form, Literal, Number, Object, Text, Union
from mockserver.contract.job_ids import distinct

__all__ = ["base", "bases", "chosen_case", "chosen_option", "label", "width"]

_DATE_TIME = "2025-10-03T15:33:23.496Z"
_JOB_ID = "job_493c7c9ded"
_BYTES = 2_279_145_003
_BYTES_PER_SECOND = 7_834_211.5


def bases(form: Form) -> Iterator[Any]:
    """All of them, the plainest case first; every job has an id of its own."""
    for variant in range(width(form)):
        yield distinct(base(form, variant))


def width(form: Form) -> int:
    """How many variants it has: 0 for a form of no value, which no payload has."""
    match form:
        case Union(options):
            return sum(width(option) for option in options)
        case Object(cases):
            return sum(_case_width(case) for case in cases)
        case _:
            return 1


def base(form: Form, variant: int) -> Any:
    """The payload of this variant, below `width`."""
    match form:
        case Union():
            return base(*chosen_option(form, variant))
        case Object():
            case_, inner = chosen_case(form, variant)
            return {one.name: base(one.form, inner % width(one.form)) for one in case_.members}
        case Array(item):
            return [base(item, inner) for inner in range(width(item))]
        case Literal(value):
            return value
        case Text():
            return _text(form)
        case Number(is_whole, is_rate):
            return _BYTES_PER_SECOND if is_rate and not is_whole else _BYTES


def label(form: Form, variant: int) -> str:
    """What tells this variant of an object from others: `status=paused`; "" when nothing does."""
    match form:
        case Union():
            return label(*chosen_option(form, variant))
        case Object():
            return chosen_case(form, variant)[0].label
        case _:
            return ""


def chosen_option(form: Union, variant: int) -> tuple[Form, int]:
    """The option that a variant stands for, and which of its own variants."""
    for option in form.options:
        if variant < (own := width(option)):
            return option, variant
        variant -= own
    raise IndexError(variant)


def chosen_case(form: Object, variant: int) -> tuple[Case, int]:
    """The case that a variant stands for, and which of its members' variants."""
    for case in form.cases:
        if variant < (own := _case_width(case)):
            return case, variant
        variant -= own
    raise IndexError(variant)


def _case_width(case: Case) -> int:
    return max((width(one.form) for one in case.members), default=1)


def _text(form: Text) -> str:
    if form.is_time:
        text = next(one for one in _times() if one not in form.but_not)
    elif form.is_id and not form.prefix:
        text = _JOB_ID
    else:
        text = f"{form.prefix}text"
    while text in form.but_not:
        text += "0"
    return text


def _times() -> Iterator[str]:
    yield _DATE_TIME
    yield from (f"2025-10-03T15:33:{second:02}.000Z" for second in range(60))
