"""Pages for property tests: random tables, a writer that knows their lines, and mutations."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from hypothesis import strategies as st

from mockserver.pages import types
from mockserver.pages.examples import PartName
from mockserver.pages.operation import HEADINGS
from mockserver.pages.table import Row
from mockserver.pages.types import ArrayType, LiteralType, PrimitiveType, Type, UnionType

ODD_NAMES = (
    *("title", "description", "x-source", "properties", "required", "enum", "if", "items"),
    *("a/b", "~", "~1", "true", "null", "1", "0.4", "on", "$ref", "#", "naïve", "日本", "😀"),
    *("it's", 'say"', "back\\slash", "key:value", "-dash", "?", "`tick`", "*star", "&and", "%"),
)

_printable = st.characters(exclude_categories=("C", "Zl", "Zp"))
prose = st.text(_printable, max_size=40) | st.sampled_from(
    ("A: b", 'it\'s "quoted"', "# no comment", "- no list", "{no: map}", "café 😀", "```", "|", "")
)

keys = st.sampled_from(("status", "kind", "a", "b", "c", "id")) | st.sampled_from(ODD_NAMES)
names = keys | st.text(_printable, min_size=1, max_size=8).filter(
    lambda text: text.strip() != "" and " " not in text.strip()
).map(str.strip)
titles = st.sampled_from(("Plain text", "An image", "Whole thing", "it's one", "A: b"))

literals = st.builds(
    LiteralType,
    st.sampled_from(("x", "y", "downloading", "a b", 'q"', "\\", "é", "😀", "", "]|"))
    | st.text(_printable, max_size=5)
    | st.booleans()
    | st.none(),
)
primitives = st.builds(PrimitiveType, st.sampled_from(types.PRIMITIVES))
any_types: st.SearchStrategy[Type] = st.recursive(
    literals | primitives,
    lambda inner: (
        st.builds(ArrayType, inner)
        | st.lists(inner, min_size=2, max_size=3).map(lambda found: UnionType(tuple(found)))
    ),
    max_leaves=5,
)

_sentences = (
    "Present when `{name}` is `{value}`.",
    'Only present when `{name}` is "{value}".',
    "Included only when `{name}` is `{value}` or `{value}`.",
    "Absent when `{name}` is `{value}`.",
    "Present when `{name}` is present.",
    "Must start with `{value}`.",
    "A time in ISO 8601 format.",
    "Not there unless `{name}` is `{value}`.",
)


def holds_members(type_: Type) -> bool:
    return any(
        holds_members(option.item)
        if isinstance(option, ArrayType)
        else option in (PrimitiveType("object"), PrimitiveType("array"))
        for option in types.options(type_)
    )


@st.composite
def tables(draw: st.DrawFn, depth: int = 3) -> tuple[Row, ...]:
    """Rows, without lines, that compile: each child has a place in its parent."""
    found: list[Row] = []
    picked = draw(st.lists(names, min_size=1, max_size=3, unique=True))
    for name in picked:
        type_ = draw(any_types)
        said = draw(prose)
        if draw(st.booleans()):
            other = draw(st.sampled_from(picked))
            value = draw(st.sampled_from(_values(found) or ["x", "true", "null"]))
            said += ". " + draw(st.sampled_from(_sentences)).format(name=other, value=value)
        found.append(
            Row(
                name=name,
                type=type_,
                description=" ".join(said.split()),
                optional=draw(st.booleans()),
                public=draw(st.booleans()),
                children=draw(_children(type_, depth - 1)) if depth > 1 else (),
            )
        )
    return tuple(found)


def _values(rows: list[Row]) -> list[str]:
    return [
        option.value if isinstance(option.value, str) else json.dumps(option.value)
        for row in rows
        for option in types.options(row.type)
        if isinstance(option, LiteralType) and option.value != ""
    ]


def _children(type_: Type, depth: int) -> st.SearchStrategy[tuple[Row, ...]]:
    choices: list[st.SearchStrategy[tuple[Row, ...]]] = [st.just(())]
    if holds_members(type_):
        choices.append(tables(depth))
    for option in types.options(type_):
        if option == PrimitiveType("array"):
            choices.append(_alternatives(any_types, depth))
        elif isinstance(option, PrimitiveType):
            choices.append(_alternatives(st.just(option), depth))
    return st.one_of(choices)


@st.composite
def _alternatives(
    draw: st.DrawFn, own_types: st.SearchStrategy[Type], depth: int
) -> tuple[Row, ...]:
    found: list[Row] = []
    for name in draw(st.lists(titles, min_size=1, max_size=2)):
        type_ = draw(own_types)
        children = draw(_children(type_, depth - 1)) if depth > 1 else ()
        found.append(Row(name, type_, "", alternative=True, children=children))
    return tuple(found)


@dataclass(frozen=True)
class WrittenTable:
    line: int
    rows: tuple[Row, ...]


@dataclass(frozen=True)
class WrittenOperation:
    method: str
    path: str
    line: int
    tables: dict[PartName, WrittenTable] = field(default_factory=dict)


@dataclass(frozen=True)
class WrittenPage:
    """A page's text, and what a reader must find in it."""

    text: str
    operations: tuple[WrittenOperation, ...]


