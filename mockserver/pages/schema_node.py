"""Pieces of a schema that are made the same way wherever they stand."""

from collections.abc import Sequence
from typing import Any, TypeAlias

Schema: TypeAlias = dict[str, Any]
Scalar: TypeAlias = str | bool | None

DIALECT = "https://json-schema.org/draft/2020-12/schema"
SOURCE = "x-source"
"""Annotation: where a node comes from, as `page.md:line`."""


def literals(values: Sequence[Scalar]) -> Schema:
    """A node that accepts just these values."""
    distinct = list(dict.fromkeys(values))
    if distinct == [None]:
        return {"type": "null"}
    return {"const": distinct[0]} if len(distinct) == 1 else {"enum": distinct}


def any_of(schemas: list[Schema]) -> Schema:
    """One node that accepts what any of these accepts; plain types share a single node."""
    flat: list[Schema] = []
    for schema in schemas:
        inner = schema["anyOf"] if list(schema) == ["anyOf"] else [schema]
        flat += [option for option in inner if option not in flat]
    if len(flat) == 1:
        return flat[0]
    names = [schema.get("type") for schema in flat]
    annotated = any(SOURCE in schema for schema in flat)
    # A rule about an object's members would hold for a value of the other types as well.
    ruled = any("allOf" in schema for schema in flat)
    distinct = all(isinstance(name, str) for name in names) and len(set(names)) == len(names)
    if distinct and not annotated and not ruled:
        merged: Schema = {"type": names}
        for schema in flat:
            merged |= {key: value for key, value in schema.items() if key != "type"}
        return merged
    return {"anyOf": flat}
