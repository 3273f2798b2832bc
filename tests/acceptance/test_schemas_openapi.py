"""`mockserver schemas openapi`, and the mock tested by what it writes."""

import json
from pathlib import Path

import pytest

from mockserver import MockServer, files, resources
from mockserver.contract.openapi import document
from mockserver.pages.compiler import as_text
from peers.schemathesis_run import run as schemathesis
from support.process import Run

EXAMPLES = 20
PAGE = resources.edition_pages("2026-01")[0]


@pytest.mark.parametrize("edition", resources.edition_names())
def test_schemathesis_finds_nothing_in_the_mock(edition: str, tmp_path: Path) -> None:
    described = document(map(files.read_source, resources.edition_pages(edition)), edition)
    with MockServer(edition=edition, clock="manual") as server:
        schemathesis(described, server.url, tmp_path, examples=EXAMPLES)


def test_an_edition_on_standard_output_and_in_a_file(run: Run, tmp_path: Path) -> None:
    printed = run("schemas", "openapi", "--edition", "2026-01")
    written = run("schemas", "openapi", "--edition", "2026-01", "-o", "out/api.json")
    pages = map(files.read_source, resources.edition_pages("2026-01"))
    assert (printed.code, printed.err) == (0, "")
    assert printed.out == as_text(document(pages, "2026-01"))
    assert (written.code, written.out, written.err) == (0, "", "wrote out/api.json\n")
    assert (tmp_path / "out/api.json").read_text("utf-8") == printed.out


def test_a_page_of_ones_own(run: Run, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "page.md").write_bytes(PAGE.read_bytes())
    for arguments, version in (
        (("mine/page.md",), "mine"),
        (("mine",), "mine"),
        (("mine", "--edition", "0.5"), "0.5"),
    ):
        described = json.loads(run("schemas", "openapi", *arguments).out)
        assert described["info"]["version"] == version
        assert len(described["paths"]) == 1
