"""Pages as OpenAPI: valid for any page, with the pages' own schemas, and examples that fit."""

import itertools
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from openapi_spec_validator import OpenAPIV31SpecValidator

from mockserver import contract, resources
from mockserver.contract.openapi import document
from mockserver.contract.validator import Validator
from mockserver.documents.source import Source
from mockserver.errors import PageError
from mockserver.files import read_source
from mockserver.pages.compiler import as_text
from support.cases import source
from support.pages import WrittenPage, pages
from support.schemas import row

Document = dict[str, Any]
EDITIONS = resources.edition_names()
EXAMPLES = settings().max_examples // 3
"""The validator of OpenAPI takes its time."""
PAGE = source(__file__, "things.md")


def of_edition(edition: str) -> Document:
    return document(map(read_source, resources.edition_pages(edition)), edition)


def operations(described: Document) -> Iterator[tuple[str, str, Document]]:
    for path, methods in described["paths"].items():
        for method, operation in methods.items():
            yield method, path, operation


def contents(described: Document) -> Iterator[Document]:
    """The bodies of requests and responses: schema and examples."""
    for _, _, operation in operations(described):
        for body in (operation.get("requestBody", {}), *operation["responses"].values()):
            if "content" in body:
                yield body["content"]["application/json"]


def examples_fit(described: Document) -> int:
    """How many examples there are, all of which fit."""
    checked = 0
    for content in contents(described):
        name = content["schema"]["$ref"].rpartition("/")[2]
        check = Validator(described["components"]["schemas"][name])
        for example in content.get("examples", {}).values():
            assert check.violations(example["value"]) == []
            checked += 1
    return checked


@pytest.mark.parametrize("edition", EDITIONS)
class TestEdition:
    def test_it_is_openapi_3_1(self, edition: str) -> None:
        described = of_edition(edition)
        OpenAPIV31SpecValidator(described).validate()
        assert described["openapi"].startswith("3.1.")
        assert described["servers"] == [{"url": "http://127.0.0.1:1234"}]

    def test_it_has_the_documented_operations_and_no_others(self, edition: str) -> None:
        found = {
            (operation["operationId"], method.upper(), re.sub(r"{(\w+)}", r":\1", path))
            for method, path, operation in operations(of_edition(edition))
        }
        known = contract.edition(edition).operations.values()
        assert found == {(operation.id, operation.method, operation.path) for operation in known}

    def test_its_schemas_are_those_of_the_files(self, edition: str) -> None:
        schemas = of_edition(edition)["components"]["schemas"]
        expected = [
            {key: value for key, value in schema.items() if key not in ("$schema", "$id")}
            for operation in contract.edition(edition).operations.values()
            for part, schema in operation.schemas.items()
            if part != "path"
        ]
        assert len(schemas) == len(expected) + 1
        assert all(schema in schemas.values() for schema in expected)
        assert "x-source" in json.dumps(schemas)

    def test_every_body_has_an_example_and_each_fits(self, edition: str) -> None:
        described = of_edition(edition)
        assert all(content["examples"] for content in contents(described))
        assert examples_fit(described) >= len(list(contents(described)))

    def test_the_examples_of_success_are_those_of_the_pages(self, edition: str) -> None:
        pages_ = "".join(path.read_text("utf-8") for path in resources.edition_pages(edition))
        plain = "".join(pages_.split())
        for _, _, operation in operations(of_edition(edition)):
            content = operation["responses"]["200"]["content"]["application/json"]
            for example in content["examples"].values():
                assert "".join(json.dumps(example["value"]).split()) in plain

    def test_every_refusal_says_how_it_is_known(self, edition: str) -> None:
        for _, _, operation in operations(of_edition(edition)):
            refusals = {**operation["responses"]}
            del refusals["200"]
            assert {"401", "404"} <= refusals.keys()
            known = {refusal["x-provenance"] for refusal in refusals.values()}
            assert known <= {"observed", "guessed"}

    def test_a_token_is_optional(self, edition: str) -> None:
        described = of_edition(edition)
        assert {} in described["security"]
        assert described["components"]["securitySchemes"]["token"]["scheme"] == "bearer"

    def test_the_same_pages_in_any_order_give_the_same_bytes(self, edition: str) -> None:
        sources = [read_source(path) for path in resources.edition_pages(edition)]
        texts = {as_text(document(some, edition)) for some in itertools.permutations(sources)}
        assert len(texts) == 1
        assert texts.pop().endswith("}\n")


class TestPage:
    described = document([PAGE], "mine")
    operation = described["paths"]["/api/v1/things/{thing_id}/parts/{part}"]["put"]

    def test_it_is_valid_and_bears_its_name(self) -> None:
        OpenAPIV31SpecValidator(self.described).validate()
        assert self.described["info"]["version"] == "mine"

    def test_parameters_are_those_of_the_path_with_the_values_of_the_example(self) -> None:
        first, second = self.operation["parameters"]
        assert (first["name"], first["description"]) == ("thing_id", "Which thing.")
        assert (first["example"], first["schema"]["type"]) == ("a b", "string")
        told = (second["name"], second["example"], second["schema"])
        assert told == ("part", "7", {"type": "string"})

    def test_examples_that_do_not_fit_are_left_out(self) -> None:
        response = self.operation["responses"]["200"]["content"]["application/json"]
        assert response["examples"] == {
            "response": {"value": {"state": "old", "age": 3}},
            "response.2": {"value": {"state": "new"}},
        }

    def test_where_none_fits_one_is_made(self) -> None:
        body = self.operation["requestBody"]["content"]["application/json"]
        assert set(body["examples"]) == {"made"}
        assert examples_fit(self.described) > 3

    def test_an_operation_without_tables(self) -> None:
        described = document([Source("p.md", "`GET /api/v1/ping`\n")], "mine")
        OpenAPIV31SpecValidator(described).validate()
        assert "content" not in described["paths"]["/api/v1/ping"]["get"]["responses"]["200"]

    def test_a_table_of_too_many_cases_has_no_example(self) -> None:
        rows = "\n".join(
            row(f"a{at}", '"x" | "y"')
            + "\n"
            + row(f"b{at}", "string", f"Present when `a{at}` is `x`.", optional=True)
            for at in range(14)
        )
        text = f"`GET /api/v1/many`\n\n**Response fields**\n\n```lms_params\n{rows}\n```\n"
        described = document([Source("p.md", text)], "mine")
        OpenAPIV31SpecValidator(described).validate()
        responses = described["paths"]["/api/v1/many"]["get"]["responses"]
        assert "examples" not in responses["200"]["content"]["application/json"]

    def test_one_operation_on_two_pages_is_refused(self) -> None:
        with pytest.raises(PageError, match="two pages"):
            document([PAGE, replace(PAGE, path="b.md")], "mine")


@given(pages())
@settings(max_examples=EXAMPLES)
def test_any_page_makes_a_valid_document(page: WrittenPage) -> None:
    described = document([Source("page.md", page.text)], "any")
    OpenAPIV31SpecValidator(json.loads(as_text(described))).validate()
    examples_fit(described)
