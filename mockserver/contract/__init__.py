"""What a payload must be: validated against the schemas, every violation explained.

>>> from mockserver.contract import violations
>>> [str(v) for v in violations({"status": "paused"}, "job_status")]
['/job_id: required: expected present, found nothing (download-status.md:171)']
"""

from mockserver.contract.edition import CompiledOperation as CompiledOperation
from mockserver.contract.edition import Edition as Edition
from mockserver.contract.edition import edition as edition
from mockserver.contract.mutants import Mutant as Mutant
from mockserver.contract.mutants import mutant_of as mutant_of
from mockserver.contract.mutants import mutants as mutants
from mockserver.contract.mutants import mutants_of as mutants_of
from mockserver.contract.mutants import rules_of as rules_of
from mockserver.contract.validator import SchemaLike as SchemaLike
from mockserver.contract.validator import Validator as Validator
from mockserver.contract.validator import is_valid as is_valid
from mockserver.contract.validator import validator as validator
from mockserver.contract.validator import violations as violations
from mockserver.contract.validator import violations_in_body as violations_in_body
from mockserver.contract.violation import RULES as RULES
from mockserver.contract.violation import Violation as Violation
from mockserver.documents.pointer import MISSING as MISSING
