"""A job's script as it is read: the steps so far, and where they lead."""

import re
from dataclasses import dataclass, field, replace

from mockserver.documents.fields import Field, Members
from mockserver.documents.kinds import BYTES, Kind
from mockserver.documents.node import Node
from mockserver.documents.units import DURATION, PERCENTAGES, read_share
from mockserver.timeline.model import Phase, Step
from mockserver.timeline.overrides import OverrideFields, read_overrides

MAX_SCRIPT_MS = 10 * 365 * 24 * 3_600_000
"""Ten years: the longest a script may take, so that no instant in it lies beyond the year 9999."""

HOLDING = "downloading: {hold: true, for: 30s}"
_EVENTS = "the name of an event, such as resume"
_EVENT_NAME = "[A-Za-z0-9][A-Za-z0-9_-]{0,63}"


def _read_event(node: Node) -> str:
    name = node.text(_EVENTS)
    if not re.fullmatch(_EVENT_NAME, name):
        raise node.wrong(_EVENTS + ": at most 64 letters a to z, digits, - and _")
    return name


EVENT = Kind(
    _EVENTS,
    _read_event,
    {
        "description": "The name of an event: `resume`, `request`, or one of your own.",
        "type": "string",
        "pattern": f"^{_EVENT_NAME}$",
        "examples": ["resume", "request"],
    },
    "event",
)


class EndFields(Members):
    """How a step ends."""

    lasts_ms = Field(DURATION, "How long the step lasts; with `until` too, at most.", key="for")
    until = Field(EVENT, "The event that ends the step.")


@dataclass(slots=True)
class Script:
    total_bytes: int
    edition: str
    steps: list[Step] = field(default_factory=list)
    elapsed_ms: int = 0
    arrived_bytes: int = 0
    bytes_per_second: float | None = None

    def add(
        self,
        phase: Phase,
        fields: EndFields | None,
        *,
        to_bytes: int | None = None,
        bytes_per_second: float | None = None,
    ) -> None:
        """Append a step whose end, and whatever it reports otherwise, the fields give."""
        lasts_ms, until = (fields.lasts_ms, fields.until) if fields else (None, None)
        if fields and self.elapsed_ms + (lasts_ms or 0) > MAX_SCRIPT_MS:
            problem = "the script takes more than ten years"
            raise fields.nodes["for"].error(problem, "at most 87600h in all")
        arrived, goal = self.arrived_bytes, self.arrived_bytes if to_bytes is None else to_bytes
        step = Step(phase, lasts_ms, until, arrived, goal, bytes_per_second=bytes_per_second)
        if isinstance(fields, OverrideFields):
            overrides = read_overrides(fields, step, self.total_bytes, self.edition)
            step = replace(step, overrides=overrides)
        self.steps.append(step)
        self.elapsed_ms += lasts_ms or 0
        self.arrived_bytes = goal

    def goal(self, node: Node) -> int:
        """The bytes that are there when the step ends: more than before, at most the whole."""
        total, arrived = self.total_bytes, self.arrived_bytes
        if type(node.value) is int:
            goal = BYTES.read(node)
            shown = f"{goal} bytes"
        else:
            share = read_share(node, f"{PERCENTAGES}, or a whole number of bytes")
            goal = int(total * share)
            shown = f"{node.value} ({goal} bytes)"
        if goal > total:
            raise node.error(f"{node.name} is {shown}, more than the whole", f"at most {total}")
        if arrived == total != 0:
            problem = f"{node.name} is {shown}, but all {total} bytes are there already"
            raise node.error(problem, f"`{HOLDING}` to stay there")
        if goal <= arrived and total:
            problem = f"{node.name} is {shown}, and {arrived} bytes are there already"
            raise node.error(problem, f"more than {arrived} bytes, at most {total}")
        return goal

    def refuse_after_the_end(self, step: Node, phase: Phase) -> None:
        """Raise the error of a step that can never begin, or that cannot come where it stands."""
        last = self.steps[-1] if self.steps else None
        if last is None:
            return
        if last.is_endless:
            problem = f"{step.name} can never begin: {last.phase} lasts for ever"
            raise step.error(problem, "it to be the last step, or a `for` or `until` in that one")
        if phase != "gone" and any(before.phase == "completed" for before in self.steps):
            problem = f"{step.name} is {phase}, but the job is completed by then"
            raise step.error(problem, "nothing after `completed`, or `gone`", key=True)
