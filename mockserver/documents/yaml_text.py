"""YAML 1.2 text -> plain data that knows its lines.

ruamel.yaml supplies the events only. Composing them ourselves keeps the place of everything, gives
plain scalars the types of YAML 1.2's core schema, and lets no tag build an object.
"""

from __future__ import annotations

import copy
import math
import re
from dataclasses import dataclass, field, replace
from typing import Any

from ruamel.yaml import events

from mockserver.documents import yaml_events
from mockserver.documents.source import Excerpt, JsonValue, Path, PlacedData, Source
from mockserver.documents.yaml_events import NO_TAG, TAG, fault, version_error

_MAX_INTEGER_DIGITS = 1000
_WORDS = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_BASES = {"0o": 8, "0x": 16}
_INTEGER = re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_SPECIAL_FLOAT = re.compile(r"[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)")


@dataclass(slots=True)
class YamlNode:
    """A value at an index of the text, with what lies in it: step -> (the key's index, node).

    `text` is a scalar's text, for when it is used as a key. `size` and `height` count nodes and
    levels with all aliases replaced. An alias has no children: all in it lies where the alias does.
    """

    index: int
    value: JsonValue
    text: str | None = None
    children: dict[str | int, tuple[int, YamlNode]] = field(default_factory=dict)
    size: int = 1
    height: int = 0

    def add(self, step: str | int, key_index: int, child: YamlNode) -> None:
        self.children[step] = (key_index, child)
        self.size += child.size
        self.height = max(self.height, child.height + 1)


class _Composer:
    """Builds the nodes of one document from its events."""

    def __init__(self, excerpt: Excerpt) -> None:
        self.excerpt = excerpt
        self.events = yaml_events.events(excerpt)
        self.anchors: dict[str, YamlNode | None] = {}
        """By name; None while the anchor's own collection is being read."""
        self.nodes = 0

    def document(self) -> YamlNode:
        next(self.events)  # the start of the stream
        if isinstance(event := next(self.events), events.StreamEndEvent):
            return YamlNode(0, None)
        if event.version not in (None, (1, 2)):
            raise version_error(self.excerpt)
        root = self.node(next(self.events), 0)
        next(self.events)  # the end of the document
        if isinstance(event := next(self.events), events.DocumentStartEvent):
            problem = "a second document begins"
            raise fault(self.excerpt, event.start_mark.index, problem, "one document")
        return root

    def node(self, event: Any, depth: int) -> YamlNode:
        """The node that begins with this event, in a collection at this depth (0: in none)."""
        index = event.start_mark.index
        if isinstance(event, events.AliasEvent):
            return self.alias(event.anchor, index, depth)
        if event.tag is not None:
            raise fault(self.excerpt, index, TAG, NO_TAG)
        if event.anchor is not None:
            self.anchors[event.anchor] = None
        if isinstance(event, events.ScalarEvent):
            self.spend(index, 1, depth)
            node = self.scalar(event, index)
        else:
            self.spend(index, 1, depth + 1)
            read = self.sequence if isinstance(event, events.SequenceStartEvent) else self.mapping
            node = read(index, depth + 1)
        if event.anchor is not None:
            self.anchors[event.anchor] = node
        return node

    def spend(self, index: int, nodes: int, depth: int) -> None:
        self.nodes += nodes
        most, deepest = yaml_events.MAX_NODES, yaml_events.MAX_DEPTH
        if self.nodes > most:
            problem = f"more than {most:,} keys and values, with aliases written out"
            raise fault(self.excerpt, index, problem)
        if depth > deepest:
            problem = f"collections nested more than {deepest} deep"
            raise fault(self.excerpt, index, problem)

    def alias(self, name: str, index: int, depth: int) -> YamlNode:
        shown = name[:40]
        if name not in self.anchors:
            expected = f"an anchor &{shown} before it"
            raise fault(self.excerpt, index, f"unknown alias *{shown}", expected)
        node = self.anchors[name]
        if node is None:
            raise fault(self.excerpt, index, f"the anchor &{shown} contains itself")
        self.spend(index, node.size, depth + node.height)
        # Changing the data of one alias leaves that of the others.
        return replace(node, index=index, value=copy.deepcopy(node.value), children={})

    def sequence(self, index: int, depth: int) -> YamlNode:
        values: list[JsonValue] = []
        node = YamlNode(index, values, height=1)
        while not isinstance(event := next(self.events), events.SequenceEndEvent):
            child = self.node(event, depth)
            node.add(len(values), child.index, child)
            values.append(child.value)
        return node

    def mapping(self, index: int, depth: int) -> YamlNode:
        members: dict[str, JsonValue] = {}
        node = YamlNode(index, members, height=1)
        while not isinstance(event := next(self.events), events.MappingEndEvent):
            key = self.node(event, depth)
            if key.text is None:
                raise fault(self.excerpt, key.index, "a key that is a list or a mapping", "text")
            if key.text in members:
                first_line, _ = self.excerpt.place(node.children[key.text][0])
                problem = f"duplicate key '{key.text[:60]}', first at line {first_line}"
                raise fault(self.excerpt, key.index, problem)
            child = self.node(next(self.events), depth)
            node.add(key.text, key.index, child)
            node.size += 1
            members[key.text] = child.value
        return node

    def scalar(self, event: Any, index: int) -> YamlNode:
        text: str = event.value
        if not text.isascii():
            try:
                # Escapes may spell a character as two surrogates, as JSON does.
                text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le")
            except UnicodeDecodeError:
                raise fault(self.excerpt, index, "a lone surrogate in a text") from None
        is_plain = event.implicit[0]
        return YamlNode(index, self.resolved(text, index) if is_plain else text, text)

    def resolved(self, text: str, index: int) -> JsonValue:
        """A plain scalar's value by the core schema (YAML 1.2.2 §10.3.2)."""
        if text in _WORDS:
            return _WORDS[text]
        if _INTEGER.fullmatch(text):
            base = _BASES.get(text[:2], 10)
            digits = text.lstrip("-+") if base == 10 else text[2:]
            if len(digits) > _MAX_INTEGER_DIGITS:
                problem = f"an integer of {len(digits):,} digits"
                raise fault(self.excerpt, index, problem, f"at most {_MAX_INTEGER_DIGITS:,} digits")
            return int(text, base)
        if _FLOAT.fullmatch(text):
            number = float(text)
            if math.isinf(number):
                meant = ".inf, if infinity is meant"
                raise fault(self.excerpt, index, "a number beyond a double's range", meant)
            return number
        return float(text.replace(".", "")) if _SPECIAL_FLOAT.fullmatch(text) else text


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
        node, index = self._root, self._root.index
        for step in path:
            if step not in node.children:
                return self._excerpt.place(node.index)
            key_index, node = node.children[step]
            index = key_index if key else node.index
        return self._excerpt.place(index)


def load(source: Source, *, text: str | None = None, first_line: int = 1) -> YamlDocument:
    """Read the source, or an excerpt of it whose first line is the source's line `first_line`.

    Keys are text, however they are written; an empty text holds None. Raises YamlError for broken
    YAML and for what we refuse: tags, duplicate keys, keys that are collections, a second document,
    anchors within themselves, and what goes beyond the limits.
    """
    excerpt = Excerpt(source, source.text if text is None else text, first_line)
    root = _Composer(excerpt).document()
    return YamlDocument(root.value, excerpt, root)
