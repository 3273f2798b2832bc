"""`lms_params` tables: YAML lists of rows, read into records that know their lines."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from mockserver import yamltext
from mockserver.errors import PageError, nearest
from mockserver.source import Source
from mockserver.spec import types
from mockserver.spec.page import Fence

ROW_KEYS = ("name", "type", "description", "optional", "children", "unstyledName", "public")
_REQUIRED_KEYS = ("name", "type", "description")
_FLAGS = ("optional", "unstyledName", "public")

_Path: TypeAlias = tuple[str | int, ...]


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
    document = yamltext.load(source, text=fence.text, first_line=fence.line + 1)
    if document.data is None:
        raise source.error(PageError, fence.line, 1, "an empty table", expected="a list of rows")
    return _Table(source, document).rows(document.data, ())


@dataclass(frozen=True, slots=True)
class _Table:
    source: Source
    document: yamltext.Document

    def rows(self, data: object, path: _Path) -> tuple[Row, ...]:
        if not isinstance(data, list):
            raise self.document.error(
                PageError, path, "rows that are no list", expected="a list: lines like '- name: …'"
            )
        if not data:
            raise self.document.error(PageError, path, "no rows", expected="at least one row")
        return tuple(self._row(item, (*path, index)) for index, item in enumerate(data))

    def _row(self, data: object, path: _Path) -> Row:
        if not isinstance(data, dict):
            raise self.document.error(
                PageError, path, "a row that is no mapping", expected="name, type and description"
            )
        for key in data:
            if key not in ROW_KEYS:
                raise self.document.error(
                    PageError,
                    (*path, key),
                    f"unknown row key {key!r}",
                    key=True,
                    expected=f"one of {', '.join(ROW_KEYS)}",
                    suggestion=nearest(key, ROW_KEYS),
                )
        for key in _REQUIRED_KEYS:
            if key not in data:
                raise self.document.error(
                    PageError, path, f"a row without {key!r}", expected="name, type and description"
                )
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

    def _text(self, data: dict[str, object], path: _Path, key: str) -> str:
        value = data[key]
        if isinstance(value, str) and (value.strip() or key == "description"):
            return value.strip()
        found = "nothing" if value is None or value == "" else type(value).__name__
        raise self.document.error(
            PageError, (*path, key), f"{key!r} holds {found}", expected="text (quote it if need be)"
        )

    def _flag(self, data: dict[str, object], path: _Path, key: str) -> bool:
        value = data[key]
        if isinstance(value, bool):
            return value
        raise self.document.error(
            PageError, (*path, key), f"{key!r} holds {value!r}", expected="true or false"
        )

    def _type(self, data: dict[str, object], path: _Path) -> types.Type:
        value = data["type"]
        line, column = self.document.position((*path, "type"))
        source_line = self.source.line(line)
        if isinstance(value, bool) or (value is None and source_line[column - 1 :].strip()):
            # YAML's own words: `type: null` is meant as the type of that name.
            cell = "null" if value is None else str(value).lower()
        else:
            cell = self._text(data, path, "type")
        try:
            return types.parse(cell)
        except types.TypeCellError as error:
            quote = source_line[column - 1 : column] in ("'", '"')
            raise self.source.error(
                PageError,
                line,
                column + quote + error.offset,
                error.problem,
                expected=error.expected,
                suggestion=error.suggestion,
            ) from error
