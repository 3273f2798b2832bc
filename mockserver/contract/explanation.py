"""What the engines find, in the words of the pages: rule, pointer, expected, found, line."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, cast

from mockserver.contract.json_data import shown
from mockserver.contract.violation import Violation
from mockserver.documents.pointer import pointer

if TYPE_CHECKING:
    from jsonschema import ValidationError
    from jsonschema_rs import ValidationError as FastError

_MISSING = "nothing"


def explain(errors: Iterable[ValidationError], schema: dict[str, Any]) -> Iterator[Violation]:
    """One or more violations an error; `schema` is the whole that the errors' paths start from."""
    for error in errors:
        yield from _Error(error, schema).violations()


def broken_rules(errors: Iterable[FastError]) -> Iterator[tuple[str, str]]:
    """Rule and pointer of each violation as `explain` names them, without words: far faster."""
    for error in errors:
        place: list[Any] = error.instance_path
        keyword = str(error.schema_path[-1])
        kind: Any = error.kind
        if keyword in ("required", "dependentRequired"):
            yield keyword, pointer((*place, kind.property))
        elif keyword == "not":
            members = error.instance if isinstance(error.instance, dict) else {}
            for name in kind.schema["required"]:
                if name in members:
                    yield "absent", pointer((*place, name))
        elif keyword == "anyOf":
            meant = _meant(kind.context, len(place))
            yield from broken_rules(meant) if meant else [("anyOf", pointer(place))]
        elif keyword == "additionalProperties":
            yield from ((keyword, pointer((*place, name))) for name in kind.unexpected)
        else:
            yield keyword, pointer(place)


def _meant(options: list[list[FastError]], depth: int) -> list[FastError]:
    """The errors of the one option that the value was meant to have; empty if none can be told."""
    fitting = [
        errors
        for errors in options
        if len(options) == 1
        or not any(
            _rules_out(str(error.schema_path[-1]), len(error.instance_path) - depth)
            for error in errors
        )
    ]
    return fitting[0] if len(fitting) == 1 else []


class _Error:
    def __init__(self, error: ValidationError, root: dict[str, Any]) -> None:
        self.error = error
        # Errors that the engine yields bear their keyword, its value and the instance.
        self.keyword = cast(str, error.validator)
        self.value: Any = error.validator_value
        self.instance: Any = error.instance
        self.schema = cast("dict[str, Any]", error.schema)
        self.root = root
        self.place = tuple(error.absolute_path)
        self.nodes = list(_nodes(root, error.absolute_schema_path))

    def violations(self) -> Iterator[Violation]:
        match self.keyword:
            case "required":
                yield from self._missing(self.value, "required")
            case "dependentRequired":
                for member, others in self.value.items():
                    if member in self.instance:
                        yield from self._missing(others, "dependentRequired", f" beside `{member}`")
            case "not":  # the one form in which our schemas forbid: not {required: [name]}
                # What is no object breaks this too, and its type tells that already.
                members = self.instance if isinstance(self.instance, dict) else {}
                names = [name for name in self.value["required"] if name in members]
                yield from self._too_many(names, "absent", "nothing" + self._because())
            case "anyOf":
                yield from self._none_of()
            case "additionalProperties":
                known = self.schema.get("properties", {})
                names = [name for name in self.instance if name not in known]
                yield from self._too_many(names, self.keyword, "one of " + ", ".join(known))
            case keyword:
                expected = self.schema.get("x-expected") or _expected(keyword, self.value)
                yield self._at(self.place, keyword, expected, shown(self.instance))

    def _missing(self, names: Sequence[str], rule: str, beside: str = "") -> Iterator[Violation]:
        for name in names:
            if name not in self.instance:
                expected = f"`{name}`" + beside + self._because()
                yield self._at((*self.place, name), rule, expected, _MISSING, name)

    def _too_many(self, names: Sequence[str], rule: str, expected: str) -> Iterator[Violation]:
        for name in names:
            place, found = (*self.place, name), shown(self.instance[name])
            yield self._at(place, rule, expected, found, name)

    def _none_of(self) -> Iterator[Violation]:
        """Explain the one form that the value was meant to have, if it can be told."""
        forms: dict[int, list[ValidationError]] = {}
        for inner in self.error.context or ():
            forms.setdefault(int(inner.relative_schema_path[0]), []).append(inner)
        meant = [
            errors
            for errors in forms.values()
            if len(self.value) == 1
            or not any(
                _rules_out(str(error.validator), len(error.relative_path)) for error in errors
            )
        ]
        if len(meant) == 1:
            yield from explain(meant[0], self.root)
            return
        names = [_form_name(form) for form in self.value]
        yield self._at(self.place, "anyOf", "one of: " + ", ".join(names), shown(self.instance))

    def _because(self) -> str:
        """The page's own sentence when the rule holds under a condition only."""
        rule = next((node for node in reversed(self.nodes) if "if" in node), None)
        return f' ("{rule["description"]}")' if rule else ""

    def _at(
        self,
        place: tuple[str | int, ...],
        rule: str,
        expected: str,
        found: str,
        member: str | None = None,
    ) -> Violation:
        page, line = _source(self.nodes, member)
        return Violation(rule, pointer(place), expected, found, page, line)


def _nodes(root: dict[str, Any], path: Iterable[str | int]) -> Iterator[dict[str, Any]]:
    """The schemas along a path; what maps from members' names is no schema, whatever its keys."""
    node: Any = root
    mapping = False
    yield root
    for step in path:
        node = node[step]
        mapping = step in ("properties", "dependentRequired") and not mapping
        if isinstance(node, dict) and not mapping:
            yield node


def _source(nodes: list[dict[str, Any]], member: str | None) -> tuple[str | None, int | None]:
    """The nearest annotation; a missing member's own row goes before its parent's."""
    for node in reversed(nodes):
        row = node.get("properties", {}).get(member) if member and "if" not in node else None
        annotated = row if isinstance(row, dict) else node
        source = annotated.get("x-source")
        if isinstance(source, str):
            page, _, line = source.rpartition(":")
            return page, int(line)
    return None, None


def _rules_out(keyword: str, depth: int) -> bool:
    """Whether such an error says that this form was not meant: another type, or another label."""
    return depth == 0 if keyword == "type" else keyword in ("const", "enum") and depth <= 1


def _form_name(form: dict[str, Any]) -> str:
    if "title" in form:
        return str(form["title"])
    keyword = next((name for name in ("const", "enum", "type") if name in form), None)
    return _expected(keyword, form[keyword]) if keyword else "another form"


def _expected(keyword: str, value: Any) -> str:
    match keyword:
        case "type":
            return " or ".join([value] if isinstance(value, str) else value)
        case "const":
            return json.dumps(value, ensure_ascii=False)
        case "enum":
            return "one of " + ", ".join(json.dumps(item, ensure_ascii=False) for item in value)
        case "format":
            return "an RFC 3339 date-time such as 2025-10-03T15:33:23.496Z"
        case "pattern":
            return f"text that matches {value}"
        case "minimum" | "maximum":
            return f"at {'least' if keyword == 'minimum' else 'most'} {value:,}"
        case "exclusiveMinimum":
            return f"more than {value:,}"
        case "minLength" | "maxLength":
            return f"at {'least' if keyword == 'minLength' else 'most'} {value} characters"
        case "minProperties":
            return f"at least {value} of its members"
        case _:
            return f"{keyword} {json.dumps(value)}"
