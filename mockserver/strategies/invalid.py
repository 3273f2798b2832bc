"""Payloads that break one rule, and say which."""

from __future__ import annotations

import copy
from typing import Any

from hypothesis import strategies as st

from mockserver.contract import Mutant, Validator
from mockserver.contract.changes import CHANGES, Change, Place, Site
from mockserver.contract.every import Aim, aims
from mockserver.contract.forms import Form
from mockserver.contract.job_ids import distinct
from mockserver.contract.mutants import changed
from mockserver.contract.pins import pinned
from mockserver.contract.schema_form import form_of
from mockserver.contract.subject import Subject, validator_of
from mockserver.errors import UnfitSchema
from mockserver.resources import DEFAULT_EDITION
from mockserver.strategies.leaves import USUAL
from mockserver.strategies.objects import strategy_of

__all__ = ["invalid"]


def invalid(
    operation: Subject, edition: str = DEFAULT_EDITION, part: str = "response"
) -> st.SearchStrategy[Mutant]:
    """Mutants: each a payload that breaks `rule` at `pointer`, and nothing else.

    All that `mutants` lists for the schema are drawn equally often, each out of a valid payload of
    its own, in lists behind jobs that are valid. Every one is proved by the validator. The
    arguments and errors are those of `valid`.
    """
    check = validator_of(operation, edition, part)
    form = form_of(check.schema)
    found = [*aims(check)]
    if not found:
        raise UnfitSchema("nothing that it says can be broken alone")
    which = st.sampled_from(found)
    originals: dict[tuple[int, Place], st.SearchStrategy[Any]] = {}

    @st.composite
    def mutant(draw: st.DrawFn) -> Mutant:
        aim = draw(which)
        key = aim.variant, aim.change.place
        if key not in originals:
            originals[key] = _originals(form, aim)
        return _mutant(draw(originals[key]), aim, check)

    return mutant()


def _originals(form: Form, aim: Aim) -> st.SearchStrategy[Any]:
    """Valid payloads in which this change can be made."""
    return strategy_of(pinned(form, aim.variant, aim.change.place), USUAL).map(distinct)


def _mutant(payload: Any, aim: Aim, check: Validator) -> Mutant:
    change = _change(payload, aim)
    if change is not None:
        mutant = changed(payload, aim.mutant.rule, change)
        if check.breaches(mutant.payload) == [(mutant.rule, mutant.pointer)]:
            return mutant
    # Other optional members may make of it more than one violation: then as it was first proved.
    return copy.deepcopy(aim.mutant)


def _change(payload: Any, aim: Aim) -> Change | None:
    """The aim's change, as it is for this payload."""
    place: list[str | int] = []
    value = payload
    for step in aim.site.place:
        # An index of the base stands for the last one.
        place.append(len(value) - 1 if isinstance(value, list) else step)
        value = value[place[-1]]
    site = Site(aim.site.schema, value, tuple(place), aim.site.members)
    depth = len(place)
    for change in CHANGES[aim.mutant.rule](site):
        is_same = change.place[depth:] == aim.change.place[depth:]
        if is_same and change.note == aim.change.note:
            return change
    return None
