"""The only place that knows where the bundled schemas and fixtures lie."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from mockserver.errors import UnknownName

DEFAULT_EDITION = "2025-10"


@cache
def folder(name: str) -> Path:
    """A bundled folder (`schemas`, `fixtures`): installed, editable or straight from a checkout."""
    inside = Path(str(files("mockserver"))) / name
    return inside if inside.is_dir() else Path(__file__).parents[1] / name


@cache
def edition_names() -> tuple[str, ...]:
    """The bundled editions, oldest first."""
    return tuple(sorted(entry.name for entry in folder("schemas").iterdir() if entry.is_dir()))


def edition_folder(edition: str) -> Path:
    """Where the edition's pages and generated schemas lie; UnknownName when there is none."""
    if edition not in edition_names():
        raise UnknownName("edition", edition, edition_names())
    return folder("schemas") / edition


def edition_pages(edition: str) -> tuple[Path, ...]:
    """The edition's Markdown pages, in the order of their names."""
    return tuple(sorted(edition_folder(edition).glob("*.md")))


def timeline_files() -> dict[str, Path]:
    """The bundled timelines: name -> file."""
    found = sorted((folder("fixtures") / "timelines").glob("*.yaml"))
    return {path.stem: path for path in found}


def edition_schemas(edition: str) -> Iterator[dict[str, Any]]:
    """The edition's generated schemas, in the order of their files' names."""
    for path in sorted(edition_folder(edition).glob("*.schema.json")):
        yield json.loads(path.read_text(encoding="utf-8"))
