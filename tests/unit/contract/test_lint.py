import pytest
from hypothesis import given

from mockserver import resources
from mockserver.contract.lint import LINT_RULES, lint
from mockserver.documents.source import Source
from mockserver.errors import PageError, YamlError
from mockserver.files import read_source
from support.cases import data, source, table
from support.pages import WrittenPage, pages

GOOD = source(__file__, "good.md").text


def test_the_good_page_is_good() -> None:
    assert lint([Source("p.md", GOOD)]) == []
    assert lint([]) == []


@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
@table(__file__, "findings")
def test_finds(
    rule: str, old: str, new: str, expected: list[tuple[str, str]], line_end: str
) -> None:
    assert old in GOOD
    page = GOOD.replace(old, new, 1).replace("\n", line_end)
    found = lint([Source("docs/p.md", page)])
    if rule == "path-parameters" and len(expected) == 2:
        # The documented request does not know the misnamed parameter either.
        found = [finding for finding in found if finding.rule.id != "example"]
    lines = page.splitlines()
    assert {(finding.rule.id, finding.page) for finding in found} == {(rule, "docs/p.md")}
    for finding, (text, message) in zip(found, expected, strict=True):
        assert finding.line is not None
        assert text in lines[finding.line - 1]
        assert message in finding.message
        assert "\n" not in finding.message


def test_pages_that_contradict_one_another() -> None:
    other = GOOD.replace('"a" | "b"', '"b" | "a" | "c"')
    found = lint([Source("a.md", GOOD), Source("b.md", other)])
    assert {(finding.rule.id, finding.page, finding.line) for finding in found} == {
        ("contradicting-pages", "b.md", 1)
    }
    assert "against a.md:1: ~ get_x_id.response /properties/status/enum" in found[0].message
    assert lint([Source("a.md", GOOD), Source("b.md", GOOD.replace("d}", "otherwise}"))]) == []


def test_every_rule_is_tried() -> None:
    _, *tried = data(__file__, "findings")
    assert {rule for rule, *_ in tried} | {"contradicting-pages"} == set(LINT_RULES)


def test_findings_come_by_page_and_line() -> None:
    bad = GOOD.replace("x/x_1", "x/1").replace('"status": "a"', '"status": 1')
    bad = bad.replace("lms_info\n`POST", "lms_tabs\n`POST")
    found = lint([Source("b.md", bad), Source("a.md", bad)])
    lines = [finding.line or 0 for finding in found if finding.page == "a.md"]
    assert [finding.page for finding in found] == ["b.md"] * len(lines) + ["a.md"] * len(lines)
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
