"""What a payload must be: validated against the schemas, every violation explained.

>>> from mockserver.contract import violations
>>> [str(v) for v in violations({"status": "paused"}, "job_status")]
['/job_id: required: expected present, found nothing (download-status.md:171)']
"""

from mockserver.contract.edition import Edition, Operation, edition
from mockserver.contract.validator import (
    Validator,
    is_valid,
    validator,
    violations,
    violations_in_body,
)
from mockserver.contract.violation import RULES, Violation

__all__ = [
    "RULES",
    "Edition",
    "Operation",
    "Validator",
    "Violation",
    "edition",
    "is_valid",
    "validator",
    "violations",
    "violations_in_body",
]
