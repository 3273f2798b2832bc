"""`lms_params` tables: YAML lists of rows, read into records that know their lines."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from mockserver.documents import yaml_text
from mockserver.documents.source import Path, Source
from mockserver.errors import PageError, YamlError, nearest
from mockserver.pages import types
from mockserver.pages.page import Fence, refusal

ROW_KEYS = ("name", "type", "description", "optional", "children", "unstyledName", "public")
_REQUIRED_KEYS = ("name", "type", "description")
_FLAGS = ("optional", "unstyledName", "public")

# What stands for one character of a quoted scalar, by the quotation mark.
# A union of literals without the quotes around it all that YAML needs.
_BARE_LITERALS = re.compile(r"\s*(?:- )?type:\s*(\"[^\"]*\"\s*\|.*)")
_QUOTED = {
    "'": re.compile(r"''|[^']"),
    '"': re.compile(r'\\(?:x.{2}|u.{4}|U.{8}|.)|[^"\\]'),
}
_NULL_WORD = re.compile(r"(?:null|Null|NULL)\b")


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a table. `line` is the page's line of its name.

    `alternative`: the name is no key of the payload but a title (`unstyledName: true`, or a name
    with a space): the row is one of the forms its parent may take.
    """

    name: str
    type: types.Type
    description: str
    optional: bool = False
    alternative: bool = False
    public: bool = True
    children: tuple[Row, ...] = ()
    line: int = 0


def read(source: Source, fence: Fence) -> tuple[Row, ...]:
    """The rows of a table; PageError or YamlError with line and column when it is malformed."""
    try:
        document = yaml_text.load(source, text=fence.text, first_line=fence.line + 1)
    except YamlError as error:
        bare = _BARE_LITERALS.match(source.line(error.line))
        if bare is not None:
            error.suggestion = f"type: '{bare[1].strip()}'"
        raise
    if document.data is None:
        raise refusal(source, fence.line, "an empty table", "a list of rows")
    return _Table(source, document).rows(document.data, ())


def refuse_unknown_keys(
    document: yaml_text.YamlDocument, path: Path, data: Iterable[str], known: Sequence[str], of: str
) -> None:
    """PageError for the first of these keys, of a mapping at this path, that is not known."""
    for key in data:
        if key not in known:
            problem, expected = f"unknown {of} key {key!r}", f"one of {', '.join(known)}"
            place, meant = (*path, key), nearest(key, known)
            raise document.error(
                PageError, place, problem, key=True, expected=expected, suggestion=meant
            )


@dataclass(frozen=True, slots=True)
class _Table:
    source: Source
    document: yaml_text.YamlDocument

    def rows(self, data: object, path: Path) -> tuple[Row, ...]:
        if not isinstance(data, list):
            raise self._error(path, data, "rows that are no list", "a list: lines like '- name: …'")
        if not data:
            raise self._error(path, data, "no rows", "at least one row")
        return tuple(self._row(item, (*path, index)) for index, item in enumerate(data))

    def _row(self, data: object, path: Path) -> Row:
        needed = "name, type and description"
        if not isinstance(data, dict):
            raise self._error(path, data, "a row that is no mapping", needed)
        refuse_unknown_keys(self.document, path, data, ROW_KEYS, "row")
        for key in _REQUIRED_KEYS:
            if key not in data:
                raise self._error(path, data, f"a row without {key!r}", needed)
        name = self._text(data, path, "name")
        flags = {key: self._flag(data, path, key) for key in _FLAGS if key in data}
        children = self.rows(data["children"], (*path, "children")) if "children" in data else ()
        return Row(
            name=name,
            type=self._type(data, path),
            description=" ".join(self._text(data, path, "description").split()),
            optional=flags.get("optional", False),
            alternative=flags.get("unstyledName", False) or " " in name,
            public=flags.get("public", True),
            children=children,
            line=self.document.position((*path, "name"))[0],
        )

    def _text(self, data: dict[str, object], path: Path, key: str) -> str:
        value = data[key]
        if isinstance(value, str) and (value.strip() or key == "description"):
            return value.strip()
        found = "nothing" if value is None or isinstance(value, str) else type(value).__name__
        problem = f"{key!r} holds {found}"
        raise self._error((*path, key), value, problem, "text (quote it if need be)")

    def _flag(self, data: dict[str, object], path: Path, key: str) -> bool:
        value = data[key]
        if isinstance(value, bool):
            return value
        shown = "nothing" if value is None else repr(value)
        raise self._error((*path, key), value, f"{key!r} holds {shown}", "true or false")

    def _error(self, path: Path, value: object, problem: str, expected: str) -> PageError:
        # A value that was left out has no place of its own: its key has.
        return self.document.error(PageError, path, problem, key=value is None, expected=expected)

    def _type(self, data: dict[str, object], path: Path) -> types.Type:
        value = data["type"]
        line, column = self.document.position((*path, "type"))
        written = self.source.line(line)[column - 1 :]
        if isinstance(value, bool) or (value is None and _NULL_WORD.match(written)):
            # YAML's own words: `type: null` is meant as the type of that name.
            cell = "null" if value is None else str(value).lower()
        else:
            self._text(data, path, "type")
            cell = str(value)
        try:
            return types.parse(cell)
        except types.TypeCellError as error:
            raise self.source.error(
                PageError,
                line,
                column + _width(written, error.offset),
                error.problem,
                expected=error.expected,
                suggestion=error.suggestion or _literal_in_yaml(written, cell),
            ) from error


def _literal_in_yaml(written: str, cell: str) -> str | None:
    """How a literal is written so that YAML leaves it its quotes, when they were taken."""
    return f"'\"{cell}\"'" if written.startswith('"') and cell.isidentifier() else None


def _width(written: str, offset: int) -> int:
    """How many characters of the page's line come before this one of the scalar it begins with.

    0 for block texts and aliases, whose text lies elsewhere; text on later lines counts as the
    line's end.
    """
    if written.startswith(("|", ">", "*", "&")):
        return 0
    units = _QUOTED.get(written[:1])
    if units is not None:
        return 1 + sum(len(unit) for unit in units.findall(written, 1)[:offset])
    return min(offset, len(written))
