from __future__ import annotations

import pytest
from hypothesis import given

from mockserver import resources
from mockserver.contract.lint import LINT_RULES, lint
from mockserver.documents.source import Source
from mockserver.errors import PageError, YamlError
from mockserver.files import read_source
from support.pages import WrittenPage, pages

GOOD = """\
`GET /x/:id`

**Path parameters**

```lms_params
- {name: id, type: string, description: Must start with `x_`.}
```

```lms_code_snippet
title: Example Request
variants:
  curl:
    language: bash
    code: |
      curl http://h/x/x_1
```

**Response fields**

```lms_params
- {name: status, type: '"a" | "b"', description: d}
- {name: at, type: string, optional: true, description: Present when `status` is `a`.}
```

```json title="Response"
{"status": "a",
 "at": "now"}
```

````lms_info
`POST /x`

**Request body**

```lms_params
- {name: model, type: string, description: d}
```

```bash tab="curl"
curl -XPOST http://h/x -d '{"model": "m"}'
```

```json title="Request"
{"model": "m"}
```

```python tab="Python"
print("not looked at")
```
````

````lms_info
`GET /y`

This endpoint has no request parameters.

**Response fields**

```lms_params
- {name: z, type: string, description: d}
```
````
"""

# The rule; what of the good page becomes what; a part of each finding's line and of its message.
CASES: list[tuple[str, str, str, list[tuple[str, str]]]] = [
    (
        "example",
        '"status": "a"',
        '"status": "c"',
        [('{"status', "'Response': /status: enum: expected one of")],
    ),
    (
        "example",
        '{"status": "a",',
        '{"status" "a",',
        [('{"status', "'Response': the whole document: json:syntax")],
    ),
    (
        "example",
        ' "at": "now"}',
        ' "at": now}',
        [(' "at"', "'Response': the whole document: json:syntax")],
    ),
    ("example", ',\n "at": "now"}', "}", [('{"status', "/at: required")]),
    ("example", "x/x_1", "x/y_1", [("curl", "'Example Request': /id: pattern")]),
    ("example", "x/x_1", "z/x_1", [("curl", "the example asks GET /z/x_1, not GET /x/:id")]),
    (
        "example",
        "curl http://h/x/x_1",
        "curl -d a http://h/x/x_1",
        [("curl", "the example asks POST")],
    ),
    ("example", '-d \'{"model": "m"}\'', "-d '{}'", [("curl -XPOST", "'curl': /model: required")]),
    ("example", '{"model": "m"}\n', '{"model": 1}\n', [('{"model"', "'Request': /model: type")]),
    (
        "unreadable-example",
        "curl http://h/x/x_1",
        "wget http://h/x/x_1",
        [("lms_code_snippet", "no curl command")],
    ),
    (
        "unreadable-example",
        "curl http://h/x/x_1",
        "curl 'http://h/x",
        [("lms_code_snippet", "No closing quotation")],
    ),
    (
        "unenforced-condition",
        "is `a`.",
        "is `c`.",
        [("- {name: at", "'at': 'Present when `status` is `c`' is not")],
    ),
    (
        "unenforced-condition",
        "Must start with `x_`.",
        "Required if asked.",
        [("- {name: id", "not one of the wordings")],
    ),
    (
        "duplicate-row",
        "- {name: model, type: string, description: d}\n",
        "- {name: model, type: string, description: d}\n" * 2,
        [("- {name: model", "'model' stands in line 36 already")],
    ),
    (
        "path-parameters",
        "{name: id,",
        "{name: ids,",
        [("`GET /x", "':id' of /x/:id is in no"), ("- {name: id", "'ids' is no")],
    ),
    (
        "no-table",
        "```lms_params\n- {name: z",
        "```yaml\n- {name: z",
        [("`GET /y", "GET /y has no lms_params table")],
    ),
    (
        "unreadable-example",
        '```json title="Response"',
        '```jsn title="Response"',
        [('```jsn title="Response"', "'Response' is in 'jsn'")],
    ),
    (
        "unenforced-condition",
        "when `status` is `a`.",
        "when `status` is `a`. Absent when `status` is `b`.",
        [("- {name: at", "more than one condition"), ("- {name: at", "more than one condition")],
    ),
    ("path-parameters", "`GET /y`", "`GET /y/:z`", [("`GET /y", "':z' of /y/:z is in no")]),
    (
        "contradicting-parameters",
        "`POST /x`\n",
        "`POST /x`\n\nThis endpoint has no request parameters.\n",
        [("This endpoint", "line 37 lists some")],
    ),
    (
        "unknown-box",
        "````lms_info\n`POST",
        "````lms_carousel\n`POST",
        [("lms_carousel", "'lms_carousel'")],
    ),
]


