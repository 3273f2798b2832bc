"""Schemas to their normal form."""

import re
from collections.abc import Iterator
from dataclasses import replace

from mockserver.contract.mutations import Schema, pattern_prefix
from mockserver.contract.normal_form import (
    ANYTHING,
    NEVER,
    Array,
    Form,
    Literal,
    Number,
    Object,
    Text,
    Union,
    options,
)
from mockserver.contract.object_cases import cases_of
from mockserver.documents.rfc3339 import is_date_time
from mockserver.errors import UnfitSchema

_ANNOTATIONS = {"$schema", "$id", "title", "description"}
_OF_KIND = {
    "object": {"properties", "required", "dependentRequired", "allOf"},
    "array": {"items"},
    "string": {"format", "pattern"},
}
_KEYWORDS = {"type", "const", "enum", "anyOf"}.union(*_OF_KIND.values())
_PREFIX = re.compile(r"\^(?:[^\\^$.|?*+()\[\]{}/]|\\[\\^$.|?*+()\[\]{}/])*", re.DOTALL)
_TIMES = ("2025-10-03T15:33:23.496Z", "2000-10-10T10:10:10.100Z", "2000-01-01T00:00:00Z")


def normalize(node: Schema, name: str = "") -> Form:
    """The form of a page's schema, for the member of this name; UnfitSchema for any other."""
    strange = {key for key in node if key not in _ANNOTATIONS | _KEYWORDS and key[:2] != "x-"}
    if strange:
        raise UnfitSchema(f"the keyword {min(strange)!r} is none that pages compile to")
    if "const" in node:
        form: Form = Literal(node["const"])
    elif "enum" in node:
        form = Union(tuple(Literal(value) for value in node["enum"]))
    elif "anyOf" in node:
        form = Union(tuple(normalize(option, name) for option in node["anyOf"]))
    else:
        kinds = node.get("type") or [kind for kind, keys in _OF_KIND.items() if keys & node.keys()]
        kinds = [kinds] if isinstance(kinds, str) else kinds
        form = Union(tuple(_of_kind(kind, node, name) for kind in kinds)) if kinds else ANYTHING
    found = tuple(
        restricted for option in options(form) for restricted in _restricted(option, node)
    )
    return found[0] if len(found) == 1 else Union(found)


def _of_kind(kind: str, node: Schema, name: str) -> Form:
    match kind:
        case "object":
            members = {
                key: normalize(inner, key) for key, inner in node.get("properties", {}).items()
            }
            cases = cases_of(node, members)
            return Object(cases, frozenset(members)) if cases else NEVER
        case "array":
            return Array(normalize(node.get("items", {}), name))
        case "string":
            return Text(is_id=re.search(r"(?:^|_)id$", name) is not None)
        case "number" | "integer":
            return Number(kind == "integer", is_rate=name.endswith("_per_second"))
        case "boolean":
            return Union((Literal(False), Literal(True)))
        case _:
            return Literal(None)


def _restricted(form: Form, node: Schema) -> Iterator[Form]:
    """The form as far as the node's own `pattern` and `format` leave it."""
    is_time, pattern, prefix = "format" in node, node.get("pattern", ""), pattern_prefix(node)
    if pattern and not _PREFIX.fullmatch(pattern):
        raise UnfitSchema(f"the pattern {pattern!r} says more than how a text begins")
    if isinstance(form, Literal) and isinstance(form.value, str):
        if form.value.startswith(prefix) and (is_date_time(form.value) or not is_time):
            yield form
    elif isinstance(form, Text):
        longer, shorter = sorted((form.prefix, prefix), key=len, reverse=True)
        text = replace(form, prefix=longer, is_time=form.is_time or is_time)
        if longer.startswith(shorter) and not (text.is_time and longer):
            yield text
        elif longer.startswith(shorter):  # a time that must begin in a certain way is one, or none
            times = (longer + time[len(longer) :] for time in _TIMES)
            yield from [Literal(time) for time in times if is_date_time(time)][:1]
    else:
        yield form
