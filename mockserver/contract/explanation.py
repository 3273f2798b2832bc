"""What the compiled engine finds, in the words of the pages."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from copy import copy
from typing import TYPE_CHECKING, Any, cast

from mockserver.contract.json_data import shown
from mockserver.contract.violation import Violation
from mockserver.documents.pointer import pointer

if TYPE_CHECKING:
    from jsonschema_rs import ValidationError

_WORDS = {
    "format": "an RFC 3339 date-time such as 2025-10-03T15:33:23.496Z",
    "pattern": "text that matches {}",
    "minimum": "at least {:,}",
    "maximum": "at most {:,}",
    "exclusiveMinimum": "more than {:,}",
    "minLength": "at least {} characters",
    "maxLength": "at most {} characters",
    "minProperties": "at least {} of its members",
}


def broken_rules(
    errors: Iterable[ValidationError], schema: dict[str, Any], payload: Any
) -> Iterator[BrokenRule]:
    """One or more an error, in the order of the schema; of an `anyOf`, those of the form meant."""
    found = [BrokenRule(error, schema, payload) for error in errors]
    for rule in sorted(found, key=lambda rule: rule.position):
        keyword, error, kind = rule.keyword, rule.error, cast(Any, rule.error.kind)
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
        yield from map(rule.of_member, names)


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
    """One rule that a payload breaks; its words are made when they are asked for.

    `position` is where it stands when the schema is read from its beginning, item by item.
    """

    def __init__(self, error: ValidationError, schema: Any, payload: Any) -> None:
        self.error, self._member = error, cast("str | None", None)
        self.keyword = str(error.schema_path[-1])
        self.rule = "absent" if self.keyword == "not" else self.keyword
        self._place: list[str | int] = []
        for step in error.instance_path:
            self._place.append(_key(payload, step))
            payload = payload[self._place[-1]]
        self._instance = payload
        self._nodes: list[dict[str, Any]] = []  # the schemas along the way to the keyword
        self.position: list[int] = []
        indices = (step for step in self._place if isinstance(step, int))
        is_mapping = False  # from members' names, which are no keywords
        for step in error.schema_path:
            step, is_node = _key(schema, step), isinstance(schema, dict)
            self.position.append(list(schema).index(step) if is_node else int(step))
            if step == "items" and not is_mapping:
                self.position.append(next(indices))
            self._nodes += [schema] if is_node and not is_mapping else []
            is_mapping = step in ("properties", "dependentRequired") and not is_mapping
            schema = schema[step]

    def of_member(self, member: str | None) -> BrokenRule:
        """The same, of a member that must be there, or must not."""
        found = copy(self)
        found._member = member
        return found

    @property
    def path(self) -> tuple[str | int, ...]:
        return (*self._place,) if self._member is None else (*self._place, self._member)

    @property
    def pointer(self) -> str:
        return pointer(self.path)

    def violation(self) -> Violation:
        """The same with its words and its source."""
        found = "nothing"
        if self.keyword not in ("required", "dependentRequired"):
            value = self._instance
            found = shown(value if self._member is None else value[self._member])
        page, line = _source(self._nodes, self._member)
        return Violation(self.rule, self.pointer, self._expected(), found, page=page, line=line)

    def _expected(self) -> str:
        node, member = self._nodes[-1], f"`{self._member}`"
        # The page's own sentence when the rule holds under a condition only.
        rule = next((node for node in reversed(self._nodes) if "if" in node), None)
        because = f' ("{rule.get("description")}")' if rule else ""
        match self.keyword:
            case "required":
                return member + because
            case "dependentRequired":
                others = node["dependentRequired"].items()
                there = (name for name, needed in others if self._member in needed)
                beside = next(name for name in there if name in self._instance)
                return f"{member} beside `{beside}`{because}"
            case "not":
                return "nothing" + because
            case "anyOf":
                return "one of: " + ", ".join(map(_form_name, node["anyOf"]))
            case "additionalProperties":
                return "one of " + ", ".join(node.get("properties", {}))
            case _:
                return str(node.get("x-expected", "")) or _expected(
                    self.keyword, node[self.keyword]
                )


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
        case _:
            words = _WORDS.get(keyword)
            return words.format(value) if words else f"{keyword} {json.dumps(value)}"