def test_the_good_page_is_good() -> None:
    assert lint([Source("p.md", GOOD)]) == []
    assert lint([]) == []


@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
@pytest.mark.parametrize(("rule", "old", "new", "expected"), CASES)
def test_finds(
    rule: str, old: str, new: str, expected: list[tuple[str, str]], line_end: str
) -> None:
    assert old in GOOD
    page = GOOD.replace(old, new, 1).replace("\n", line_end)
    found = lint([Source("docs/p.md", page)])
    if rule == "path-parameters" and len(expected) == 2:
        # The documented request does not know the misnamed parameter either.
        found = [one for one in found if one.rule.id != "example"]
    lines = page.splitlines()
    assert [(one.rule.id, one.page) for one in found] == [(rule, "docs/p.md")] * len(expected)
    for one, (text, message) in zip(found, expected, strict=True):
        assert one.line is not None
        assert text in lines[one.line - 1]
        assert message in one.message
        assert "\n" not in one.message


def test_pages_that_contradict_one_another() -> None:
    other = GOOD.replace('"a" | "b"', '"b" | "a" | "c"')
    found = lint([Source("a.md", GOOD), Source("b.md", other)])
    assert {one.rule.id for one in found} == {"contradicting-pages"}
    assert {(one.page, one.line) for one in found} == {("b.md", 1)}
    assert "against a.md:1: ~ get_x_id.response /properties/status/enum" in found[0].message
    assert lint([Source("a.md", GOOD), Source("b.md", GOOD.replace("d}", "otherwise}"))]) == []


def test_every_rule_is_tried() -> None:
    assert {rule for rule, *_ in CASES} | {"contradicting-pages"} == set(LINT_RULES)


def test_findings_come_by_page_and_line() -> None:
    bad = GOOD.replace("x/x_1", "x/1").replace('"status": "a"', '"status": 1')
    bad = bad.replace("lms_info\n`POST", "lms_tabs\n`POST")
    found = lint([Source("b.md", bad), Source("a.md", bad)])
    assert [one.page for one in found] == ["b.md"] * (len(found) // 2) + ["a.md"] * (
        len(found) // 2
    )
    lines = [one.line or 0 for one in found if one.page == "a.md"]
    assert lines == sorted(lines)
    assert len(lines) >= 3


@pytest.mark.parametrize(
    ("page", "kind"),
    [("", PageError), ("---\na: 'b\n---\n`GET /x`\n", YamlError)],
)
def test_a_page_that_cannot_be_read_is_refused(page: str, kind: type[Exception]) -> None:
    with pytest.raises(kind):
        lint([Source("p.md", page)])


@pytest.mark.parametrize("edition", resources.edition_names())
def test_our_pages_are_without_findings(edition: str) -> None:
    assert lint(read_source(path) for path in resources.edition_pages(edition)) == []


@given(pages())
def test_any_page_that_can_be_read_can_be_linted(written: WrittenPage) -> None:
    for finding in lint([Source("p.md", written.text)]):
        assert finding.rule.id in ("unenforced-condition", "path-parameters")
        assert finding.line is not None
        assert 1 <= finding.line <= written.text.count("\n")
