"""What payloads are wanted of: a documented operation, or a schema of one's own."""

from __future__ import annotations

from typing import Any, TypeAlias

from mockserver.contract.edition import Operation
from mockserver.contract.validator import Validator, validator
from mockserver.resources import DEFAULT_EDITION

Subject: TypeAlias = str | Operation | Validator | dict[str, Any]
"""An operation's id (`job_status`), an Operation of any edition, a Validator, or a schema."""


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
    return Validator(subject.schema(part) if isinstance(subject, Operation) else subject)
