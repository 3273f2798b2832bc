"""Payloads that break one rule each: `mutations` proposes them, and the validator decides."""

import copy
import json
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from mockserver.contract.mutations import (
    KEYWORDS,
    MUTATORS,
    AppliedSchema,
    Mutation,
    Schema,
    in_place,
    mutations,
)
from mockserver.contract.normalizer import normalize
from mockserver.contract.samples import label, samples
from mockserver.contract.validator import SchemaLike, Validator, validator_of
from mockserver.contract.violation import RULES
from mockserver.documents.pointer import MISSING, replaced
from mockserver.documents.pointer import pointer as pointer_of
from mockserver.resources import DEFAULT_EDITION

_OF_PRESENCE = ("required", "absent", "dependentRequired")


@dataclass(frozen=True, slots=True)
class Mutant:
    """A payload that breaks `rule` at `pointer` and nothing else.

    There, what `was` in the original `became` something else; either may be `MISSING`. `note` says
    in a word what was done, where a rule can be broken in several ways.
    """

    payload: Any = field(hash=False)
    rule: str
    pointer: str
    was: Any = field(hash=False)
    became: Any = field(hash=False)
    note: str = ""

    @property
    def id(self) -> str:
        """`required:/job_id`, `format:/started_at~no-zone`: of each mutant of a payload its own."""
        return f"{self.rule}:{self.pointer}" + (f"~{self.note}" if self.note else "")


@dataclass(frozen=True, slots=True)
class Derivation:
    """A mutant, how it was made, and the variant of the schema's form that it was made from."""

    mutant: Mutant
    applied: AppliedSchema
    mutation: Mutation
    variant: int = 0


def mutants(
    operation: SchemaLike, edition: str = DEFAULT_EDITION, part: str = "response"
) -> tuple[Mutant, ...]:
    """Every way to break one rule of the documented part alone, for `pytest.mark.parametrize`.

    `operation` is an id such as `job_status`, or an operation, a Validator or a schema of your own
    page. Each mutant's `id` (`required:/downloading/0/job_id`) is unique and stays the same; they
    come status by status, in the order of RULES. Payloads are copies: a test may change its own.

    Raises UnknownName for what is not documented, and UnfitSchema for a schema that no page
    compiles to.
    """
    found = [each.mutant for each in derivations(validator_of(operation, edition, part))]
    return tuple(replace(mutant, payload=copy.deepcopy(mutant.payload)) for mutant in found)


def derivations(check: Validator) -> Iterator[Derivation]:
    """The same with how each was made; of presence, those of each case of the whole."""
    form, given = normalize(check.schema), set[str]()
    for variant, payload in enumerate(samples(form)):
        for rule in MUTATORS:
            for derivation in _proven(payload, check, rule):
                mutant = derivation.mutant
                if mutant.id in given and rule in _OF_PRESENCE:
                    mutant = replace(mutant, note=label(form, variant))
                if mutant.id not in given:
                    given.add(mutant.id)
                    yield replace(derivation, mutant=mutant, variant=variant)


def mutants_of(
    payload: Any, check: Validator, *, rule: str | None = None, pointer: str | None = None
) -> Iterator[Mutant]:
    """Every single violation that a mutation at its own place can give to this valid payload.

    They come in the order of RULES; for each rule those that are less deep first, in the order of
    the schema, and the payload as a whole last. Each is proved: the validator finds exactly this
    violation. An invalid payload has none.
    """
    rules = [each for each in MUTATORS if rule in (None, each)] if check.is_valid(payload) else ()
    for each in rules:
        yield from (derivation.mutant for derivation in _proven(payload, check, each, pointer))


def mutant_of(
    payload: Any, check: Validator, rule: str, pointer: str | None = None
) -> Mutant | None:
    """The first of them for this rule (at this pointer); None when there is none."""
    return next(mutants_of(payload, check, rule=rule, pointer=pointer), None)


def rules_of(schema: Schema) -> tuple[str, ...]:
    """The rules that a payload of this schema can break, in the order of RULES."""
    found: set[str] = set()
    todo = [schema]
    for node in todo:
        found |= {rule for rule in MUTATORS if KEYWORDS.get(rule, rule) in node}
        todo += [*in_place(node), *node.get("properties", {}).values()]
        todo += [node["items"]] if "items" in node else []
    return tuple(rule for rule in RULES if rule in found)


def mutate(payload: Any, rule: str, mutation: Mutation) -> Mutant:
    """The mutated payload, as the mutant that it is if it breaks this rule alone."""
    mutated, was = replaced(payload, mutation.place, mutation.became)
    place = pointer_of(mutation.place)
    return Mutant(mutated, rule, place, was, mutation.became, note=mutation.note)


def _proven(
    payload: Any, check: Validator, rule: str, pointer: str | None = None
) -> Iterator[Derivation]:
    """The mutants of a valid payload for this rule: the validator finds it broken, and no other."""
    tried, given = set[tuple[str, str]](), set[tuple[str, str]]()
    for applied, mutation in mutations(payload, check.schema, rule):
        place = pointer_of(mutation.place)
        value = "" if mutation.became is MISSING else json.dumps(mutation.became)
        is_known = (place, value) in tried or (place, mutation.note) in given
        if is_known or pointer not in (None, place):
            continue
        tried.add((place, value))
        mutant = mutate(payload, rule, mutation)
        if check.broken_rules(mutant.payload) == [(rule, place)]:
            given.add((place, mutation.note))
            yield Derivation(mutant, applied, mutation)
