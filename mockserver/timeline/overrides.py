"""`report` and `omit`: what a step says in place of the truth, held to the contract when read."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from mockserver import contract
from mockserver.api.operations import JOB_STATUS, LIST_STATUS
from mockserver.contract import Violation
from mockserver.documents.fields import Field, Members
from mockserver.documents.kinds import FLAG, Kind
from mockserver.documents.node import Node
from mockserver.documents.text import clipped, plain
from mockserver.errors import nearest
from mockserver.timeline import model
from mockserver.timeline.model import JobState, Overrides, Phase, Step
from mockserver.timeline.payloads import REPORTED, job_payload, list_payload
from mockserver.timeline.schedule import Schedule


def _read_values(node: Node) -> dict[str, Any]:
    if not isinstance(node.value, dict) or not node.value:
        raise node.wrong("members and their values, such as {progress: 0.4}")
    return dict(node.json())


REPORT = Kind(
    "members and their values",
    _read_values,
    {
        "description": "Members that the replies say otherwise, or in addition, while the step "
        "lasts.",
        "type": "object",
        "minProperties": 1,
        "examples": [{"progress": 0.4}, {"bytes_per_second": 0}],
    },
    "report",
)
OMIT = Kind(
    "a list of members",
    lambda node: node.items("member"),
    {
        "description": "Members to leave out, of each reply whose table lets them miss.",
        "type": "array",
        "minItems": 1,
        "items": {"enum": list(REPORTED)},
        "examples": [["total_size_bytes"], ["started_at"]],
    },
    "omit",
)


_PAYLOADS: dict[str, Callable[[JobState], object]] = {
    JOB_STATUS.id: job_payload,
    LIST_STATUS.id: lambda state: list_payload([state]),
}


class OverrideFields(Members):
    """What a step's replies say otherwise."""

    report = Field(REPORT, "What the replies say otherwise.")
    omit = Field(OMIT, "What the replies leave out.")
    off_contract = Field(
        FLAG,
        "true: the replies may break what the pages say. Without it, a `report` or `omit` that "
        "breaks it is refused.",
        default=False,
    )


def read_overrides(fields: OverrideFields, step: Step, total_bytes: int, edition: str) -> Overrides:
    """What the fields change; TimelineError when a reply would then break the contract.

    A member in `omit` is left out of each reply whose table lets it miss; off contract, of all.
    """
    values = fields.report or {}
    names = dict(_omitted(fields.omit or (), step, total_bytes))
    if fields.off_contract:
        everywhere = frozenset(names)
        return Overrides(values, everywhere, everywhere, off_contract=True)
    if not values and not names:
        return model.NO_OVERRIDES

    def broken(operation: str, overrides: Overrides) -> list[Violation]:
        states = _states(replace(step, until=None, overrides=overrides), total_bytes)
        payloads = map(_PAYLOADS[operation], states)
        return [found for payload in payloads for found in _violations(operation, edition, payload)]

    without, in_list = set[str](), set[str]()
    has_list = LIST_STATUS.id in contract.edition(edition).operations
    for name, node in names.items():
        alone = Overrides({}, frozenset([name]), frozenset([name]))
        of_job = broken(JOB_STATUS.id, alone)
        if not of_job:
            without.add(name)
        if has_list and not broken(LIST_STATUS.id, alone):
            in_list.add(name)
        elif of_job:
            raise _refused(node, of_job[0])
    overrides = Overrides(values, frozenset(without), frozenset(in_list))
    for operation in _PAYLOADS:
        for violation in broken(operation, overrides):
            # The member that breaks the rule, or else what all of them stand under.
            node = fields.nodes["report" if values else "omit"]
            name = violation.pointer.rpartition("/")[2]
            raise _refused(node.children.get(name, node), violation)
    return overrides


def overrides_for(
    phase: Phase,
    usual: Mapping[str, Any],
    values: Mapping[str, Any],
    omit: Sequence[str],
    *,
    edition: str,
) -> Overrides:
    """What makes a step report and omit these; off contract where any of it would break that."""
    payload = {**usual, **values}
    replies = [{name: value for name, value in payload.items() if name not in omit}]
    replies += [{name: usual[name] for name in usual if name != left_out} for left_out in omit]
    lists: dict[str, Any] = {**list_payload(()), phase: [payload]}
    is_off = any(_violations(JOB_STATUS.id, edition, reply) for reply in replies)
    is_off = is_off or bool(_violations(LIST_STATUS.id, edition, lists))
    without = frozenset(omit)
    return Overrides(values, without, without if is_off else frozenset(), is_off)


def _violations(operation: str, edition: str, payload: object) -> Sequence[Violation]:
    """What a reply breaks; nothing in an edition that does not have the operation."""
    if operation not in contract.edition(edition).operations:
        return ()
    return contract.validator(operation, edition).violations(payload)


def _states(step: Step, total_bytes: int) -> Iterator[JobState]:
    """A job of this step alone, at its beginning and well into it."""
    job = model.ScriptedJob("job_0000000000", total_bytes, model.Begin(), (step,))
    schedule = Schedule.of(job, 0, ())
    states = (schedule.at(now_ms) for now_ms in (0, (step.lasts_ms or 2) // 2))
    return (state for state in states if state is not None)


def _omitted(items: Sequence[Node], step: Step, total_bytes: int) -> Iterator[tuple[str, Node]]:
    """The members to leave out, each with its place; only what the step reports can be."""
    known = list(job_payload(next(_states(step, total_bytes)))) if items else []
    for item in items:
        name = item.text("the name of a member")
        if name not in known:
            problem = f"a job that is {step.phase} reports no {name!r}"
            raise item.error(problem, "one of " + ", ".join(known), nearest(name, known))
        yield name, item


def _refused(node: Node, violation: Violation) -> Exception:
    return node.error(
        f"{node.name} breaks the contract: {violation}",
        "what the page allows, or `off_contract: true` beside it",
    )


def overrides_in_words(overrides: Overrides) -> str:
    """`reports status "queued", leaves out model`; empty when nothing differs."""
    parts = []
    if overrides.values:
        told = {
            name: clipped(json.dumps(value, ensure_ascii=False), 40)
            for name, value in overrides.values.items()
        }
        given = (f"{name} {value}" for name, value in told.items())
        parts.append("reports " + ", ".join(given))
    if omitted := overrides.without | overrides.without_in_list:
        parts.append("leaves out " + ", ".join(sorted(omitted)))
    if overrides.off_contract:
        parts.append("breaks the contract on purpose")
    return plain("; ".join(parts))
