"""YAML 1.2 text -> plain data that knows its lines.

ruamel.yaml supplies the events only. Composing them here keeps the place of everything, gives plain
scalars the types of YAML 1.2's core schema, and lets no tag build an object.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, TypeAlias, TypeVar

from ruamel.yaml import YAML, events
from ruamel.yaml.error import MarkedYAMLError

from mockserver.documents.source import Excerpt, Source
from mockserver.errors import SourceError, YamlError

__all__ = ["DEFAULT", "Document", "Limits", "Path", "YamlValue", "load"]

YamlValue: TypeAlias = "bool | int | float | str | list[YamlValue] | dict[str, YamlValue] | None"
Path: TypeAlias = tuple[str | int, ...]
"""Keys and indices from the root to a value; () is the root."""

_Error = TypeVar("_Error", bound=SourceError)

_MAX_INTEGER_DIGITS = 1000
_TAG = "a tag, which nothing here reads"
_NO_TAG = "no tag: how a value is written tells its type"
_NULL = frozenset(("", "~", "null", "Null", "NULL"))
_BOOL = dict.fromkeys(("true", "True", "TRUE"), True) | dict.fromkeys(
    ("false", "False", "FALSE"), False
)
_BASES = {"0o": 8, "0x": 16}
_INTEGER = re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_SPECIAL_FLOAT = re.compile(r"[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)")
_UNPRINTABLE = re.compile("[^\t\n\r -~\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

_NOT_CLOSED = "a quotation is not closed"
_NO_COLON = "a key without a colon"
_SYNTAX: tuple[tuple[str, str, str | None], ...] = (
    # A part of what ruamel.yaml says; the problem; what was expected.
    ("found character '\\t'", "a tab where only spaces indent", "spaces"),
    ("cannot start any token", "a character that cannot begin a value", "quotes around the text"),
    ("could not find expected ':'", _NO_COLON, "':' after the key"),
    ("mapping values are not", "a colon that cannot stand here", "quotes around the text"),
    ("sequence entries are not", "a list item that cannot stand here", "a line of its own"),
    ("mapping keys are not", "a key that cannot stand here", "a line of its own"),
    ("unexpected end of stream", _NOT_CLOSED, "a closing quotation mark"),
    ("unexpected document separator", _NOT_CLOSED, "a closing quotation mark"),
    ("expected ',' or ']'", "a list in brackets that goes wrong", "',' or ']'"),
    ("expected ',' or '}'", "a mapping in braces that goes wrong", "',' or '}'"),
    ("a block mapping", "no key of the mapping before it", "a key at the same indentation"),
    ("a block collection", "no item of the list before it", "'- ' at the same indentation"),
    ("expected the node content", "a value is missing", "a value"),
    ("unknown escape character", "an unknown escape", "single quotes, or \\\\ for a backslash"),
    ("expected escape sequence", "an escape with too few digits", "hexadecimal digits"),
    ("a block scalar", "a block text that goes wrong", "text indented evenly after | or >"),
    ("a tag", _TAG, _NO_TAG),
    ("undefined tag handle", _TAG, _NO_TAG),
    ("a directive", "a directive that goes wrong", "%YAML 1.2 or none"),
    ("YAML d", "a directive that goes wrong", "%YAML 1.2 or none"),
    ("document", "text after the end of the document", "nothing"),
)


@dataclass(frozen=True)
class Limits:
    """What a text may cost; `nodes` are keys and values, with every alias written out."""

    characters: int = 1_048_576
    depth: int = 50
    nodes: int = 100_000


DEFAULT = Limits()


@dataclass(slots=True)
class _Node:
    """A value at an index of the text, with what lies in it: step -> (the key's index, node).

    `text` is a scalar's text, for when it is used as a key. `size` and `height` count nodes and
    levels with all aliases replaced. An alias has no children: all in it lies where the alias does.
    """

    index: int
    value: YamlValue
    text: str | None = None
    children: dict[str | int, tuple[int, _Node]] = field(default_factory=dict)
    size: int = 1
    height: int = 0

    def add(self, step: str | int, key_index: int, child: _Node) -> None:
        self.children[step] = (key_index, child)
        self.size += child.size
        self.height = max(self.height, child.height + 1)


@dataclass(frozen=True, eq=False)
class Document:
    """The data of one YAML text, and the place in the source of every part of it."""

    data: YamlValue
    _excerpt: Excerpt = field(repr=False)
    _root: _Node = field(repr=False)

    def position(self, path: Path, *, key: bool = False) -> tuple[int, int]:
        """Line and column, from 1, of the value at `path`, or of its key in the mapping around it.

        A path that leads to nothing has the position of the last value on the way to it. What lies
        in an alias has the position of the alias.
        """
        node = self._root
        index = node.index
        for step in path:
            if step not in node.children:
                return self._excerpt.place(node.index)
            key_index, node = node.children[step]
            index = key_index if key else node.index
        return self._excerpt.place(index)

    def error(
        self,
        kind: type[_Error],
        path: Path,
        problem: str,
        *,
        key: bool = False,
        expected: str | None = None,
        suggestion: str | None = None,
    ) -> _Error:
        """An error at the position of `path`, for the caller to raise."""
        return self._excerpt.source.error(
            kind, *self.position(path, key=key), problem, expected=expected, suggestion=suggestion
        )


def load(
    source: Source, *, text: str | None = None, first_line: int = 1, limits: Limits = DEFAULT
) -> Document:
    """Read the source, or an excerpt of it whose first line is the source's line `first_line`.

    Keys are text, however they are written; an empty text holds None. Raises YamlError for broken
    YAML and for what we refuse: tags, duplicate keys, keys that are collections, a second document,
    anchors within themselves, and what goes beyond the limits.
    """
    excerpt = Excerpt(source, source.text if text is None else text, first_line)
    if len(excerpt.text) > limits.characters:
        problem = f"{len(excerpt.text):,} characters of YAML"
        raise _fault(excerpt, 0, problem, f"at most {limits.characters:,}")
    unprintable = _UNPRINTABLE.search(excerpt.text)
    if unprintable:
        problem = f"a character that YAML does not allow (U+{ord(unprintable[0]):04X})"
        raise _fault(excerpt, unprintable.start(), problem, "an escape in double quotes")
    root = _Composer(excerpt, limits).document()
    return Document(root.value, excerpt, root)


def _fault(excerpt: Excerpt, index: int, problem: str, expected: str | None = None) -> YamlError:
    place = excerpt.place(index)
    return excerpt.source.error(YamlError, *place, problem, expected=expected)


def _events(excerpt: Excerpt) -> Iterator[Any]:
    """ruamel.yaml's events; all that it raises becomes a YamlError."""
    index = 0
    try:
        for event in YAML(typ="safe", pure=True).parse(excerpt.text):
            index = event.end_mark.index
            yield event
    except MarkedYAMLError as error:
        raise _syntax_error(excerpt, error, index) from None
    except (ValueError, OverflowError):
        # ruamel.yaml hands numbers to chr() and int() unchecked: "\U00110000", "\UFFFFFFFF", and
        # %YAML 1.<thousands of digits>.
        at = excerpt.text.find("\\U", index)
        if at < 0:
            raise _version_error(excerpt) from None
        raise _fault(excerpt, at, "an escape beyond Unicode", "at most \\U0010FFFF") from None
    except AssertionError:
        # ruamel.yaml asserts that the version is 1.1 or 1.2: %YAML 1.3.
        raise _version_error(excerpt) from None


def _version_error(excerpt: Excerpt) -> YamlError:
    at = max(excerpt.text.find("%YAML"), 0)
    return _fault(excerpt, at, "a version of YAML that we do not read", "%YAML 1.2 or none")


def _syntax_error(excerpt: Excerpt, error: MarkedYAMLError, index: int) -> YamlError:
    said = f"{error.context or ''} {error.problem or ''}"
    unknown = ("", "this breaks the rules of YAML", None)
    _, problem, expected = next((row for row in _SYNTAX if row[0] in said), unknown)
    mark = error.problem_mark or error.context_mark
    if problem in (_NOT_CLOSED, _NO_COLON):
        mark = error.context_mark
    return _fault(excerpt, mark.index if mark else index, problem, expected)


class _Composer:
    """Builds the nodes of one document from its events."""

    def __init__(self, excerpt: Excerpt, limits: Limits) -> None:
        self.excerpt = excerpt
        self.limits = limits
        self.events = _events(excerpt)
        self.anchors: dict[str, _Node | None] = {}
        """By name; None while the anchor's own collection is being read."""
        self.nodes = 0

    def document(self) -> _Node:
        next(self.events)  # the start of the stream
        event = next(self.events)
        if isinstance(event, events.StreamEndEvent):
            return _Node(0, None)
        if event.version not in (None, (1, 2)):
            raise _version_error(self.excerpt)
        root = self.node(next(self.events), 0)
        next(self.events)  # the end of the document
        event = next(self.events)
        if isinstance(event, events.DocumentStartEvent):
            problem = "a second document begins"
            raise _fault(self.excerpt, event.start_mark.index, problem, "one document")
        return root

    def node(self, event: Any, depth: int) -> _Node:
        """The node that begins with this event, in a collection at this depth (0: in none)."""
        index = event.start_mark.index
        if isinstance(event, events.AliasEvent):
            return self.alias(event.anchor, index, depth)
        if event.tag is not None:
            raise _fault(self.excerpt, index, _TAG, _NO_TAG)
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
        if self.nodes > self.limits.nodes:
            problem = f"more than {self.limits.nodes:,} keys and values, with aliases written out"
            raise _fault(self.excerpt, index, problem)
        if depth > self.limits.depth:
            problem = f"collections nested more than {self.limits.depth} deep"
            raise _fault(self.excerpt, index, problem)

    def alias(self, name: str, index: int, depth: int) -> _Node:
        shown = name[:40]
        if name not in self.anchors:
            problem = f"unknown alias *{shown}"
            raise _fault(self.excerpt, index, problem, f"an anchor &{shown} before it")
        node = self.anchors[name]
        if node is None:
            raise _fault(self.excerpt, index, f"the anchor &{shown} contains itself")
        self.spend(index, node.size, depth + node.height)
        return _Node(index, _copied(node.value), node.text, size=node.size, height=node.height)

    def sequence(self, index: int, depth: int) -> _Node:
        values: list[YamlValue] = []
        node = _Node(index, values, height=1)
        while not isinstance(event := next(self.events), events.SequenceEndEvent):
            child = self.node(event, depth)
            node.add(len(values), child.index, child)
            values.append(child.value)
        return node

    def mapping(self, index: int, depth: int) -> _Node:
        members: dict[str, YamlValue] = {}
        node = _Node(index, members, height=1)
        while not isinstance(event := next(self.events), events.MappingEndEvent):
            key = self.node(event, depth)
            if key.text is None:
                raise _fault(self.excerpt, key.index, "a key that is a list or a mapping", "text")
            if key.text in members:
                first_line, _ = self.excerpt.place(node.children[key.text][0])
                problem = f"duplicate key '{key.text[:60]}', first at line {first_line}"
                raise _fault(self.excerpt, key.index, problem)
            child = self.node(next(self.events), depth)
            node.add(key.text, key.index, child)
            node.size += 1
            members[key.text] = child.value
        return node

    def scalar(self, event: Any, index: int) -> _Node:
        text: str = event.value
        if not text.isascii():
            try:
                # Escapes may spell a character as two surrogates, as JSON does.
                text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le")
            except UnicodeDecodeError:
                raise _fault(self.excerpt, index, "a lone surrogate in a text") from None
        is_plain = event.implicit[0]
        return _Node(index, self.resolved(text, index) if is_plain else text, text)

    def resolved(self, text: str, index: int) -> YamlValue:
        """A plain scalar's value by the core schema (YAML 1.2.2 §10.3.2)."""
        if text in _NULL:
            return None
        if text in _BOOL:
            return _BOOL[text]
        if _INTEGER.fullmatch(text):
            base = _BASES.get(text[:2], 10)
            digits = text.lstrip("-+") if base == 10 else text[2:]
            if len(digits) > _MAX_INTEGER_DIGITS:
                problem = f"an integer of {len(digits):,} digits"
                raise _fault(
                    self.excerpt, index, problem, f"at most {_MAX_INTEGER_DIGITS:,} digits"
                )
            return int(text, base)
        if _FLOAT.fullmatch(text):
            number = float(text)
            if math.isinf(number):
                problem = "a number beyond a double's range"
                raise _fault(self.excerpt, index, problem, ".inf, if infinity is meant")
            return number
        return float(text.replace(".", "")) if _SPECIAL_FLOAT.fullmatch(text) else text


def _copied(value: YamlValue) -> YamlValue:
    """The same data in other lists and dicts, so that changing one alias's leaves the others."""
    if isinstance(value, list):
        return [_copied(item) for item in value]
    if isinstance(value, dict):
        return {key: _copied(item) for key, item in value.items()}
    return value
