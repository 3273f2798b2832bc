"""YAML 1.2 text -> plain data that knows its lines.

ruamel.yaml supplies the events only. Composing them ourselves keeps the place of everything, gives
plain scalars the types of YAML 1.2's core schema, and lets no tag build an object.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from mockserver.documents.source import Excerpt, Path, PlacedData, Source
from mockserver.documents.yaml_composer import Composer, YamlLimits, YamlNode
from mockserver.documents.yaml_events import fault

DEFAULT = YamlLimits()

_UNPRINTABLE = re.compile("[^\t\n\r -~\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True, eq=False)
class YamlDocument(PlacedData):
    """The data of one YAML text, and the place in the source of every part of it."""

    _excerpt: Excerpt = field(repr=False)
    _root: YamlNode = field(repr=False)

    @property
    def source(self) -> Source:
        return self._excerpt.source

    def position(self, path: Path, *, key: bool = False) -> tuple[int, int]:
        # What lies in an alias has the position of the alias.
        node = self._root
        index = node.index
        for step in path:
            if step not in node.children:
                return self._excerpt.place(node.index)
            key_index, node = node.children[step]
            index = key_index if key else node.index
        return self._excerpt.place(index)


def load(
    source: Source, *, text: str | None = None, first_line: int = 1, limits: YamlLimits = DEFAULT
) -> YamlDocument:
    """Read the source, or an excerpt of it whose first line is the source's line `first_line`.

    Keys are text, however they are written; an empty text holds None. Raises YamlError for broken
    YAML and for what we refuse: tags, duplicate keys, keys that are collections, a second document,
    anchors within themselves, and what goes beyond the limits.
    """
    excerpt = Excerpt(source, source.text if text is None else text, first_line)
    if len(excerpt.text) > limits.characters:
        problem = f"{len(excerpt.text):,} characters of YAML"
        raise fault(excerpt, 0, problem, f"at most {limits.characters:,}")
    unprintable = _UNPRINTABLE.search(excerpt.text)
    if unprintable:
        problem = f"a character that YAML does not allow (U+{ord(unprintable[0]):04X})"
        raise fault(excerpt, unprintable.start(), problem, "an escape in double quotes")
    root = Composer(excerpt, limits).document()
    return YamlDocument(root.value, excerpt, root)
