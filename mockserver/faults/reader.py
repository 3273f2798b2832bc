"""The registry of the kinds of faults, and the `faults` of a timeline file read by it."""

from collections.abc import Iterator, Mapping
from typing import Any

from mockserver.api.operations import OPERATIONS
from mockserver.documents.fields import Field, Members
from mockserver.documents.kinds import Excludes, Kind, MemberRule
from mockserver.documents.node import Node, either
from mockserver.faults.effect import Effect, Scope
from mockserver.faults.fault import Fault
from mockserver.faults.message import ContentLength, HeaderChanges, Truncate
from mockserver.faults.reply import Reply, Violate
from mockserver.faults.transport import Delay, Disconnect, Drip, Refuse
from mockserver.faults.when import ALWAYS, WHEN

KINDS: tuple[type[Effect], ...]
KINDS = (Reply, Delay, HeaderChanges, Violate, Truncate, ContentLength, Drip, Disconnect, Refuse)
"""The registry: in this order the effects of a fault are carried out, and told."""

MAX_FAULTS = 1_000

_PATHS = "a path such as /api/v1/models"
_KEYS = tuple(kind.member.key for kind in KINDS)
_OPERATIONS = sorted(operation.id for operation in OPERATIONS.values() if operation.editions)


_OPERATION = Kind(
    either(_OPERATIONS),
    lambda node: node.name_of(_OPERATIONS, "no edition has an operation {}"),
    {"enum": _OPERATIONS},
)


def _read_path(node: Node) -> str:
    path = node.text(_PATHS)
    if not path.startswith("/") or not path.isprintable():
        raise node.wrong(_PATHS)
    return path


def _rules(kind: type[Effect]) -> Iterator[MemberRule]:
    yield from kind.rules(KINDS)
    key = kind.member.key
    for other, reason in kind.excludes.items():
        yield Excludes(key, other, f"{key} beside {other}: {reason}", "one of them")


_EXAMPLES = [
    {
        "operation": "job_status",
        "when": {"request": 3},
        "reply": {"status": 503, "headers": {"Retry-After": "2"}},
    },
    {"refuse": True, "when": {"after": "5s", "for": "3s"}},
    {"path": "/api/v1*", "when": {"probability": "30%"}, "disconnect": "in body"},
    {"operation": "job_status", "violate": {"rule": "required", "pointer": "/job_id"}},
]
FaultMembers = Members.of(
    "FaultMembers",
    "Something that goes wrong with the requests of an operation, of a path, or with all of them.",
    (
        Field(_OPERATION, "The operation whose requests it strikes.", key="operation"),
        Field(
            Kind(_PATHS, _read_path, {"type": "string", "pattern": "^/"}),
            "The path to which requests are struck, in place of `operation`; `*` stands for any "
            "characters.",
            key="path",
            examples=["/api/v1/models", "/api/v1*"],
        ),
        Field(WHEN, "Which of these requests; all of them unless given.", key="when"),
        *(kind.member for kind in KINDS),
    ),
    RULES=(
        Excludes("path", "operation", "both operation and path", "one of them"),
        # The last kind first: beside a refusal no other conflict is worth a word.
        *(rule for kind in reversed(KINDS) for rule in _rules(kind)),
    ),
    MORE={"anyOf": [{"required": [key]} for key in _KEYS], "examples": _EXAMPLES},
)
FAULT = FaultMembers.kind("a fault", "fault")


def definitions() -> Iterator[tuple[str, Mapping[str, Any]]]:
    """What the JSON Schema of a fault needs in `$defs`, by name."""
    kinds: list[Kind[Any]] = [FAULT, WHEN]
    for effect in KINDS:
        kinds += [effect.member.kind, *effect.definitions]
    return ((kind.name, kind.schema) for kind in kinds if kind.name is not None)


def read_faults(node: Node, edition: str) -> tuple[Fault, ...]:
    """The faults in the order of the file: of two that fit a request, the first strikes."""
    items = node.items("fault")
    if len(items) > MAX_FAULTS:
        raise items[MAX_FAULTS].error("too many faults", f"at most {MAX_FAULTS:,}")
    return tuple(read_fault(item, edition, seed) for seed, item in enumerate(items))


def read_fault(node: Node, edition: str, seed: int = 0) -> Fault:
    """One fault. `seed` is that of its chance, unless it names its own."""
    members = FaultMembers(node)
    if not any(key in members for key in _KEYS):
        raise node.error(f"{node.name} does nothing", either(_KEYS))
    scope = Scope(members["operation"], edition)
    effects = (
        kind.of(members[kind.member.key], scope) for kind in KINDS if kind.member.key in members
    )
    return Fault(
        tuple(effect for effect in effects if effect is not None),
        members["operation"],
        members["path"],
        members["when"].to_when(seed) if "when" in members else ALWAYS,
    )
