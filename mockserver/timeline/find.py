"""Timelines by their names: in the user's own folder, or among the bundled ones."""

from pathlib import Path

from mockserver import files, resources
from mockserver.documents.source import Source
from mockserver.errors import UnknownName


def find(name: str | Path, folder: str | Path | None = None) -> Source:
    """The timeline of this name, or the file at this path.

    Text with a slash, or ending in .yaml, .yml or .json, is a path. A name is one in the user's own
    folder (`folder`, or where `resources` looks for it), else a bundled one. Raises UnknownName for
    a name that is in neither, UnreadableFile for a file or folder that cannot be read.
    """
    if isinstance(name, Path) or resources.names_a_path(name):
        return files.read_source(name)
    own = resources.own_timeline_files(folder)
    if name in own:
        return files.read_source(own[name])
    bundled = resources.timeline_files()
    if name not in bundled:
        where = resources.own_timelines_folder(folder)
        searched = "" if where is None else f"{where} or among the bundled ones"
        raise UnknownName("timeline", name, tuple(sorted({**bundled, **own})), searched)
    return Source(bundled[name].name, files.read_source(bundled[name]).text)


def find_named(name: str, folder: str | Path | None = None) -> Source:
    """The same for names alone: what could be a path is an unknown name."""
    if resources.names_a_path(name):
        known = {**resources.timeline_files(), **resources.own_timeline_files(folder)}
        raise UnknownName("timeline", name, tuple(sorted(known)))
    return find(name, folder)
