"""The description of the control API: valid, complete, and true of the routes."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator
from referencing import Registry, Resource

from mockserver.server.app import create_app
from mockserver.timeline.clock import ManualClock
from support.control import Control, control

Document = dict[str, Any]


def described(api: Control) -> Document:
    document: Document = api.get("/openapi.json")
    return document


def operations(document: Document) -> Iterator[tuple[str, str, Document]]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield method.upper(), path, operation


def schemas_with_examples(node: Any, place: str = "#") -> Iterator[tuple[str, list[Any]]]:
    """Where the schemas lie that have examples, and those."""
    if isinstance(node, dict):
        if isinstance(node.get("examples"), list):
            yield place, node["examples"]
        for key, value in node.items():
            if key not in ("examples", "enum", "const", "default"):
                step = key.replace("~", "~0").replace("/", "~1")
                yield from schemas_with_examples(value, f"{place}/{step}")
    elif isinstance(node, list):
        for index, value in enumerate(node):
            yield from schemas_with_examples(value, f"{place}/{index}")


def validator(document: Document, pointer: str) -> Draft202012Validator:
    resource = Resource.from_contents(
        {"$schema": "https://json-schema.org/draft/2020-12/schema", **document}
    )
    registry: Registry[Any] = Registry().with_resource("urn:api", resource)
    return Draft202012Validator({"$ref": f"urn:api{pointer}"}, registry=registry)


@pytest.fixture(params=["own", "opened"])
def api(request: pytest.FixtureRequest) -> Control:
    own = control()
    return own if request.param == "own" else own.open()


def test_it_is_openapi_3_1(api: Control) -> None:
    document = described(api)
    assert document["openapi"].startswith("3.1.")
    OpenAPIV31SpecValidator(document).validate()


def test_every_route_is_in_it_and_it_has_no_others() -> None:
    app = create_app(clock=ManualClock())
    routed = {
        (method, re.sub(r"<(\w+)>", r"{\1}", rule.rule))
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith("/_mock")
        for method in rule.methods or ()
        if method != "HEAD"
    }
    document = described(Control(app.test_client()))
    assert {(method, path) for method, path, _ in operations(document)} == routed
    assert len(routed) > 20


def test_in_a_session_it_has_what_a_session_has() -> None:
    own = control()
    inside = own.open()
    document, of_own = described(inside), described(own)
    assert document["servers"] == [{"url": f"http://localhost{inside.base}"}]
    assert of_own["servers"] == [{"url": "http://localhost"}]
    assert set(of_own["paths"]) - set(document["paths"]) == {
        "/_mock/sessions",
        "/_mock/sessions/{id}",
    }
    for _, _, operation in operations(document):
        assert "404" in operation["responses"]


def test_the_server_is_called_as_the_client_called_it() -> None:
    reply = control().client.get("/_mock/openapi.json", headers={"Host": "127.0.0.1:4321"})
    assert reply.get_json()["servers"] == [{"url": "http://127.0.0.1:4321"}]


def test_each_operation_has_a_name_of_its_own_and_a_summary(api: Control) -> None:
    found = [operation for _, _, operation in operations(described(api))]
    assert len({operation["operationId"] for operation in found}) == len(found)
    assert all(operation["summary"].endswith(".") for operation in found)


def test_every_schema_is_one_and_every_reference_leads_somewhere(api: Control) -> None:
    document = described(api)
    for name in document["components"]["schemas"]:
        Draft202012Validator.check_schema(document["components"]["schemas"][name])
    targets = set(re.findall(r'"\$ref": "(#[^"]*)"', api.ask("GET", "/openapi.json").text))
    assert targets
    for target in targets:
        node: Any = document
        for step in target.split("/")[1:]:
            node = node[step.replace("~1", "/").replace("~0", "~")]
        assert isinstance(node, dict)


def test_every_example_is_one_of_what_it_is_an_example_of() -> None:
    document = described(control())
    checked = 0
    for pointer, examples in schemas_with_examples(document):
        check = validator(document, pointer)
        for example in examples:
            assert list(check.iter_errors(example)) == [], pointer
            checked += 1
    assert checked > 20


def test_every_example_of_a_body_is_taken() -> None:
    api = control()
    document = described(api)
    taken = 0
    for method, path, operation in operations(document):
        content = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
        name = content.get("schema", {}).get("$ref", "").rpartition("/")[2]
        for example in document["components"]["schemas"].get(name, {}).get("examples", ()):
            # One that waits for an event, and one that completes.
            waits = path == "/_mock/events"
            api.put({"name": "suspended-until-resumed" if waits else "healthy"})
            reply = api.client.open(path, method=method, json=example)
            assert reply.status_code in (200, 201), (path, example, reply.text)
            taken += 1
    assert taken > 4


def test_two_moves_are_refused_by_the_description_too() -> None:
    check = validator(described(control()), "#/components/schemas/ClockChange")
    instant = "2030-01-01T00:00:00Z"
    for pair in ({"advance": 1, "advance_to": instant}, {"advance": 1, "run_until": "paused"}):
        assert not check.is_valid(pair)
    assert not check.is_valid({"advance_to": instant, "run_until": "paused"})
    assert check.is_valid({"advance": 1, "paused": True})
