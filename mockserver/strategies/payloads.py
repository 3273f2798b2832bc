"""Payloads that keep to the page, as clients meet them and as no client's author thought of,
payloads that break one rule, and say which, and the texts that payloads may be written as.
"""

import copy
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from typing import Any

from hypothesis import strategies as st

from mockserver.contract import Mutant
from mockserver.contract.mutants import Derivation, derivations, mutate
from mockserver.contract.mutations import MUTATORS, AppliedSchema, Mutation, Place
from mockserver.contract.normalizer import normalize
from mockserver.contract.samples import distinct_ids, narrowed, variant_count
from mockserver.contract.validator import SchemaLike, validator_of
from mockserver.errors import UnfitSchema
from mockserver.resources import DEFAULT_EDITION
from mockserver.strategies.objects import strategy_of


def valid(
    operation: SchemaLike, edition: str = DEFAULT_EDITION, part: str = "response"
) -> st.SearchStrategy[Any]:
    """Payloads that keep to the page, such as a real server sends.

    Times have milliseconds and `Z`, ids are `job_` and ten hex digits and each job's own, byte
    counts are integers for the most part, lists are short. Nothing is drawn and thrown away.

    `operation` is an id such as `job_status`; or an Operation, a Validator, or a schema that
    `schemas build` made of a page of yours, for which `edition` does not matter. `part` is
    `response`, `request` or `path`. Examples shrink to the plainest status, the smallest numbers
    and empty lists.

    Raises UnknownName for what is not documented, and UnfitSchema for a schema that no page
    compiles to or that no payload can keep to.
    """
    return _payloads(operation, edition, part, is_odd=False)


def surprising(
    operation: SchemaLike, edition: str = DEFAULT_EDITION, part: str = "response"
) -> st.SearchStrategy[Any]:
    """Payloads that keep to the page, and break clients that assume more than it says.

    Fields that no page names, none of the optional ones, keys in another order; floats for whole
    numbers and whole numbers for floats, 2^53-1 and beyond, 5e-324; times with offsets, with six
    digits of a second or with none; texts of any characters; lists of up to 150. `spelled` writes
    them as no one expects, too. The arguments and errors are those of `valid`.
    """
    return _payloads(operation, edition, part, is_odd=True)


def _payloads(
    operation: SchemaLike, edition: str, part: str, *, is_odd: bool
) -> st.SearchStrategy[Any]:
    form = normalize(validator_of(operation, edition, part).schema)
    if not variant_count(form):
        raise UnfitSchema("what it demands contradicts itself")
    found = strategy_of(form, is_odd)
    return found if is_odd else found.map(distinct_ids)


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
            usual = strategy_of(narrowed(form, *key), is_odd=False)
            originals[key] = usual.map(distinct_ids)
        payload = draw(originals[key])
        if (mutation := _mutation(payload, derivation)) is not None:
            found = mutate(payload, derivation.mutant.rule, mutation)
            if check.broken_rules(found.payload) == [(found.rule, found.pointer)]:
                return found
        # Other optional members may make of it several violations: then as it was first proved.
        return copy.deepcopy(derivation.mutant)

    return mutant()


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
        if (mutation.place[depth:], mutation.note) == (wanted.place[depth:], wanted.note):
            return mutation
    return None


_SPACES = (("", ""), (" ", ""), (" ", " "), ("\t", ""), ("  ", "  "))
_LINES = (("\n", "\n"), ("\n    ", " "), ("\r\n", ""))


@dataclass(frozen=True, slots=True)
class _JsonStyle:
    """How one server writes. `gap` comes after commas and brackets, `colon_gap` before colons."""

    gap: str
    colon_gap: str
    number: Callable[[int | float], str]
    text: Callable[[str], str]

    def write(self, value: Any) -> str:
        if isinstance(value, dict):
            members = (
                f"{self.text(key)}{self.colon_gap}:{self.gap and ' '}{self.write(member)}"
                for key, member in value.items()
            )
            return self._bracketed("{", members, "}")
        if isinstance(value, list):
            return self._bracketed("[", map(self.write, value), "]")
        if isinstance(value, str):
            return self.text(value)
        if value is None or isinstance(value, bool):
            return json.dumps(value)
        return self.number(value)

    def _bracketed(self, left: str, parts: Iterable[str], right: str) -> str:
        return left + self.gap + f",{self.gap}".join(parts) + self.gap + right


def _escaped(text: str) -> str:
    """Every character as `\\u0041`; beyond the first 65,536, as two surrogates."""
    units = text.encode("utf-16-be").hex()
    return '"' + "".join(f"\\u{units[at : at + 4]}" for at in range(0, len(units), 4)) + '"'


_raw = partial(json.dumps, ensure_ascii=False)


def _slashed(text: str) -> str:
    return _raw(text).replace("/", r"\/")


def _with_exponent(number: int | float) -> str:
    """`1000` as `1e3`, `5833333.5` as `58333335e-1`; as it is where a float would lose digits."""
    sign, digits, power = Decimal(repr(number)).as_tuple()
    kept = "".join(map(str, digits)).rstrip("0") or "0"
    text = f"{'-' * sign}{kept}e{int(power) + len(digits) - len(kept)}"
    return text if float(text) == number else json.dumps(number)


def _with_loud_exponent(number: int | float) -> str:
    return _with_exponent(number).replace("e", "E+").replace("+-", "-")


_numbers: tuple[Callable[[int | float], str], ...]
_numbers = (json.dumps, _with_exponent, _with_loud_exponent)
_texts: tuple[Callable[[str], str], ...] = (json.dumps, _raw, _slashed, _escaped)


def spelled(payloads: st.SearchStrategy[Any], *, one_line: bool = False) -> st.SearchStrategy[str]:
    """JSON texts of these payloads, each of which a strict parser reads as the payload it was.

    Numbers come with exponents (`1e3` is 1000, though a parser may call it a float), characters
    as escapes (`\\u0041`, `\\/`) or as they are, and white space anywhere; with `one_line`, none
    that breaks the line. A text shrinks to what `json.dumps` makes of the payload.
    """
    spaces = _SPACES if one_line else _SPACES + _LINES
    styles = st.builds(
        lambda space, number, text: _JsonStyle(space[0], space[1], number, text).write,
        st.sampled_from(spaces),
        st.sampled_from(_numbers),
        st.sampled_from(_texts),
    )
    usual: st.SearchStrategy[Callable[[Any], str]] = st.just(json.dumps)
    return st.builds(lambda payload, write: write(payload), payloads, usual | styles)
