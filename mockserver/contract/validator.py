"""Payloads against schemas: a yes or no at compiled speed, and every violation explained.

jsonschema-rs answers both, and asks `rfc3339.is_date_time` about times: its own check differs.
"""

from collections.abc import Iterator
from functools import cache
from typing import Any, TypeAlias

import jsonschema_rs

from mockserver.contract.edition import CompiledOperation
from mockserver.contract.edition import edition as load_edition
from mockserver.contract.explanation import BrokenRule, broken_rules
from mockserver.contract.json_data import is_json_data, to_json_data
from mockserver.contract.violation import Violation
from mockserver.documents import json_scanner, json_text, rfc3339
from mockserver.errors import JsonTextError
from mockserver.resources import DEFAULT_EDITION

_EXPECTED = {
    "json:bom": "JSON from the first byte on",
    "json:depth": f"at most {json_scanner.MAX_DEPTH} levels",
    "json:duplicate-key": "each key once",
    "json:encoding": "UTF-8",
    "json:number": f"at most {json_scanner.MAX_INTEGER_DIGITS:,} digits",
    "json:syntax": "JSON",
    "json:trailing": "one document alone",
}
_PLACED = ("json:duplicate-key", "json:non-finite", "json:number", "json:surrogate")


class Validator:
    """One schema, compiled once. Payloads are what `json.loads` returns."""

    def __init__(self, schema: dict[str, Any]) -> None:
        self.schema = schema
        self._engine = jsonschema_rs.Draft202012Validator(
            schema, validate_formats=True, formats={"date-time": rfc3339.is_date_time}
        )

    def is_valid(self, payload: object) -> bool:
        """Whether `violations` would find nothing."""
        return self._engine.is_valid(payload) if is_json_data(payload) else not self._all(payload)

    def violations(self, payload: object) -> list[Violation]:
        """Every violation, each rule at each place once."""
        if is_json_data(payload) and self._engine.is_valid(payload):
            return []
        return [
            found.violation() if isinstance(found, BrokenRule) else found
            for found in self._all(payload).values()
        ]

    def broken_rules(self, payload: object) -> list[tuple[str, str]]:
        """The rule and the pointer of every violation, without the words, which cost most."""
        return list(self._all(payload))

    def broken(self, payload: Any) -> Iterator[BrokenRule]:
        """The same for what is JSON data, one by one, each ready to be put into words."""
        return broken_rules(self._engine.iter_errors(payload), self.schema, payload)

    def _all(self, payload: object) -> dict[tuple[str, str], Violation | BrokenRule]:
        """The first of each rule and pointer. Where there is no JSON, no schema is broken, too."""
        value, foreign = to_json_data(payload)
        places = {violation.pointer for violation in foreign}
        every: list[Violation | BrokenRule] = [*foreign]
        every += [broken for broken in self.broken(value) if broken.pointer not in places]
        found: dict[tuple[str, str], Violation | BrokenRule] = {}
        for each in every:
            found.setdefault((each.rule, each.pointer), each)
        return found


@cache
def validator(operation: str, edition: str = DEFAULT_EDITION, part: str = "response") -> Validator:
    """The compiled schema of a `response`, `request` or `path`; UnknownName when there is none."""
    return Validator(load_edition(edition).operation(operation).schema(part))


SchemaLike: TypeAlias = str | CompiledOperation | Validator | dict[str, Any]
"""An id such as `job_status`, an operation of any edition, a Validator, or a schema."""


def validator_of(
    schema: SchemaLike, edition: str = DEFAULT_EDITION, part: str = "response"
) -> Validator:
    """The compiled schema.

    `edition` matters to an operation's id alone, `part` to that and to an operation. UnknownName
    when there is no such edition, operation or part.
    """
    match schema:
        case str():
            return validator(schema, edition, part)
        case Validator():
            return schema
        case CompiledOperation():
            return Validator(schema.schema(part))
        case _:
            return Validator(schema)


def is_valid(
    payload: object, operation: str, edition: str = DEFAULT_EDITION, part: str = "response"
) -> bool:
    """Whether the payload keeps to the page."""
    return validator(operation, edition, part).is_valid(payload)


def violations(
    payload: object, operation: str, edition: str = DEFAULT_EDITION, part: str = "response"
) -> list[Violation]:
    """Every way in which the payload departs from the page; empty when it keeps to it."""
    return validator(operation, edition, part).violations(payload)


def violations_in_body(
    body: bytes | str, operation: str, edition: str = DEFAULT_EDITION, part: str = "response"
) -> list[Violation]:
    """The same for a body off the wire: what is not strictly JSON is a violation too."""
    check = validator(operation, edition, part)
    try:
        payload = json_text.loads(body)
    except JsonTextError as error:
        return [of_text(error)]
    return check.violations(payload)


def of_text(error: JsonTextError) -> Violation:
    """A text that is not strictly JSON as a violation: of the whole, if it does not parse."""
    place = error.pointer if error.rule in _PLACED else ""
    column = f", column {error.column}" if error.column else ""
    found = f"line {error.line}{column}: {error.problem}"
    if error.rule == "json:syntax" and error.source_line.lstrip()[:1] == "<":
        found += " (it looks like HTML or XML)"
    return Violation(error.rule, place, error.expected or _EXPECTED[error.rule], found)
