"""The documented operations of pages as an OpenAPI 3.1 document, with the pages' own schemas."""

import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import Any

from mockserver.contract.normalizer import normalize
from mockserver.contract.openapi_parts import (
    ERROR,
    OPENAPI,
    bearer,
    json_content,
    parameter,
    refusals,
    response,
)
from mockserver.contract.samples import samples
from mockserver.contract.validator import Validator
from mockserver.documents import json_text
from mockserver.documents.source import Source
from mockserver.errors import JsonTextError, UnfitSchema
from mockserver.pages import compiler, examples
from mockserver.pages.examples import CurlRequest, PartName
from mockserver.pages.operation import PageOperation, read_operations
from mockserver.pages.schema_node import DIALECT, Schema

_SERVER = "http://127.0.0.1:1234"
_TOKEN = "token"
_PARAMETER = re.compile(r":(\w+)")


def document(sources: Iterable[Source], edition: str) -> dict[str, Any]:
    """What the pages document, as plain data; `edition` is the name that it bears as its version.

    Responses and bodies have examples that fit their schema: the page's own, or one that is made
    where the page has none. What an error looks like is not documented: those responses say in
    `x-provenance` whether they were observed or are guessed. The same pages give the same document,
    in any order. Raises PageError and YamlError for pages that cannot be read.
    """
    operations = sorted(read_operations(sources), key=lambda found: (found.path, found.method))
    descriptions = [_Description(operation, edition) for operation in operations]
    paths: dict[str, Any] = {}
    components: dict[str, Schema] = {}
    for description in descriptions:
        methods = paths.setdefault(description.path, {})
        methods[description.operation.method.lower()] = description.as_dict()
        components |= description.components()
    return {
        "openapi": OPENAPI,
        "info": {
            "title": "LM Studio: downloads of models",
            "version": edition,
            "description": "Made from the tables of the API's pages; x-source is page and line.",
        },
        "jsonSchemaDialect": DIALECT,
        "servers": [{"url": _SERVER}],
        "security": [{}, {_TOKEN: []}],
        "paths": paths,
        "components": {
            "schemas": {**components, "Error": ERROR},
            "securitySchemes": {_TOKEN: bearer("Needed where the server demands a token.")},
        },
    }


class _Description:
    """One operation in the words of OpenAPI."""

    def __init__(self, operation: PageOperation, edition: str) -> None:
        self.operation = operation
        self.path = _PARAMETER.sub(r"{\1}", operation.path)
        self._schemas: dict[PartName, Schema] = {
            part.name: compiler.compile_part(operation, part, edition)
            for part in operation.parts.values()
        }
        self._asked = _documented_request(operation)

    def as_dict(self) -> dict[str, Any]:
        operation, response_ = self.operation, self.operation.parts.get("response")
        summary = operation.title or operation.id
        found: dict[str, Any] = {"operationId": operation.id, "summary": summary}
        if response_ is not None and response_.prose:
            found["description"] = response_.prose
        if parameters := list(self._parameters()):
            found["parameters"] = parameters
        has_body = "request" in self._schemas
        if has_body:
            body = self._asked[0].body if self._asked else None
            bodies = [] if body is None else [("Example Request", body)]
            content = json_content(self._name("request"), **self._examples("request", bodies))
            found["requestBody"] = {"required": True, "content": content}
        refused = refusals(operation, self.path, has_body=has_body)
        found["responses"] = {"200": self._success(), **refused}
        return found

    def components(self) -> dict[str, Schema]:
        """The schemas of bodies, by the names that they are referred to by."""
        return {
            self._name(part): {key: schema[key] for key in schema if key not in ("$schema", "$id")}
            for part, schema in sorted(self._schemas.items())
            if part != "path"
        }

    def _name(self, part: PartName) -> str:
        """`job_status`, `response` -> `JobStatusResponse`."""
        return "".join(word.capitalize() for word in (*self.operation.id.split("_"), part))

    def _success(self) -> dict[str, Any]:
        if "response" not in self._schemas:
            return {"description": "Done; the page has no table of what comes back."}
        written = [
            (example.title, example.code)
            for example in self.operation.examples
            if example.part == "response" and example.language.casefold() == "json"
        ]
        return response("Done.", self._name("response"), **self._examples("response", written))

    def _parameters(self) -> Iterator[dict[str, Any]]:
        known = self._schemas.get("path", {}).get("properties", {})
        values = self._asked[1] if self._asked else {}
        for name in self.operation.parameters:
            own = dict(known.get(name, {"type": "string"}))
            about = {"description": own.pop("description")} if "description" in own else {}
            if name in values and Validator(own).is_valid(values[name]):
                about["example"] = values[name]
            yield parameter(name, own, **about)

    def _examples(self, part: PartName, written: Iterable[tuple[str, str]]) -> dict[str, Any]:
        """Those of the page that fit the schema; else one that is made to fit it."""
        check = Validator(self._schemas[part])
        found: dict[str, Any] = {}
        for title, text in written:
            with suppress(JsonTextError):
                value = json_text.loads(text)
                if check.is_valid(value):
                    name = "-".join(re.findall(r"\w+", title.lower())) or "example"
                    number = sum(key.partition(".")[0] == name for key in found) + 1
                    found[name if number == 1 else f"{name}.{number}"] = {"value": value}
        if not found:
            with suppress(UnfitSchema, StopIteration):
                found["made"] = {"value": next(samples(normalize(check.schema)))}
        return {"examples": found} if found else {}


def _documented_request(operation: PageOperation) -> tuple[CurlRequest, dict[str, str]] | None:
    """The first documented curl command that asks for the operation, and the path's parameters."""
    for example in (each for each in operation.examples if each.part == "request"):
        with suppress(ValueError):
            request = examples.curl_request(example.code)
            if (values := operation.values_in(request)) is not None:
                return request, values
    return None
