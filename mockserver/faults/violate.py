"""The reply breaks one rule of its contract."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

from mockserver import contract
from mockserver.api.operations import OPERATIONS
from mockserver.api.replies import written
from mockserver.documents.fields import Field, Members
from mockserver.documents.kinds import NODE, POINTER, Kind, MemberRule, Needs
from mockserver.documents.node import Node
from mockserver.faults.effect import Effect, Scope, with_body
from mockserver.http.message import Response

_RULE = Kind(
    "a rule",
    NODE.read,
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


def _read(node: Node) -> tuple[Node, str | None]:
    """The rule, which is checked when the operation is known, and the pointer."""
    if not isinstance(node.value, dict):
        return node, None
    members = ViolateMembers(node)
    return members.rule, members.pointer


_schema = {**ViolateMembers.schema()}
del _schema["description"]
_VIOLATE = Kind(
    "a rule, or `rule` and `pointer`",
    _read,
    {
        "description": "A rule of the operation's contract, broken at the first place that can "
        "break it, or at `pointer`.",
        "anyOf": [_RULE.reference, _schema],
        "examples": ["required", {"rule": "format", "pointer": "/started_at"}],
    },
    "violate",
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
    def rules(cls, kinds: Iterable[type[Effect]]) -> Iterable[MemberRule]:
        problem = "violate without operation: only an operation's reply has rules to break"
        yield Needs("violate", "operation", problem, "operation: job_status")

    @classmethod
    def of(cls, value: tuple[Node, str | None], scope: Scope) -> Violate:
        node, pointer = value
        problem = f"no reply to {scope.operation} can break a rule {{}}"
        return cls(node.name_of(_breakable(scope), problem), pointer)

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
        if mutant is None:
            return None
        return with_body(response, written(mutant.payload, pretty="\n" in text).encode())


def _breakable(scope: Scope) -> tuple[str, ...]:
    """What the operation's reply can break, here or in the newest edition that has it."""
    operation = OPERATIONS[scope.operation or ""]
    edition = scope.edition if scope.edition in operation.editions else operation.editions[-1]
    return contract.rules_of(contract.validator(operation.id, edition).schema)
