"""The committed schemas are what the committed pages say, and what the spec as given says."""

import json
import os
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from mockserver import resources
from mockserver.contract import lint, violations_in_body
from mockserver.documents import json_text
from mockserver.documents.source import Source
from mockserver.files import read_source
from mockserver.pages import compiler, diff, operation, page
from mockserver.pages.examples import Example

SEED = Path(__file__).parents[4] / "shared" / "seed" / "download-status.md"
EDITIONS = resources.edition_names()


@pytest.fixture
def seed() -> Source:
    """The spec as given. It lies beside the checkout, so not everybody has it."""
    if not SEED.is_file():
        reason = f"the spec as given is not there: {SEED}"
        if os.environ.get("MOCKSERVER_REQUIRE_SEED") == "1":
            pytest.fail(reason)
        pytest.skip(reason)
    return read_source(SEED)


def pages_of(name: str) -> list[Source]:
    return [read_source(path) for path in resources.edition_pages(name)]


def test_both_editions_are_there() -> None:
    assert EDITIONS == ("2025-10", "2026-01")
    assert resources.DEFAULT_EDITION == "2025-10"


@pytest.mark.parametrize("name", EDITIONS)
def test_the_committed_schemas_are_those_of_the_pages(name: str) -> None:
    advice = f"regenerate them with: mockserver schemas build schemas/{name}"
    built = {
        file: compiler.as_text(schema).encode()
        for file, schema in compiler.compile_pages(pages_of(name), name).items()
    }
    folder = resources.edition_folder(name)
    committed = {path.name: path.read_bytes() for path in folder.glob("*.json")}
    assert committed.keys() == built.keys(), advice
    stale = [file for file in built if built[file] != committed[file]]
    assert not stale, f"{', '.join(stale)}: not what the pages of {name} say; {advice}"


@pytest.mark.parametrize("name", EDITIONS)
def test_the_committed_schemas_are_schemas(name: str) -> None:
    for schema in resources.edition_schemas(name):
        Draft202012Validator.check_schema(schema)
        assert set(schema["x-operation"]) == {"id", "method", "path", "part"}
        json.dumps(schema, allow_nan=False)


def test_our_page_demands_what_the_spec_as_given_demands(seed: Source) -> None:
    given = compiler.compile_pages([seed], "2025-10")
    ours = compiler.compile_pages(pages_of("2025-10"), "2025-10")
    assert list(map(str, diff.differences(given, ours))) == []


def test_the_spec_as_given_has_no_findings(seed: Source) -> None:
    assert lint.lint([seed]) == []


def examples(sources: list[Source]) -> list[tuple[str, Example]]:
    return [
        (described.id, example)
        for source in sources
        for described in operation.read(page.read(source))
        for example in described.examples
        if example.part == "response" and example.language == "json"
    ]


@pytest.mark.parametrize("name", EDITIONS)
def test_documented_replies_keep_to_our_schemas(name: str) -> None:
    found = examples(pages_of(name))
    assert found
    for operation_id, example in found:
        assert violations_in_body(example.code, operation_id, name) == []


def test_the_replies_of_the_spec_as_given_keep_to_our_schemas(seed: Source) -> None:
    found = examples([seed])
    assert sorted(operation_id for operation_id, _ in found) == ["job_status", "list_status"]
    for operation_id, example in found:
        assert violations_in_body(example.code, operation_id) == []


@pytest.mark.parametrize("name", EDITIONS)
def test_examples_begin_where_they_say(name: str) -> None:
    for source in pages_of(name):
        for _, example in examples([source]):
            first = example.code.split("\n")[0]
            assert source.line(example.first_line).strip() == first
            assert json_text.loads(example.code)
