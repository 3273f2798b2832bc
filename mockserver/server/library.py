"""The timelines that have been asked for by name or path, each read once."""

from __future__ import annotations

from functools import cache, lru_cache
from pathlib import Path

from mockserver import files, resources
from mockserver.documents.source import Source
from mockserver.server.settings import DEFAULT_TIMELINE
from mockserver.timeline.find import find
from mockserver.timeline.model import Timeline
from mockserver.timeline.reader import load

__all__ = ["timeline_named"]

_read = lru_cache(maxsize=128)(load)
_bundled = cache(resources.timeline_files)


def timeline_named(name: str | Path | None, folder: str | Path | None = None) -> Timeline:
    """The timeline of this name or file, `healthy` unless given; the same text is read once.

    Raises what `find` and `load` raise.
    """
    name = DEFAULT_TIMELINE if name is None else name
    is_bundled = isinstance(name, str) and name in _bundled()
    if is_bundled and name not in resources.own_timeline_files(folder):
        return _of_ours(str(name))
    return _read(find(name, folder))


@cache
def _of_ours(name: str) -> Timeline:
    path = _bundled()[name]
    return load(Source(path.name, files.read_source(path).text))
