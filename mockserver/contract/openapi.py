"""The documented operations of pages as an OpenAPI 3.1 document, with the pages' own schemas."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

from mockserver.contract.normalizer import normalize
from mockserver.contract.openapi_errors import ERROR, refusals
from mockserver.contract.openapi_parts import (
    OPENAPI,
    bearer,
    json_content,
    parameter,
    parameter_names,
    response,
)
from mockserver.contract.samples import samples
from mockserver.contract.validator import Validator
from mockserver.documents import json_text
from mockserver.documents.source import Source
from mockserver.errors import JsonTextError, UnfitSchema
from mockserver.pages import curl, schema
from mockserver.pages.curl import CurlRequest
from mockserver.pages.edition import read_operations
from mockserver.pages.node import DIALECT, Schema
from mockserver.pages.operation import PageOperation, PartName

__all__ = ["as_text", "document"]

_SERVER = "http://127.0.0.1:1234"
_TOKEN = "token"
_NOT_OF_A_COMPONENT = ("$schema", "$id")
_PARAMETER = re.compile(r":(\w+)")


def document(sources: Iterable[Source], edition: str) -> dict[str, Any]:
    """What the pages document, as plain data; `edition` is the name that it bears as its version.

    Responses and bodies have examples that fit their schema: the page's own, or one that is made
    where the page has none. What an error looks like is not documented: those responses say in
    `x-provenance` whether they were observed or are guessed. The same pages give the same document,
    in any order. Raises PageError and YamlError for pages that cannot be read.
    """
    operations = sorted(read_operations(sources), key=lambda one: (one.path, one.method))
    described = [_Description(one, edition) for one in operations]
    paths: dict[str, Any] = {}
    for one in described:
        paths.setdefault(one.path, {})[one.operation.method.lower()] = one.as_dict()
    components = (component for one in described for component in one.components())
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
            "schemas": {**dict(components), "Error": ERROR},
            "securitySchemes": {_TOKEN: bearer("Needed where the server demands a token.")},
        },
    }


def as_text(document_: dict[str, Any]) -> str:
    """A document as its file holds it: the same one gives the same bytes."""
    return json.dumps(document_, ensure_ascii=False, indent=2) + "\n"


class _Description:
    """One operation in the words of OpenAPI."""

    def __init__(self, operation: PageOperation, edition: str) -> None:
        self.operation = operation
        self.path = _PARAMETER.sub(r"{\1}", operation.path)
        self._schemas: dict[PartName, Schema] = {
            part.name: schema.compile_part(operation, part, edition)
            for part in operation.parts.values()
        }
        self._asked = next(_requests(operation), None)

    def as_dict(self) -> dict[str, Any]:
        one = self.operation
        found: dict[str, Any] = {"operationId": one.id, "summary": one.title or one.id}
        if "response" in one.parts and one.parts["response"].prose:
            found["description"] = one.parts["response"].prose
        if parameters := list(self._parameters()):
            found["parameters"] = parameters
        if "request" in self._schemas:
            bodies = [] if self._asked is None else [("Example Request", self._asked.body or "")]
            content = json_content(self._name("request"), **self._examples("request", bodies))
            found["requestBody"] = {"required": True, "content": content}
        found["responses"] = {"200": self._success(), **refusals(one, self.path)}
        return found

    def components(self) -> Iterator[tuple[str, Schema]]:
        """The schemas of bodies, by the names that they are referred to by."""
        for part in ("request", "response"):
            if part in self._schemas:
                kept = self._schemas[part].items()
                yield (
                    self._name(part),
                    {key: value for key, value in kept if key not in _NOT_OF_A_COMPONENT},
                )

    def _name(self, part: PartName) -> str:
        """`job_status`, `response` -> `JobStatusResponse`."""
        return "".join(word.capitalize() for word in (*self.operation.id.split("_"), part))

    def _success(self) -> dict[str, Any]:
        if "response" not in self._schemas:
            return {"description": "Done; the page has no table of what comes back."}
        written = [
            (one.title, one.code)
            for one in self.operation.examples
            if one.part == "response" and one.language.casefold() == "json"
        ]
        return response("Done.", self._name("response"), **self._examples("response", written))

    def _parameters(self) -> Iterator[dict[str, Any]]:
        known = self._schemas.get("path", {}).get("properties", {})
        values: Sequence[str] = ()
        if self._asked is not None:
            values = _values(self.operation.path, self._asked.path) or ()
        for index, name in enumerate(parameter_names(self.path)):
            own = dict(known.get(name, {"type": "string"}))
            about = {"description": own.pop("description")} if "description" in own else {}
            if values and Validator(own).is_valid(values[index]):
                about["example"] = values[index]
            yield parameter(name, own, **about)

    def _examples(self, part: PartName, written: Iterable[tuple[str, str]]) -> dict[str, Any]:
        """Those of the page that fit the schema; else one that is made to fit it."""
        check = Validator(self._schemas[part])
        found: dict[str, Any] = {}
        for title, text in written:
            try:
                value = json_text.loads(text)
            except JsonTextError:
                continue
            if check.is_valid(value):
                name = "-".join(re.findall(r"\w+", title.lower())) or "example"
                number = sum(key.partition(".")[0] == name for key in found) + 1
                found[name if number == 1 else f"{name}.{number}"] = {"value": value}
        if not found:
            found = _made(self._schemas[part])
        return {"examples": found} if found else {}


def _made(schema_: Schema) -> dict[str, Any]:
    """The plainest payload of a schema, if one can be made."""
    try:
        made = list(islice(samples(normalize(schema_)), 1))
    except UnfitSchema:
        return {}
    return {"made": {"value": made[0]}} if made else {}


def _requests(operation: PageOperation) -> Iterator[CurlRequest]:
    """The documented curl commands that ask for the operation."""
    for example in operation.examples:
        if example.part == "request":
            try:
                asked = curl.read(example.code)
            except ValueError:
                continue
            is_own = _values(operation.path, asked.path) is not None
            if asked.method == operation.method and is_own:
                yield asked


def _values(template: str, path: str) -> tuple[str, ...] | None:
    """The values of the parameters in a path; None when it is another path."""
    pattern = "([^/]+)".join(map(re.escape, re.split(r":\w+", template)))
    match = re.fullmatch(pattern, path)
    return None if match is None else match.groups()
