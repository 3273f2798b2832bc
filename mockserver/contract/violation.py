"""A violation: what of a payload breaks which rule, and where the page says so."""

from dataclasses import asdict, dataclass

from mockserver.documents import json_scanner

RULES: dict[str, str] = {
    "required": "A member that must be there is missing.",
    "absent": "A member is there that the value of another one forbids.",
    "dependentRequired": "Two members come together, and one of them is missing.",
    "type": "The value is of another JSON type than the page says.",
    "const": "The value is not the one that the page fixes.",
    "enum": "The value is none of those that the page lists.",
    "format": "The text is not a date-time as RFC 3339 defines it.",
    "pattern": "The text does not start as the page says.",
    "anyOf": "The value has none of the forms that the page lists.",
    "json:type": "The value is a Python object that JSON has no form for.",
    **json_scanner.RULES,
}
"""Every rule a violation can name, and what it says; `json:…` rules are about the text itself."""


@dataclass(frozen=True, slots=True)
class Violation:
    """One rule broken at one place.

    `pointer` is the JSON pointer (RFC 6901) of the value, or of the member that is missing;
    `found` is JSON text, shortened; `page` and `line` are the row behind the rule, None for rules
    of JSON itself.
    """

    rule: str
    pointer: str
    expected: str
    found: str
    page: str | None = None
    line: int | None = None

    def __str__(self) -> str:
        where = self.pointer or "the whole document"
        source = f" ({self.page}:{self.line})" if self.page else ""
        if self.rule.startswith("json:"):  # what was found is a sentence already
            return f"{where}: {self.rule}: {self.found}; expected {self.expected}"
        return f"{where}: {self.rule}: expected {self.expected}, found {self.found}{source}"

    def as_dict(self) -> dict[str, str | int | None]:
        """The facts by name, as `--json` prints them."""
        return asdict(self)
