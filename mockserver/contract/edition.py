"""An edition's operations and their compiled schemas, as the bundled files hold them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

from mockserver import resources
from mockserver.errors import UnknownName

PARTS = ("response", "request", "path")


@dataclass(frozen=True, slots=True)
class Operation:
    """`path` writes parameters as `:name`; `schemas` has one schema a documented part."""

    id: str
    method: str
    path: str
    schemas: dict[str, dict[str, Any]]

    def schema(self, part: str) -> dict[str, Any]:
        """The schema of `response`, `request` or `path`; UnknownName when none is documented."""
        if part not in self.schemas:
            raise UnknownName("part", part, tuple(self.schemas), self.id)
        return self.schemas[part]


@dataclass(frozen=True, slots=True)
class Edition:
    """The operations by id, in the order of their ids."""

    name: str
    operations: dict[str, Operation]

    def operation(self, id_: str) -> Operation:
        """The operation with this id; UnknownName when the edition has none."""
        if id_ not in self.operations:
            raise UnknownName("operation", id_, tuple(self.operations), f"edition {self.name}")
        return self.operations[id_]


@cache
def edition(name: str = resources.DEFAULT_EDITION) -> Edition:
    """A bundled edition; UnknownName when there is none of that name."""
    operations: dict[str, Operation] = {}
    for schema in resources.edition_schemas(name):
        about = schema["x-operation"]
        operation = operations.setdefault(
            about["id"], Operation(about["id"], about["method"], about["path"], {})
        )
        operation.schemas[about["part"]] = schema
    return Edition(name, operations)
