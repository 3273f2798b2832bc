"""Pins: a form narrowed to the payloads that have a certain place."""

from __future__ import annotations

from dataclasses import replace

from mockserver.contract.bases import chosen_case, chosen_option, width
from mockserver.contract.changes import Place
from mockserver.contract.forms import Array, Case, Form, Object, Union

__all__ = ["pinned"]


def pinned(form: Form, variant: int, place: Place) -> Form:
    """The form of all payloads that are as the base of this variant where the place leads through.

    An index of the base becomes the last one: other items come before that one.
    """
    match form:
        case Union():
            return pinned(*chosen_option(form, variant), place)
        case Object():
            case_, inner = chosen_case(form, variant)
            return replace(form, cases=(_pinned_case(case_, inner, place),))
        case Array(item) if place and isinstance(place[0], int):
            return replace(form, last=pinned(item, place[0], place[1:]))
        case _:
            return form


def _pinned_case(case: Case, variant: int, place: Place) -> Case:
    name = place[0] if place else None
    # What is there only together with this one would hide how this one is missed.
    needed = {one for pair in case.together if name in pair for one in pair} | {name}
    members = tuple(
        replace(
            one,
            required=one.required or one.name in needed,
            form=pinned(one.form, variant % width(one.form), place[1:])
            if one.name == name
            else one.form,
        )
        for one in case.members
    )
    return replace(case, members=members)
