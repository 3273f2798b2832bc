"""The only place that knows where schemas and fixtures lie: the bundled ones, and the user's."""

import json
import os
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from mockserver.errors import UnknownName, UnreadableFile

DEFAULT_EDITION = "2025-10"
TIMELINES_VARIABLE = "MOCKSERVER_TIMELINES"
TIMELINES_FOLDER = "timelines"
TIMELINE_SUFFIXES = (".yaml", ".yml", ".json")


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
    return {path.stem: path for path in sorted((folder("fixtures") / "timelines").glob("*.yaml"))}


def own_timelines_folder(given: str | Path | None = None) -> Path | None:
    """The user's own timelines: as given, as MOCKSERVER_TIMELINES says, or `timelines` if there."""
    named = given or os.environ.get(TIMELINES_VARIABLE)
    if named:
        return Path(named)
    return Path(TIMELINES_FOLDER) if Path(TIMELINES_FOLDER).is_dir() else None


def own_timeline_files(given: str | Path | None = None) -> dict[str, Path]:
    """The user's own timelines: name -> file; of one name, .yaml comes before .yml and .json.

    UnreadableFile when a folder is named that cannot be read.
    """
    where = own_timelines_folder(given)
    if where is None:
        return {}
    try:
        found = [path for path in where.iterdir() if not path.name.startswith(".")]
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise UnreadableFile(str(where), f"a folder of timelines: {reason.lower()}") from error
    files_: dict[str, Path] = {}
    for suffix in TIMELINE_SUFFIXES:
        for path in sorted(found):
            if path.suffix.lower() == suffix:
                files_.setdefault(path.stem, path)
    return dict(sorted(files_.items()))


def names_a_path(text: str) -> bool:
    """Whether text that names a timeline is a file's path: with a slash, or by its ending."""
    return "/" in text or "\\" in text or text.lower().endswith(TIMELINE_SUFFIXES)


def edition_schemas(edition: str) -> Iterator[dict[str, Any]]:
    """The edition's generated schemas, in the order of their files' names."""
    for path in sorted(edition_folder(edition).glob("*.schema.json")):
        yield json.loads(path.read_text(encoding="utf-8"))
