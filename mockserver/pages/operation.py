"""HTTP operations, gathered from a page's blocks: their parts, tables and documented examples."""

import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field, replace
from typing import NamedTuple

from mockserver.api.operation import Operation
from mockserver.api.operations import describe
from mockserver.documents.source import Source
from mockserver.errors import nearest
from mockserver.pages import examples, page, table
from mockserver.pages.examples import CurlRequest, Example, PartName
from mockserver.pages.page import refusal

HEADINGS: dict[str, PartName] = {
    "path parameters": "path",
    "request body": "request",
    "response fields": "response",
}
NO_PARAMETERS = "This endpoint has no request parameters."

_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS")
_OPERATION = re.compile(rf"({'|'.join(_METHODS)}) +(/\S*)")
_ALMOST_OPERATION = re.compile(r"([A-Za-z]+) +/\S*")
_OPERATION_LINE = "a line like `GET /api/v1/…`"


class Part(NamedTuple):
    """One table and what stands around it. `line` is the table's, `prose` the text before it."""

    name: PartName
    rows: tuple[table.Row, ...]
    prose: str
    line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PageOperation(Operation):
    """As a page describes it from `line` on; `no_parameters` is the line that says it has none."""

    line: int
    source: Source
    title: str
    parts: dict[PartName, Part] = field(default_factory=dict)
    examples: list[Example] = field(default_factory=list)
    no_parameters: int | None = None

    def values_in(self, request: CurlRequest) -> dict[str, str] | None:
        """The path's parameters as a request gives them; None for another operation's."""
        pattern = "([^/]+)".join(map(re.escape, re.split(r":\w+", self.path)))
        match = re.fullmatch(pattern, request.path)
        if match is None or request.method != self.method:
            return None
        return dict(zip(self.parameters, match.groups(), strict=True))


def read(page_: page.Page) -> tuple[PageOperation, ...]:
    """Every operation of a page, in order; PageError when a table belongs to none of them."""
    source, reader = page_.source, _Reader(page_)
    for block in page_.blocks:
        reader.add(block)
    if not reader.found:
        raise refusal(source, 1, "no operation", _OPERATION_LINE, at=None)
    seen: dict[str, PageOperation] = {}
    for own in reader.found:
        first = seen.setdefault(own.id, own)
        if first is not own:
            problem = _clash(own, first) or f"{own.method} {own.path} is documented twice"
            expected = f"one description; the first is in line {first.line}"
            raise refusal(source, own.line, problem, expected)
    return tuple(reader.found)


def read_operations(sources: Iterable[Source]) -> list[PageOperation]:
    """The operations of several pages; PageError when two pages describe the same one."""
    found: dict[str, PageOperation] = {}
    for source in sources:
        for own in read(page.read(source)):
            first = found.setdefault(own.id, own)
            if first is not own:
                twice = f"{first.method} {first.path} is described on two pages"
                expected = f"one; the first is {first.source.path}:{first.line}"
                raise refusal(source, own.line, _clash(own, first) or twice, expected, at=None)
    return list(found.values())


def _clash(second: Operation, first: Operation) -> str | None:
    """What is wrong with two operations of one id that are not the same; None if they are."""
    if (second.method, second.path) == (first.method, first.path):
        return None
    name = f"the name {second.id} of {first.method} {first.path}"
    return f"{second.method} {second.path} would have {name}"


def _operation_line(source: Source, block: page.Block) -> Operation | None:
    if not isinstance(block, page.Paragraph) or block.code is None:
        return None
    if match := _OPERATION.fullmatch(block.code):
        return describe(match[1], match[2])
    if almost := _ALMOST_OPERATION.fullmatch(block.code):
        method = almost[1]
        problem, meant = f"unknown HTTP method {method!r}", nearest(method, _METHODS)
        expected = f"{', '.join(_METHODS[:-1])} or {_METHODS[-1]}"
        raise refusal(source, block.line, problem, expected, at=method, suggestion=meant)
    return None


class _Reader:
    """The operations so far; more blocks may come for the last."""

    def __init__(self, page_: page.Page) -> None:
        self._page, self._source = page_, page_.source
        self.found: list[PageOperation] = []
        self._heading, self._prose = "", ""

    def add(self, block: page.Block) -> None:
        if operation := _operation_line(self._source, block):
            facts, title = asdict(operation), self._page.title
            own = PageOperation(**facts, line=block.line, source=self._source, title=title)
            self.found.append(own)
            self._heading, self._prose = "", ""
        elif isinstance(block, page.Fence):
            self._add_fence(block, HEADINGS.get(self._heading.casefold().rstrip(":")))
        elif not self.found:
            return
        elif block.bold is not None:
            self._heading, self._prose = block.bold, ""
        elif block.text.strip() == NO_PARAMETERS:
            self.found[-1] = replace(self.found[-1], no_parameters=block.line)
        elif not self._prose:
            self._prose = " ".join(block.text.split())

    def _add_fence(self, fence: page.Fence, name: PartName | None) -> None:
        source, heading, is_table = self._source, self._heading, fence.word == page.TABLE
        if not self.found and is_table:
            expected = f"{_OPERATION_LINE} above it"
            raise refusal(source, fence.line, "a table before any operation", expected)
        if not is_table:
            for operation in self.found[-1:]:
                operation.examples.extend(examples.read(source, fence, name))
            return
        if name is None:
            problem = f"a table under **{heading}**" if heading else "a table under no heading"
            expected = "one of " + ", ".join(f"**{word.capitalize()}**" for word in HEADINGS)
            meant = nearest(heading, HEADINGS) if heading else None
            raise refusal(source, fence.line, problem, expected, suggestion=meant)
        parts = self.found[-1].parts
        if name in parts:
            expected = f"one; the first is in line {parts[name].line}"
            raise refusal(source, fence.line, f"a second table of **{heading}**", expected)
        parts[name] = Part(name, table.read(source, fence), self._prose, fence.line)
