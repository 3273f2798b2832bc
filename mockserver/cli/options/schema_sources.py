"""What an argument names: pages, schema files, or all schemas that one finds there."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from mockserver import files, resources
from mockserver.documents import json_text
from mockserver.errors import UnknownName, UnreadableFile

if TYPE_CHECKING:
    from mockserver.pages.schema_node import Schema

SCHEMA_SUFFIX = ".schema.json"


def page_paths(path: str) -> list[Path]:
    """The pages that an argument names: itself, or those of a folder."""
    folder = Path(path)
    if not folder.is_dir():
        return [folder]
    pages = sorted(folder.glob("*.md"))
    if not pages:
        raise UnreadableFile(path, "a folder without *.md pages")
    return pages


def folder_name(folder: Path) -> str:
    return Path(os.path.abspath(folder)).name  # noqa: PTH100  # no link is followed


def schema_file(path: Path | str) -> Schema:
    """A schema that `schemas build` made; UnreadableFile when it is none, JsonTextError when it is
    no JSON.
    """
    schema: Any = json_text.loads(files.read_bytes(path), path=str(path))
    facts = schema.get("x-operation") if isinstance(schema, dict) else None
    if not isinstance(facts, dict) or not {"id", "part"} <= facts.keys():
        raise UnreadableFile(str(path), 'not a schema of ours: it has no "x-operation"')
    return cast("Schema", schema)


def schemas_of(name: str) -> dict[str, Schema]:
    """The schemas that an argument of `diff` names, by operation and part."""
    path = Path(name)
    if name in resources.edition_names():
        found = list(resources.edition_schemas(name))
    elif path.is_dir() and list(path.glob(f"*{SCHEMA_SUFFIX}")):
        found = [schema_file(file) for file in sorted(path.glob(f"*{SCHEMA_SUFFIX}"))]
    elif path.is_dir() or path.suffix == ".md":
        from mockserver.pages.edition import compile_pages

        sources = [files.read_source(page) for page in page_paths(name)]
        found = list(compile_pages(sources, "").values())
    elif path.suffix == ".json":
        found = [schema_file(path)]
    elif path.exists():
        raise UnreadableFile(name, "neither a page (.md) nor a schema (.json)")
    else:
        raise UnknownName("edition or file", name, resources.edition_names())
    return {
        f"{schema['x-operation']['id']}.{schema['x-operation']['part']}": schema for schema in found
    }
