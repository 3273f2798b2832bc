"""Payloads that keep to the page: as clients meet them, and as no client's author thought of."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from mockserver.contract.normalizer import normalize
from mockserver.contract.samples import distinct_ids, variant_count
from mockserver.contract.validator import SchemaLike, validator_of
from mockserver.errors import UnfitSchema
from mockserver.resources import DEFAULT_EDITION
from mockserver.strategies.leaves import ODD, USUAL, Leaves
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
    return _payloads(operation, edition, part, USUAL)


def surprising(
    operation: SchemaLike, edition: str = DEFAULT_EDITION, part: str = "response"
) -> st.SearchStrategy[Any]:
    """Payloads that keep to the page, and break clients that assume more than it says.

    Fields that no page names, none of the optional ones, keys in another order; floats for whole
    numbers and whole numbers for floats, 2^53-1 and beyond, 5e-324; times with offsets, with six
    digits of a second or with none; texts of any characters; lists of up to 150. `spelled` writes
    them as no one expects, too. The arguments and errors are those of `valid`.
    """
    return _payloads(operation, edition, part, ODD)


def _payloads(
    operation: SchemaLike, edition: str, part: str, leaves: Leaves
) -> st.SearchStrategy[Any]:
    form = normalize(validator_of(operation, edition, part).schema)
    if not variant_count(form):
        raise UnfitSchema("what it demands contradicts itself")
    found = strategy_of(form, leaves)
    return found if leaves.is_odd else found.map(distinct_ids)