class _Writer:
    def __init__(self, draw: st.DrawFn) -> None:
        self.draw = draw
        self.lines: list[str] = []

    @property
    def next_line(self) -> int:
        return len(self.lines) + 1

    def page(self, operations: list[tuple[str, dict[PartName, tuple[Row, ...]]]]) -> WrittenPage:
        if self.draw(st.booleans()):
            self.lines += ["---", f"title: {self.scalar(self.draw(prose))}", "index: 6", "---", ""]
        written = [self.operation(path, parts) for path, parts in operations]
        line_end = self.draw(st.sampled_from(("\n", "\r\n")))
        return WrittenPage(line_end.join([*self.lines, ""]), tuple(written))

    def operation(self, path: str, parts: dict[PartName, tuple[Row, ...]]) -> WrittenOperation:
        fence = self.draw(st.sampled_from((None, "````", "`````", "~~~~")))
        opening, closing = ([], [""]) if fence is None else ([f"{fence}lms_hstack"], [fence, ""])
        self.lines += opening
        method = self.draw(st.sampled_from(("GET", "POST", "DELETE")))
        found = WrittenOperation(method, path, self.next_line)
        self.lines += [f"`{method} {path}`", ""]
        for part, rows in parts.items():
            if self.draw(st.booleans()):
                self.lines += [*closing, *opening]
            found.tables[part] = self.table(part, rows)
        self.lines += closing
        return found

    def table(self, part: PartName, rows: tuple[Row, ...]) -> WrittenTable:
        heading = next(words for words, name in HEADINGS.items() if name == part).capitalize()
        styles = ("**{}**", "**{}:**", "### **{}**")
        self.lines.append(self.draw(st.sampled_from(styles)).format(heading))
        self.lines += self.draw(st.sampled_from(([], [""], ["", "Some prose between.", ""])))
        line = self.next_line
        self.lines.append("```lms_params")
        written = tuple(self.row(row, 0) for row in rows)
        self.lines += ["```", ""]
        return WrittenTable(line, written)

    def row(self, row: Row, indent: int) -> Row:
        parts: list[tuple[str, str]] = [
            ("name", self.scalar(row.name)),
            ("type", self.scalar(types.render(row.type))),
            ("description", self.scalar(row.description)),
        ]
        if row.optional or self.draw(st.booleans()):
            parts.append(("optional", json.dumps(row.optional)))
        if not row.public:
            parts.append(("public", "false"))
        if row.alternative and (" " not in row.name or self.draw(st.booleans())):
            parts.append(("unstyledName", "true"))
        if row.children:
            parts.append(("children", ""))
        line, children = 0, row.children
        lead = " " * indent + "- "
        for key, value in self.draw(st.permutations(parts)):
            if key == "name":
                line = self.next_line
            self.lines.append(f"{lead}{key}: {value}".rstrip(" "))
            lead = " " * (indent + 2)
            if key == "children":
                deeper = indent + self.draw(st.sampled_from((2, 4)))
                children = tuple(self.row(child, deeper) for child in children)
        return replace(row, line=line, children=children)

    def scalar(self, text: str) -> str:
        ways: list[Callable[[], str]] = [
            lambda: json.dumps(text),
            lambda: "'" + text.replace("'", "''") + "'",
        ]
        if re.fullmatch(r"[a-z_][a-z_0-9]*(?:\[\])*", text) and text not in types.CONSTANTS:
            ways.append(lambda: text)
        return self.draw(st.sampled_from(ways))()


@st.composite
def pages(draw: st.DrawFn) -> WrittenPage:
    """One or two operations, each with one to three tables."""
    operations: list[tuple[str, dict[PartName, tuple[Row, ...]]]] = []
    for path in draw(st.sampled_from((["/api/v1/x"], ["/api/v1/x/:id", "/api/v1/y"]))):
        parts = draw(st.lists(st.sampled_from(list(HEADINGS.values())), min_size=1, unique=True))
        operations.append((path, {part: draw(tables()) for part in parts}))
    return _Writer(draw).page(operations)
