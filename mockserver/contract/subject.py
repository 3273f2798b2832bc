"""What payloads are wanted of: a documented operation, or a schema of one's own."""

from __future__ import annotations

from typing import Any, TypeAlias

from mockserver.contract.edition import CompiledOperation
from mockserver.contract.validator import Validator, validator
from mockserver.resources import DEFAULT_EDITION

Subject: TypeAlias = str | CompiledOperation | Validator | dict[str, Any]
"""An id such as `job_status`, an operation of any edition, a Validator, or a schema."""


def validator_of(
    subject: Subject, edition: str = DEFAULT_EDITION, part: str = "response"
) -> Validator:
    """The compiled schema.

    `edition` matters to an operation's id alone, `part` to that and to an Operation. UnknownName
    when there is no such edition, operation or part.
    """
    if isinstance(subject, str):
        return validator(subject, edition, part)
    if isinstance(subject, Validator):
        return subject
    return Validator(subject.schema(part) if isinstance(subject, CompiledOperation) else subject)
