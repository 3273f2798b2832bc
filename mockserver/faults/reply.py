"""Another reply in place of the operation's own, or its own, which breaks one rule."""

import base64
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, ClassVar, Self

from mockserver import contract
from mockserver.api.operations import OPERATIONS
from mockserver.api.replies import JSON_TYPE, error_object, written
from mockserver.documents.fields import Field, Members
from mockserver.documents.kinds import JSON, POINTER, Excludes, Kind, Needs, whole_number
from mockserver.documents.node import Node
from mockserver.documents.text import counted
from mockserver.faults.effect import Effect, Scope, with_body
from mockserver.faults.message import HEADER_NAME, HEADERS
from mockserver.http.message import Body, Headers, Response

_BASE64 = "(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?"
_PHRASES = {status.value: status.phrase for status in HTTPStatus}


def _read_base64(node: Node) -> bytes:
    expected = "bytes in base64, such as eyI= for the two of an unfinished object"
    text = node.text(expected)
    if not re.fullmatch(_BASE64, text):
        raise node.wrong(expected)
    return base64.b64decode(text)


_BYTES_IN_BASE64 = Kind(
    "bytes in base64",
    _read_base64,
    {"type": "string", "contentEncoding": "base64", "pattern": f"^{_BASE64}$"},
)


class ReplyMembers(Members):
    """A whole reply; what is left out is 200, no headers of one's own, no body."""

    status = Field(whole_number("an HTTP status", 200, 599), "The HTTP status.", default=200)
    headers = Field(
        HEADERS,
        "Headers and their values, which are text: in quotes when they look like numbers.",
        examples=[{"Retry-After": "2"}],
    )
    body = Field(
        JSON,
        "The body: text is sent as it is, anything else as JSON.",
        examples=[{"error": "Unexpected endpoint or method."}, "<html>Bad gateway</html>"],
    )
    body_base64 = Field(
        _BYTES_IN_BASE64,
        "The body as bytes in base64, in place of `body`: any bytes at all, without a Content-Type "
        "unless `headers` has one.",
        examples=["eyJzdGF0dXMiOiA="],
    )
    RULES = (Excludes("body_base64", "body", "both body and body_base64", "one of them"),)
    LEAST = 1


_REPLY = ReplyMembers.kind("`status`, `headers` and `body`, or some of them", "reply")


@dataclass(frozen=True, slots=True)
class Reply(Effect):
    """What is answered in place of the real reply.

    A `body` of bytes goes out as it is, and so does one of text, as text/plain unless the headers
    say otherwise; any other is written as JSON. Without a body (None), an error's status gets an
    error object as LM Studio's (G), any other an empty body.
    """

    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict, hash=False)
    body: Any = field(default=None, hash=False)

    member = Field(_REPLY, "What is answered in place of the real reply.", key="reply")
    definitions = (HEADER_NAME,)
    changes_reply = True

    @classmethod
    def of(cls, value: ReplyMembers, scope: Scope) -> Self:
        body = value.body if value.body_base64 is None else value.body_base64
        return cls(value.status, value.headers or {}, body)

    def words(self) -> str:
        parts = [f"{self.status} {_PHRASES.get(self.status, '')}".strip() + self._odd_body()]
        parts += [f"{name}: {value}" for name, value in self.headers.items()]
        if isinstance(self.body, bytes):
            parts.append(f"{counted(len(self.body), 'byte')} of one's own")
        return ", ".join(parts)

    def _odd_body(self) -> str:
        """What stands in a reply that looks like success."""
        if not 200 <= self.status < 300 or self.body is None or isinstance(self.body, bytes):
            return ""
        has_error = isinstance(self.body, Mapping) and self.body.get("error") is not None
        return " with an error" if has_error else " with another body"

    def data(self) -> dict[str, Any]:
        data: dict[str, Any] = {"status": self.status}
        data |= {"headers": dict(self.headers)} if self.headers else {}
        if isinstance(self.body, bytes):
            data["body_base64"] = base64.b64encode(self.body).decode()
        elif self.body is not None:
            data["body"] = self.body
        return data

    def answer(self) -> Response:
        body, content_type = self._body_and_type()
        headers = Headers([("Content-Type", content_type)] if content_type else [])
        for name, value in self.headers.items():
            headers = headers.replaced(name, value)
        return Response(self.status, headers, Body(body, len(body)))

    def _body_and_type(self) -> tuple[bytes, str | None]:
        if isinstance(self.body, bytes):
            return self.body, None
        if isinstance(self.body, str):
            return self.body.encode(), "text/plain; charset=utf-8"
        if self.body is not None:
            return written(self.body).encode(), JSON_TYPE
        if self.status < 400:
            return b"", None
        kind = "invalid_request" if self.status < 500 else "internal_error"
        error = error_object(kind, _PHRASES.get(self.status, "Unknown status"))
        return written(error).encode(), JSON_TYPE


_RULE = Kind(
    "a rule",
    lambda node: node,
    {
        "description": "What `mockserver validate` calls the violation; the operation's page must "
        "state such a rule.",
        "enum": [rule for rule in contract.RULES if ":" not in rule],
    },
    "rule",
)


class ViolateMembers(Members):
    """A rule of the operation's contract, and where it is broken."""

    rule = Field(_RULE, "The rule.", required=True)
    pointer = Field(POINTER, "The JSON pointer of the value, or of the member that is missing.")


_VIOLATE = ViolateMembers.or_first(
    "a rule, or `rule` and `pointer`",
    "violate",
    "A rule of the operation's contract, broken at the first place that can break it, or at "
    "`pointer`.",
    ["required", {"rule": "format", "pointer": "/started_at"}],
)


@dataclass(frozen=True, slots=True)
class Violate(Effect):
    """The reply breaks this rule of `contract.RULES`, and no other.

    `pointer` is the JSON pointer of the violation; None is the first place where the reply can
    break the rule.
    """

    rule: str
    pointer: str | None = None

    member = Field(
        _VIOLATE, "The one rule of the contract that the operation's reply breaks.", key="violate"
    )
    definitions = (_RULE,)
    excludes: ClassVar = {"reply": "a reply of one's own breaks what it likes"}
    changes_reply = True

    @classmethod
    def rules(cls, kinds: Iterable[type[Effect]]) -> Iterable[Needs]:
        problem = "violate without operation: only an operation's reply has rules to break"
        yield Needs("violate", "operation", problem, "operation: job_status")

    @classmethod
    def of(cls, value: tuple[Node, str | None], scope: Scope) -> Self:
        node, pointer = value
        operation = OPERATIONS[scope.operation or ""]
        # An edition that does not have the operation serves the newest that does.
        editions = operation.editions
        edition = scope.edition if scope.edition in editions else editions[-1]
        known = contract.rules_of(contract.validator(operation.id, edition).schema)
        problem = f"no reply to {scope.operation} can break a rule {{}}"
        return cls(node.name_of(known, problem), pointer)

    def words(self) -> str:
        where = "" if self.pointer is None else f" at {self.pointer or 'the whole'}"
        return f"the body breaks the rule {self.rule!r}{where}"

    def data(self) -> str | dict[str, str]:
        return self.rule if self.pointer is None else {"rule": self.rule, "pointer": self.pointer}

    def change(self, response: Response, scope: Scope) -> Response | None:
        if scope.operation is None or response.status != 200:
            return None
        text = response.body.start.decode()
        check = contract.validator(scope.operation, scope.edition)
        mutant = contract.mutant_of(json.loads(text), check, self.rule, self.pointer)
        body = mutant and written(mutant.payload, pretty="\n" in text).encode()
        return with_body(response, body) if body else None
