"""What a payload must be: validated against the schemas, every violation explained.

>>> from mockserver.contract import violations
>>> [str(v) for v in violations({"status": "paused"}, "job_status")]
['/job_id: required: expected present, found nothing (download-status.md:171)']
"""

from mockserver.contract.edition import CompiledOperation, Edition, edition
from mockserver.contract.mutants import Mutant, mutant_of, mutants, mutants_of, rules_of
from mockserver.contract.validator import (
    SchemaLike,
    Validator,
    is_valid,
    validator,
    violations,
    violations_in_body,
)
from mockserver.contract.violation import RULES, Violation
from mockserver.documents.pointer import MISSING

__all__ = [
    "MISSING",
    "RULES",
    "CompiledOperation",
    "Edition",
    "Mutant",
    "SchemaLike",
    "Validator",
    "Violation",
    "edition",
    "is_valid",
    "mutant_of",
    "mutants",
    "mutants_of",
    "rules_of",
    "validator",
    "violations",
    "violations_in_body",
]
