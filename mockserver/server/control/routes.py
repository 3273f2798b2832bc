"""Which requests the control API takes, as `api.json` says, and one as its view gets it."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from flask import request

from mockserver import resources
from mockserver.errors import nearest
from mockserver.server.config import CLOCKS
from mockserver.server.refusals import mock_error
from mockserver.server.request_target import CONTROL
from mockserver.server.session import Session
from mockserver.server.sessions import OpenSession, Sessions
from mockserver.timeline.model import PHASES

Schema: TypeAlias = dict[str, Any]

_API = json.loads((resources.folder("server/control") / "api.json").read_text(encoding="utf-8"))
_DEFS = _API["$defs"]
_DEFS["Edition"]["enum"] = list(resources.edition_names())
_DEFS["ClockKind"]["enum"] = list(CLOCKS)
_DEFS["Phase"]["enum"] = list(PHASES)
_DEFS["JobPhase"]["enum"] = [*PHASES, "waiting"]

DOCUMENT: Mapping[str, Any] = _API["document"]
"""The description by OpenAPI, but for what changes or is made of the rest."""
REFUSALS: Mapping[str, str] = _API["refusals"]
"""What each status says of a request that is refused."""


def _inlined(schema: Any) -> Any:
    """The schema with what `$defs` has in place of references to it."""
    if isinstance(schema, list):
        return [_inlined(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    inlined = {key: _inlined(value) for key, value in schema.items()}
    name = inlined.get("$ref", "").removeprefix("#/$defs/")
    if name not in _DEFS:
        return inlined
    del inlined["$ref"]
    return {**_inlined(_DEFS[name]), **inlined}


COMPONENTS: dict[str, Schema] = _inlined(_API["components"])
"""By name; `Timeline` and `NewFault`, which the fixture format's own schema gives, are not here."""
COMPONENTS["NewSession"]["properties"] = {
    **COMPONENTS["Play"]["properties"],
    **COMPONENTS["NewSession"]["properties"],
}


@dataclass(frozen=True, slots=True)
class Route:
    """A request that there is; the view that is called as its id answers it.

    `path` writes parameters as `{name}`. `body` and `reply` name components; `query` holds schemas
    of integers, `refusals` statuses. `at_root`: not for the sessions below the server's own.
    """

    id: str
    method: str
    path: str
    summary: str
    body: str | None = None
    body_is_optional: bool = False
    reply: str = "Document"
    status: int = 200
    query: Mapping[str, Schema] = field(default_factory=dict)
    refusals: tuple[int, ...] = ()
    at_root: bool = False

    @property
    def url(self) -> str:
        return CONTROL + self.path


ROUTES = [Route(id_, **row) for id_, row in _API["routes"].items()]
"""In the order in which they are described."""


class ControlError(Exception):
    """An HTTP status and its `reply`, which has those of the `facts` that are not None.

    `pointer` is a JSON pointer into the request's body, `suggestion` the nearest right word.
    """

    def __init__(self, status: int, message: str, **facts: str | None) -> None:
        super().__init__(message)
        self.status = status
        known = ("pointer", "expected", "suggestion")
        given = {name: facts[name] for name in known if facts.get(name) is not None}
        self.reply = mock_error(message, **given)


@dataclass(frozen=True, slots=True)
class ControlRequest:
    sessions: Sessions
    opened: OpenSession
    body: Mapping[str, Any]
    query: Mapping[str, int]

    @property
    def session(self) -> Session:
        return self.opened.session

    @property
    def base(self) -> str:
        """The session's base URL, as the client called the server."""
        return _base(self.opened)

    def about(self, opened: OpenSession) -> dict[str, Any]:
        """What a session is called, and where it is."""
        base, left_s = _base(opened), self.sessions.left_s(opened)
        return {
            "id": opened.id or None,
            "url": base,
            "control": f"{base}/_mock",
            "timeline": opened.session.timeline.name,
            "edition": opened.session.edition,
            "expires_in_s": None if left_s is None else round(left_s, 3),
        }


def _base(opened: OpenSession) -> str:
    return request.host_url.rstrip("/") + opened.prefix


def query_of(schemas: Mapping[str, Schema]) -> dict[str, int]:
    """The query's parameters, each an integer. Raises ControlError."""
    found = {name: schema["default"] for name, schema in schemas.items()}
    for name, text in request.args.items(multi=True):
        if len(request.args.getlist(name)) > 1:
            raise ControlError(400, f"the query parameter {name!r} is given twice", expected="once")
        if name not in schemas:
            raise ControlError(
                400,
                f"unknown query parameter {name!r}",
                expected=", ".join(schemas) or "none",
                suggestion=nearest(name, schemas),
            )
        low, high = schemas[name]["minimum"], schemas[name]["maximum"]
        if not (re.fullmatch("[0-9]{1,16}", text) and low <= int(text) <= high):
            message = f"the query parameter {name} is {text[:40]!r}"
            raise ControlError(400, message, expected=f"a whole number from {low} to {high}")
        found[name] = int(text)
    return found
