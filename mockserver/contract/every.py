"""Every mutant of a schema: a finite list, for tests that take them one by one."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from dataclasses import dataclass, replace

from mockserver.contract.bases import bases, label
from mockserver.contract.changes import CHANGES, Change, Site
from mockserver.contract.mutants import Mutant, proved
from mockserver.contract.schema_form import form_of
from mockserver.contract.subject import Subject, validator_of
from mockserver.contract.validator import Validator
from mockserver.resources import DEFAULT_EDITION

__all__ = ["Aim", "aims", "mutants"]


_OF_PRESENCE = ("required", "absent", "dependentRequired")


@dataclass(frozen=True, slots=True)
class Aim:
    """A mutant, how it was made, and the variant of the schema's form that it was made from."""

    mutant: Mutant
    site: Site
    change: Change
    variant: int


def mutants(
    operation: Subject, edition: str = DEFAULT_EDITION, part: str = "response"
) -> tuple[Mutant, ...]:
    """Every way to break one rule of the documented part alone, for `pytest.mark.parametrize`.

    `operation` is an id such as `job_status`, or an Operation, a Validator or a schema of your own
    page. Each mutant's `id` (`required:/downloading/0/job_id`) is unique and stays the same; they
    come status by status, in the order of RULES. Payloads are copies: a test may change its own.

    Raises UnknownName for what is not documented, and UnfitSchema for a schema that no page
    compiles to.
    """
    check = validator_of(operation, edition, part)
    return tuple(
        replace(aim.mutant, payload=copy.deepcopy(aim.mutant.payload)) for aim in aims(check)
    )


def aims(check: Validator) -> Iterator[Aim]:
    """The same mutants, each with how it was made.

    Whether a member must be there is asked again in each case of the whole.
    """
    form, given = form_of(check.schema), set[str]()
    for variant, payload in enumerate(bases(form)):
        for rule in CHANGES:
            for mutant, site, change in proved(payload, check, rule):
                if mutant.id in given and rule in _OF_PRESENCE:
                    mutant = replace(mutant, note=label(form, variant))
                if mutant.id not in given:
                    given.add(mutant.id)
                    yield Aim(mutant, site, change, variant)
