"""An edition's operations and their compiled schemas, as the bundled files hold them."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from functools import cache
from typing import Any, Self

from mockserver import resources
from mockserver.api.operation import Operation
from mockserver.api.operations import describe
from mockserver.errors import UnknownName

PARTS = ("response", "request", "path")


@dataclass(frozen=True, slots=True)
class CompiledOperation(Operation):
    """An operation with a schema for each part that its page documents."""

    schemas: dict[str, dict[str, Any]] = field(default_factory=dict, kw_only=True)

    @classmethod
    def from_schemas(cls, schemas: Iterable[dict[str, Any]]) -> dict[str, Self]:
        """The operations that generated schemas are of, by id, each with its schemas."""
        found: dict[str, Self] = {}
        for schema in schemas:
            about = schema["x-operation"]
            described = cls(**asdict(describe(about["method"], about["path"])))
            found.setdefault(about["id"], described).schemas[about["part"]] = schema
        return found

    def schema(self, part: str) -> dict[str, Any]:
        """The schema of `response`, `request` or `path`; UnknownName when none is documented."""
        if part not in self.schemas:
            raise UnknownName("part", part, tuple(self.schemas), self.id)
        return self.schemas[part]


@dataclass(frozen=True, slots=True)
class Edition:
    """The operations by id, in the order of their ids."""

    name: str
    operations: dict[str, CompiledOperation]

    def operation(self, id_: str) -> CompiledOperation:
        """The operation with this id; UnknownName when the edition has none."""
        if id_ not in self.operations:
            raise UnknownName("operation", id_, tuple(self.operations), f"edition {self.name}")
        return self.operations[id_]


@cache
def edition(name: str = resources.DEFAULT_EDITION) -> Edition:
    """A bundled edition; UnknownName when there is none of that name."""
    return Edition(name, CompiledOperation.from_schemas(resources.edition_schemas(name)))
