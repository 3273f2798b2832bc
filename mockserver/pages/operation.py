"""HTTP operations, gathered from a page's blocks: their parts, tables and documented examples."""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass, field

from mockserver.api.operation import Operation
from mockserver.api.operations import describe
from mockserver.documents.source import Source
from mockserver.errors import PageError, nearest
from mockserver.pages import examples, page, table
from mockserver.pages.curl import CurlRequest
from mockserver.pages.examples import Example, PartName

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


@dataclass(frozen=True, slots=True)
class Part:
    """One table and what stands around it. `line` is the table's, `prose` the text before it."""

    name: PartName
    rows: tuple[table.Row, ...]
    prose: str
    line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PageOperation(Operation):
    """An operation as a page describes it, from the page's line `line` on.

    `no_parameters` is the line that says the operation takes none, if one does.
    """

    line: int
    source: Source
    title: str
    parts: dict[PartName, Part]
    examples: tuple[Example, ...]
    no_parameters: int | None

    def values_in(self, request: CurlRequest) -> dict[str, str] | None:
        """The path's parameters as a request gives them; None for another operation's."""
        pattern = "([^/]+)".join(map(re.escape, re.split(r":\w+", self.path)))
        match = re.fullmatch(pattern, request.path)
        if match is None or request.method != self.method:
            return None
        return dict(zip(self.parameters, match.groups(), strict=True))


def read(page_: page.Page) -> tuple[PageOperation, ...]:
    """Every operation of a page, in order; PageError when a table belongs to none of them."""
    source = page_.source
    drafts: list[_Draft] = []
    for block in page_.blocks:
        operation = _operation_line(source, block)
        if operation is not None:
            method, path = operation
            drafts.append(_Draft(source, page_.title, describe(method, path), block.line))
        elif drafts:
            drafts[-1].add(block)
        elif isinstance(block, page.Fence) and block.word == page.TABLE:
            problem, expected = "a table before any operation", f"{_OPERATION_LINE} above it"
            raise source.error(PageError, block.line, 1, problem, expected=expected)
    if not drafts:
        raise source.error(PageError, 1, None, "no operation", expected=_OPERATION_LINE)
    _refuse_twice(source, drafts)
    return tuple(draft.finish() for draft in drafts)


def _operation_line(source: Source, block: page.Block) -> tuple[str, str] | None:
    if not isinstance(block, page.Paragraph) or block.code is None:
        return None
    match = _OPERATION.fullmatch(block.code)
    if match is not None:
        return match[1], match[2]
    almost = _ALMOST_OPERATION.fullmatch(block.code)
    if almost is None:
        return None
    raise source.error(
        PageError,
        block.line,
        source.line(block.line).find(almost[1]) + 1 or None,
        f"unknown HTTP method {almost[1]!r}",
        expected="GET, POST, PUT, PATCH, DELETE, HEAD or OPTIONS",
        suggestion=nearest(almost[1], _METHODS),
    )


def _refuse_twice(source: Source, drafts: list[_Draft]) -> None:
    seen: dict[str, _Draft] = {}
    for draft in drafts:
        first = seen.setdefault(draft.operation.id, draft)
        if first is not draft:
            own = draft.operation
            problem = clash(own, first.operation)
            problem = problem or f"{own.method} {own.path} is documented twice"
            expected = f"one description; the first is in line {first.line}"
            raise source.error(PageError, draft.line, 1, problem, expected=expected)


def clash(second: Operation, first: Operation) -> str | None:
    """What is wrong with two operations of one id that are not the same; None if they are."""
    if (second.method, second.path) == (first.method, first.path):
        return None
    name = f"the name {second.id} of {first.method} {first.path}"
    return f"{second.method} {second.path} would have {name}"


@dataclass(slots=True)
class _Draft:
    """An operation of which more blocks may come."""

    source: Source
    title: str
    operation: Operation
    line: int
    heading: str | None = None
    prose: str = ""
    parts: dict[PartName, Part] = field(default_factory=dict)
    examples: list[Example] = field(default_factory=list)
    no_parameters: int | None = None

    def add(self, block: page.Block) -> None:
        if isinstance(block, page.Fence):
            part = HEADINGS.get(self.heading.casefold().rstrip(":")) if self.heading else None
            if block.word == page.TABLE:
                self._add_table(block, part)
            else:
                self.examples.extend(examples.read(self.source, block, part))
        elif block.bold is not None:
            self.heading, self.prose = block.bold, ""
        elif block.text.strip() == NO_PARAMETERS:
            self.no_parameters = block.line
        elif not self.prose:
            self.prose = " ".join(block.text.split())

    def _add_table(self, fence: page.Fence, name: PartName | None) -> None:
        if name is None:
            under = f"under **{self.heading}**" if self.heading else "under no heading"
            raise self.source.error(
                PageError,
                fence.line,
                1,
                f"a table {under}",
                expected="one of " + ", ".join(f"**{word.capitalize()}**" for word in HEADINGS),
                suggestion=nearest(self.heading, HEADINGS) if self.heading else None,
            )
        if name in self.parts:
            problem = f"a second table of **{self.heading}**"
            expected = f"one; the first is in line {self.parts[name].line}"
            raise self.source.error(PageError, fence.line, 1, problem, expected=expected)
        rows = table.read(self.source, fence)
        self.parts[name] = Part(name, rows, self.prose, fence.line)

    def finish(self) -> PageOperation:
        return PageOperation(
            **asdict(self.operation),
            line=self.line,
            source=self.source,
            title=self.title,
            parts=self.parts,
            examples=tuple(self.examples),
            no_parameters=self.no_parameters,
        )
