from __future__ import annotations

import pytest

from mockserver.api.operations import describe
from mockserver.documents.source import Source
from mockserver.errors import PageError, UnreadableFile
from mockserver.files import read_source
from mockserver.pages import edition, page
from mockserver.pages.examples import Example
from mockserver.pages.operation import PageOperation, read

TABLE = "```lms_params\n- {name: a, type: string, description: d}\n```\n"


def operations(text: str) -> tuple[PageOperation, ...]:
    return read(page.read(Source("p.md", text)))


def test_an_operation_gathers_what_follows_its_line() -> None:
    text = f"""\
---
title: Jobs
---
Words before.

````lms_hstack
`GET /api/v1/models/download/status/:job_id`

**Path parameters**
{TABLE}````

**Response fields**

One   job,
as it is.

More words.

{TABLE}
---

`POST /api/v1/models/download`

This endpoint has no request parameters.

**Request body:**
{TABLE}
"""
    first, second = operations(text)
    assert (first.id, first.method, first.path, first.line, first.title) == (
        "job_status",
        "GET",
        "/api/v1/models/download/status/:job_id",
        7,
        "Jobs",
    )
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
    (one,) = operations(SNIPPET.format(title=title))
    assert [
        (found.part, found.title, found.language, found.code, found.line, found.first_line)
        for found in one.examples
    ] == [
        (part, title, "bash", "curl http://h/x\n", 3, 9),
        (part, title, "Plain", "{}", 3, 11),
    ]


@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
@pytest.mark.parametrize(
    ("info", "heading", "part", "title"),
    [
        ('json title="Response"', "", "response", "Response"),
        ('bash tab="curl"', "", "request", "curl"),
        ("python tab='Python'", "**Response fields**", "request", "Python"),
        ("json", "**Response fields**", "response", ""),
        ("json", "**Request body**", "request", ""),
        ("json", "**Path parameters**", None, ""),
        ("json", "**Errors**", None, ""),
        ("json", "", None, ""),
        ("text", "**Response fields**", None, ""),
    ],
)
def test_plain_fences_are_examples_when_they_say_of_what(
    info: str, heading: str, part: str | None, title: str, line_end: str
) -> None:
    text = f"`GET /x`\n\n{heading}\n\n```{info}\n{{}}\n```\n"
    (one,) = operations(text.replace("\n", line_end))
    if part is None:
        assert one.examples == ()
    else:
        assert part in ("request", "response")
        expected = Example(
            "request" if part == "request" else "response", title, info.split()[0], "{}\n", 5, 6
        )
        assert one.examples == (expected,)


@pytest.mark.parametrize(
    ("text", "line", "column", "problem", "suggestion"),
    [
        ("", 1, None, "no operation", None),
        ("# Title\n\nwords `GET /x` around\n", 1, None, "no operation", None),
        (f"# Title\n\n{TABLE}", 3, 1, "a table before any operation", None),
        (f"`GET /x`\n\n{TABLE}", 3, 1, "a table under no heading", None),
        (
            f"`GET /x`\n\n**Respone fields**\n\n{TABLE}",
            *(5, 1, "a table under **Respone fields**", "response fields"),
        ),
        (f"`GET /x`\n\n**Zzz**\n\n{TABLE}", 5, 1, "a table under **Zzz**", None),
        (
            f"`GET /x`\n\n**Request body**\n\n{TABLE}\n**request Body**\n\n{TABLE}",
            *(11, 1, "a second table of **request Body**", None),
        ),
        ("`GET /x`\n\n\n`GET  /x`\n", 4, 1, "GET /x is documented twice", None),
        (
            "`GET /a/b`\n\n`GET /a-b`\n",
            *(3, 1, "GET /a-b would have the name get_a_b of GET /a/b", None),
        ),
        ("> `GTE /x`\n", 1, 4, "unknown HTTP method 'GTE'", "GET"),
        ("`get /x`\n", 1, 2, "unknown HTTP method 'get'", "GET"),
        ("`cd /tmp`\n", 1, 2, "unknown HTTP method 'cd'", None),
        ("text\n\n`\nPOTS /x\n`\n", 3, None, "unknown HTTP method 'POTS'", "POST"),
        ("`GET /x`\n```lms_code_snippet\n- a\n```\n", 2, 1, "a snippet that is no mapping", None),
        ("`GET /x`\n```lms_code_snippet\n```\n", 2, 1, "a snippet that is no mapping", None),
        (
            "`GET /x`\n```lms_code_snippet\ntitle: a\n```\n",
            2,
            1,
            "a snippet without variants",
            None,
        ),
        (
            "`GET /x`\n```lms_code_snippet\ntitle: 1\nvariants: {}\n```\n",
            *(3, 8, "a title that is no text", None),
        ),
        (
            "`GET /x`\n```lms_code_snippet\nvariants: {}\ntilte: a\n```\n",
            *(4, 1, "unknown snippet key 'tilte'", "title"),
        ),
        (
            "`GET /x`\n```lms_code_snippet\nvariants:\n  a: {code: x, lang: b}\n```\n",
            *(4, 16, "unknown snippet key 'lang'", "language"),
        ),
        (
            "`GET /x`\n```lms_code_snippet\nvariants:\n  a: {language: b}\n```\n",
            *(4, 6, "variant 'a' without code", None),
        ),
        (
            "`GET /x`\n```lms_code_snippet\nvariants:\n  a: {code: 1}\n```\n",
            *(4, 6, "variant 'a' without code", None),
        ),
    ],
)
@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_what_is_refused(
    text: str, line: int, column: int | None, problem: str, suggestion: str | None, line_end: str
) -> None:
    with pytest.raises(PageError) as caught:
        operations(text.replace("\n", line_end))
    error = caught.value
    assert (error.line, error.column) == (line, column)
    assert error.problem == problem
    assert error.suggestion == suggestion
    assert error.expected
    assert error.source_line == text.split("\n")[line - 1]


def test_an_operation_on_two_pages_is_refused() -> None:
    pages = [Source("a.md", "\n`GET /x`\n"), Source("b.md", "`GET /y`\n\n`GET /x`\n")]
    with pytest.raises(PageError, match="GET /x is described on two pages") as caught:
        edition.read_operations(pages)
    assert (caught.value.path, caught.value.line) == ("b.md", 3)
    assert caught.value.expected == "one; the first is a.md:2"


def test_operations_of_two_pages_whose_names_collide_are_refused() -> None:
    pages = [Source("a.md", "`GET /x-y`\n"), Source("b.md", "`GET /x/y`\n")]
    with pytest.raises(PageError, match=r"GET /x/y would have the name get_x_y of GET /x-y"):
        edition.read_operations(pages)


def test_schemas_are_named_by_operation_and_part() -> None:
    text = f"`GET /x/:id`\n\n**Path parameters**\n{TABLE}\n**Response fields**\n{TABLE}"
    assert list(edition.compile_pages([Source("p.md", text)], "e")) == [
        "get_x_id.path.schema.json",
        "get_x_id.response.schema.json",
    ]


def test_a_page_that_is_no_file_is_unreadable() -> None:
    with pytest.raises(UnreadableFile):
        read_source("/nowhere/at/all.md")
