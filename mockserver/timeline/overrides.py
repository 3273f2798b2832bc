"""`report` and `omit`: what a step says in place of the truth, held to the contract at load."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from mockserver import contract
from mockserver.contract import Violation
from mockserver.documents.node import Node
from mockserver.errors import nearest
from mockserver.timeline.model import NO_OVERRIDES, Begin, JobState, Overrides, ScriptedJob, Step
from mockserver.timeline.payloads import job_payload, list_payload
from mockserver.timeline.schedule import Schedule

__all__ = ["KEYS", "read_report"]

KEYS = ("report", "omit", "off_contract")

_JOB, _LIST = "job_status", "list_status"


def read_report(settings: dict[str, Node], step: Step, total_bytes: int, edition: str) -> Overrides:
    """What the step's settings change; TimelineError when a reply would then break the contract.

    A member in `omit` is left out of each reply whose table lets it miss; off contract, of all.
    """
    off_contract = settings["off_contract"].flag() if "off_contract" in settings else False
    values = _values(settings["report"]) if "report" in settings else {}
    names = _names(settings["omit"], step, total_bytes) if "omit" in settings else {}
    if off_contract:
        everywhere = frozenset(names)
        return Overrides(values, everywhere, everywhere, off_contract=True)
    if not values and not names:
        return NO_OVERRIDES
    trial = _Trial(step, total_bytes, edition)
    without = frozenset(name for name in names if not trial.job(Overrides({}, frozenset([name]))))
    in_list = frozenset(
        name
        for name in names
        if trial.has_list and not trial.list(Overrides({}, frozenset(), frozenset([name])))
    )
    for name, node in names.items():
        if name not in without | in_list:
            raise _refused(node, trial.job(Overrides({}, frozenset([name])))[0])
    report = Overrides(values, without, in_list)
    for violation in [*trial.job(report), *trial.list(report)]:
        raise _refused(_place(settings, values, violation), violation)
    return report


class _Trial:
    """The replies that a step gives in its time, at its beginning and well into it."""

    def __init__(self, step: Step, total_bytes: int, edition: str) -> None:
        self._step = step
        self._total = total_bytes
        self._edition = edition
        self.has_list = _LIST in contract.edition(edition).operations

    def job(self, report: Overrides) -> list[Violation]:
        """What the job's own reply breaks."""
        check = contract.validator(_JOB, self._edition)
        return [
            violation
            for state in self._states(report)
            for violation in check.violations(job_payload(state))
        ]

    def list(self, report: Overrides) -> list[Violation]:
        """What the list breaks, in an edition that has one."""
        if not self.has_list:
            return []
        check = contract.validator(_LIST, self._edition)
        return [
            violation
            for state in self._states(report)
            for violation in check.violations(list_payload([state]))
        ]

    def _states(self, report: Overrides) -> Iterator[JobState]:
        step = Step(
            self._step.phase,
            self._step.lasts_ms,
            None,
            self._step.from_bytes,
            self._step.to_bytes,
            self._step.bytes_per_second,
            report,
        )
        schedule = Schedule.of(ScriptedJob("job_0000000000", self._total, Begin(), (step,)), 0, ())
        for now_ms in (0, (step.lasts_ms or 2) // 2):
            state = schedule.at(now_ms)
            if state is not None:
                yield state


def _values(node: Node) -> dict[str, Any]:
    if not isinstance(node.value, dict) or not node.value:
        raise node.wrong("members and their values, such as {progress: 0.4}")
    return dict(node.json())


def _names(node: Node, step: Step, total_bytes: int) -> dict[str, Node]:
    """The members to leave out, each with its place; only what the step reports can be."""
    schedule = Schedule.of(ScriptedJob("job_0000000000", total_bytes, Begin(), (step,)), 0, ())
    state = schedule.at(0)
    known = list(job_payload(state)) if state is not None else []
    names: dict[str, Node] = {}
    for item in node.items("member"):
        name = item.text("the name of a member")
        if name not in known:
            problem = f"a job that is {step.phase} reports no {name!r}"
            raise item.error(problem, "one of " + ", ".join(known), nearest(name, known))
        names[name] = item
    return names


def _place(settings: dict[str, Node], values: dict[str, Any], violation: Violation) -> Node:
    """The member that breaks the rule, or else what all of them stand under."""
    name = violation.pointer.rpartition("/")[2]
    node = settings["report" if values else "omit"]
    return node.child(name, values[name]) if name in values else node


def _refused(node: Node, violation: Violation) -> Exception:
    return node.error(
        f"{node.name} breaks the contract: {violation}",
        "what the page allows, or `off_contract: true` beside it",
    )
