"""What the compiled engine finds, in the words of the pages."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import TYPE_CHECKING, Any, cast

from mockserver.contract.json_data import shown
from mockserver.contract.violation import Violation
from mockserver.documents.pointer import pointer

if TYPE_CHECKING:
    from jsonschema_rs import ValidationError


def broken_rules(
    errors: Iterable[ValidationError], schema: dict[str, Any], payload: Any
) -> Iterator[BrokenRule]:
    """One or more an error, in the order of the schema; of an `anyOf`, those of the form meant."""
    for error in sorted(errors, key=lambda error: _position(error, schema)):
        keyword, kind = str(error.schema_path[-1]), cast(Any, error.kind)
        if keyword == "anyOf":
            meant = _meant(kind.context, len(error.instance_path))
            if meant is not None:
                yield from broken_rules(meant, schema, payload)
                continue
        names: list[str | None] = [None]
        if keyword in ("required", "dependentRequired"):
            names = [kind.property]
        elif keyword == "not":  # the one form in which our schemas forbid: not {required: [name]}
            # What is no object breaks this too, and its type tells that already.
            members = error.instance if isinstance(error.instance, dict) else {}
            names = [name for name in kind.schema["required"] if name in members]
        elif keyword == "additionalProperties":
            names = kind.unexpected
        for name in names:
            yield BrokenRule(error, name, schema, payload)


def _position(error: ValidationError, schema: Any) -> tuple[int, ...]:
    """Where the error stands when a schema is read from its beginning, item by item."""
    position: list[int] = []
    indices = (step for step in error.instance_path if isinstance(step, int))
    for node, step, is_keyword in _steps(schema, error.schema_path):
        position.append(list(node).index(step) if isinstance(node, dict) else int(step))
        if step == "items" and is_keyword:
            position.append(next(indices))
    return tuple(position)


def _steps(schema: Any, path: Iterable[str | int]) -> Iterator[tuple[Any, str | int, bool]]:
    """Each node on a way through a schema, the step from there, and whether that is a keyword.

    What maps from members' names has none, whatever its keys.
    """
    is_mapping = False
    for step in path:
        step = _key(schema, step)
        yield schema, step, not is_mapping
        is_mapping = step in ("properties", "dependentRequired") and not is_mapping
        schema = schema[step]


def _key(node: Any, step: str | int) -> str | int:
    """The step as the node has it: the engine takes a member's name of digits for an index."""
    if not isinstance(node, dict) or step in node:
        return step
    same = (name for name in node if re.fullmatch(rf"\+?0*{step}", name))
    return str(step) if str(step) in node else str(next(same))


def _meant(forms: list[list[ValidationError]], depth: int) -> list[ValidationError] | None:
    """The errors of the one form that the value was meant to have, if it can be told."""
    fitting = [
        errors
        for errors in forms
        if len(forms) == 1 or not any(_rules_out(error, depth) for error in errors)
    ]
    return fitting[0] if len(fitting) == 1 else None


def _rules_out(error: ValidationError, outer: int) -> bool:
    """Whether the error says that this form was not meant: another type, or another label."""
    depth, keyword = len(error.instance_path) - outer, error.schema_path[-1]
    return depth == 0 if keyword == "type" else keyword in ("const", "enum") and depth <= 1


class BrokenRule:
    """One rule that a payload breaks; its words are made when they are asked for."""

    def __init__(
        self, error: ValidationError, member: str | None, schema: dict[str, Any], payload: Any
    ) -> None:
        self._member, self._schema = member, schema
        place: list[str | int] = []
        for step in error.instance_path:
            place.append(_key(payload, step))
            payload = payload[place[-1]]
        self._instance = payload
        self._path = tuple(error.schema_path)
        self.keyword = str(self._path[-1])
        self.rule = "absent" if self.keyword == "not" else self.keyword
        self.path = (*place,) if member is None else (*place, member)
        self.pointer = pointer(self.path)

    def violation(self) -> Violation:
        """The same with its words and its source."""
        page, line = _source(self._nodes, self._member)
        return Violation(
            rule=self.rule,
            pointer=self.pointer,
            expected=self._expected(),
            found=self._found(),
            page=page,
            line=line,
        )

    @cached_property
    def _nodes(self) -> list[dict[str, Any]]:
        """The schemas along the way to the keyword."""
        steps = _steps(self._schema, self._path)
        return [node for node, _, is_keyword in steps if is_keyword and isinstance(node, dict)]

    def _expected(self) -> str:
        node = self._nodes[-1]
        match self.keyword:
            case "required":
                return f"`{self._member}`" + self._because()
            case "dependentRequired":
                return f"`{self._member}` beside `{self._beside(node)}`" + self._because()
            case "not":
                return "nothing" + self._because()
            case "anyOf":
                return "one of: " + ", ".join(map(_form_name, node["anyOf"]))
            case "additionalProperties":
                return "one of " + ", ".join(node.get("properties", {}))
            case _:
                words = node.get("x-expected", "")
                return str(words) or _expected(self.keyword, node[self.keyword])

    def _beside(self, node: dict[str, Any]) -> str:
        members = node["dependentRequired"].items()
        is_there = self._instance
        found = (name for name, others in members if name in is_there and self._member in others)
        return str(next(found))

    def _found(self) -> str:
        if self.keyword in ("required", "dependentRequired"):
            return "nothing"
        value = self._instance
        return shown(value if self._member is None else value[self._member])

    def _because(self) -> str:
        """The page's own sentence when the rule holds under a condition only."""
        rule = next((node for node in reversed(self._nodes) if "if" in node), None)
        return f' ("{rule["description"]}")' if rule else ""


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
