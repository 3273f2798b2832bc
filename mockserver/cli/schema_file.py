"""Schema files that `schemas build` made, read back."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from mockserver import files
from mockserver.documents import json_text
from mockserver.errors import UnreadableFile

if TYPE_CHECKING:
    from mockserver.pages.schema_node import Schema


def read(path: Path | str) -> Schema:
    """The schema; UnreadableFile when it is none of ours, JsonTextError when it is no JSON."""
    schema: Any = json_text.loads(files.read_bytes(path), path=str(path))
    about = schema.get("x-operation") if isinstance(schema, dict) else None
    if not isinstance(about, dict) or not {"id", "part"} <= about.keys():
        raise UnreadableFile(str(path), 'not a schema of ours: it has no "x-operation"')
    return cast("Schema", schema)
