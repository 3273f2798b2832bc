"""Payloads that break one rule, and say which."""

from __future__ import annotations

import copy
from typing import Any

from hypothesis import strategies as st

from mockserver.contract import Mutant, Validator
from mockserver.contract.mutants import Derivation, derivations, mutate
from mockserver.contract.mutations import MUTATORS, AppliedSchema, Mutation, Place
from mockserver.contract.normal_form import Form
from mockserver.contract.normalizer import normalize
from mockserver.contract.samples import distinct_ids, narrowed
from mockserver.contract.validator import SchemaLike, validator_of
from mockserver.errors import UnfitSchema
from mockserver.resources import DEFAULT_EDITION
from mockserver.strategies.leaves import USUAL
from mockserver.strategies.objects import strategy_of


def invalid(
    operation: SchemaLike, edition: str = DEFAULT_EDITION, part: str = "response"
) -> st.SearchStrategy[Mutant]:
    """Mutants: each a payload that breaks `rule` at `pointer`, and nothing else.

    All that `mutants` lists for the schema are drawn equally often, each out of a valid payload of
    its own, in lists behind jobs that are valid. Every one is proved by the validator. The
    arguments and errors are those of `valid`.
    """
    check = validator_of(operation, edition, part)
    form = normalize(check.schema)
    found = [*derivations(check)]
    if not found:
        raise UnfitSchema("nothing that it says can be broken alone")
    which = st.sampled_from(found)
    originals: dict[tuple[int, Place], st.SearchStrategy[Any]] = {}

    @st.composite
    def mutant(draw: st.DrawFn) -> Mutant:
        derivation = draw(which)
        key = derivation.variant, derivation.mutation.place
        if key not in originals:
            originals[key] = _originals(form, derivation)
        return _mutant(draw(originals[key]), derivation, check)

    return mutant()


def _originals(form: Form, derivation: Derivation) -> st.SearchStrategy[Any]:
    """Valid payloads in which this mutation can be made."""
    place = derivation.mutation.place
    return strategy_of(narrowed(form, derivation.variant, place), USUAL).map(distinct_ids)


def _mutant(payload: Any, derivation: Derivation, check: Validator) -> Mutant:
    mutation = _mutation(payload, derivation)
    if mutation is not None:
        mutant = mutate(payload, derivation.mutant.rule, mutation)
        if check.broken_rules(mutant.payload) == [(mutant.rule, mutant.pointer)]:
            return mutant
    # Other optional members may make of it more than one violation: then as it was first proved.
    return copy.deepcopy(derivation.mutant)


def _mutation(payload: Any, derivation: Derivation) -> Mutation | None:
    """The same mutation, as it is for this payload."""
    first, place = derivation.applied, list[str | int]()
    value = payload
    for step in first.place:
        # An index of the sample stands for the last one.
        place.append(len(value) - 1 if isinstance(value, list) else step)
        value = value[place[-1]]
    applied = AppliedSchema(first.schema, value, tuple(place), first.members)
    depth, wanted = len(place), derivation.mutation
    for mutation in MUTATORS[derivation.mutant.rule](applied):
        is_same = mutation.place[depth:] == wanted.place[depth:]
        if is_same and mutation.note == wanted.note:
            return mutation
    return None
