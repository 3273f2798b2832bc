import pytest

from mockserver.api.operations import describe
from mockserver.documents.source import Source
from mockserver.errors import PageError, UnreadableFile
from mockserver.files import read_source
from mockserver.pages import compiler, operation, page
from mockserver.pages.operation import PageOperation, read
from support.cases import source, table

TABLE = "```lms_params\n- {name: a, type: string, description: d}\n```\n"


def operations(text: str) -> tuple[PageOperation, ...]:
    return read(page.read(Source("p.md", text)))


def test_an_operation_gathers_what_follows_its_line() -> None:
    first, second = operations(source(__file__, "operations.md").text)
    path = "/api/v1/models/download/status/:job_id"
    assert (first.id, first.method, first.path) == ("job_status", "GET", path)
    assert (first.line, first.title) == (7, "Jobs")
    assert [(part.name, part.line, part.prose) for part in first.parts.values()] == [
        ("path", 10, ""),
        ("response", 22, "One job, as it is."),
    ]
    assert [row.line for part in first.parts.values() for row in part.rows] == [11, 23]
    assert (second.id, second.line, second.no_parameters) == ("download", 28, 30)
    assert [(name, part.line) for name, part in second.parts.items()] == [("request", 33)]
    assert first.no_parameters is None


@pytest.mark.parametrize(
    ("method", "path", "name"),
    [
        ("GET", "/api/v1/models/download/status", "list_status"),
        ("GET", "/api/v1/models/download/status/:job_id", "job_status"),
        ("POST", "/api/v1/models/download", "download"),
        ("DELETE", "/api/v1/models/:key-name", "delete_models_key_name"),
        ("GET", "/api/v0/models", "get_api_v0_models"),
        ("GET", "/", "get"),
    ],
)
def test_operations_have_names(method: str, path: str, name: str) -> None:
    assert describe(method, path).id == name


SNIPPET = """\
`GET /x`

```lms_code_snippet
title: {title}
variants:
  curl:
    language: bash
    code: |
      curl http://h/x
  Plain:
    code: '{{}}'
```
"""


@pytest.mark.parametrize(
    ("title", "part"),
    [
        ("Example Request", "request"),
        ("Response", "response"),
        ("example response (200)", "response"),
    ],
)
def test_snippets_are_examples(title: str, part: str) -> None:
    (read,) = operations(SNIPPET.format(title=title))
    assert [tuple(example) for example in read.examples] == [
        (part, title, "bash", "curl http://h/x\n", 3, 9),
        (part, title, "Plain", "{}", 3, 11),
    ]


@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
@table(__file__, "fences")
def test_plain_fences_are_examples_when_they_say_of_what(
    info: str, heading: str, part: str | None, title: str, line_end: str
) -> None:
    text = f"`GET /x`\n\n{heading}\n\n```{info}\n{{}}\n```\n"
    (read,) = operations(text.replace("\n", line_end))
    expected = [] if part is None else [(part, title, info.split()[0], "{}\n", 5, 6)]
    assert [tuple(example) for example in read.examples] == expected


@table(__file__, "refused-pages")
@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_what_is_refused(
    text: str, line: int, column: int | None, problem: str, suggestion: str | None, line_end: str
) -> None:
    with pytest.raises(PageError) as caught:
        operations(text.replace("\n", line_end))
    error = caught.value
    assert (error.line, error.column) == (line, column)
    assert (error.problem, error.suggestion) == (problem, suggestion)
    assert error.expected
    assert error.source_line == text.split("\n")[line - 1]


def test_an_operation_on_two_pages_is_refused() -> None:
    pages = [Source("a.md", "\n`GET /x`\n"), Source("b.md", "`GET /y`\n\n`GET /x`\n")]
    with pytest.raises(PageError, match="GET /x is described on two pages") as caught:
        operation.read_operations(pages)
    assert (caught.value.path, caught.value.line) == ("b.md", 3)
    assert caught.value.expected == "one; the first is a.md:2"


def test_operations_of_two_pages_whose_names_collide_are_refused() -> None:
    pages = [Source("a.md", "`GET /x-y`\n"), Source("b.md", "`GET /x/y`\n")]
    with pytest.raises(PageError, match=r"GET /x/y would have the name get_x_y of GET /x-y"):
        operation.read_operations(pages)


def test_schemas_are_named_by_operation_and_part() -> None:
    text = f"`GET /x/:id`\n\n**Path parameters**\n{TABLE}\n**Response fields**\n{TABLE}"
    assert list(compiler.compile_pages([Source("p.md", text)], "e")) == [
        "get_x_id.path.schema.json",
        "get_x_id.response.schema.json",
    ]


def test_a_page_that_is_no_file_is_unreadable() -> None:
    with pytest.raises(UnreadableFile):
        read_source("/nowhere/at/all.md")
