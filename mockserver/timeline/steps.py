"""The kinds of steps that a script has: one row each, with how it is written and what it does."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

from mockserver.documents.fields import Field
from mockserver.documents.kinds import BYTES, FLAG, Kind, Schema
from mockserver.documents.node import Node
from mockserver.documents.units import PERCENTAGE, PERCENTAGES
from mockserver.timeline.model import Phase
from mockserver.timeline.overrides import OverrideFields
from mockserver.timeline.script import HOLDING, EndFields, Script

DOWNLOADING = "downloading: {for: 8s, to: 40%}"


class GoneFields(EndFields):
    """How a step ends in which the job is not known."""

    LEAST = 1

    def __init__(self, node: Node) -> None:
        for key, member in node.children.items():
            if key in OverrideFields.FIELDS:
                problem = f"{key} in a step in which nothing is reported"
                raise member.error(problem, "for or until", key=True)
        super().__init__(node)


class WaitingFields(OverrideFields, EndFields):
    """How a step in which no byte arrives ends, and what is said in it."""

    LEAST = 1


class DownloadingFields(OverrideFields, EndFields):
    """`for` and `to`, or `hold`."""

    to = Field(
        Kind(
            f"{PERCENTAGES}, or a whole number of bytes",
            lambda node: node,
            {"anyOf": [PERCENTAGE.reference, BYTES.reference]},
        ),
        "How far the job is at the end of the step: a share of the whole, or a number of bytes.",
        examples=["40%", 1000000],
    )
    hold = Field(FLAG, "true: bytes and reported speed stand still.", default=False)
    MORE: ClassVar[Schema] = {
        "if": {"properties": {"hold": {"const": True}}, "required": ["hold"]},
        "then": {"properties": {"to": False}},
        "else": {"required": ["for", "to"], "properties": {"until": False}},
    }


def _downloading(step: Node, fields: Any, script: Script) -> None:
    settings: DownloadingFields = fields
    if settings.hold:
        if "to" in settings:
            problem = "no byte arrives while it holds"
            raise settings.nodes["to"].error(problem, f"`{HOLDING}`", key=True)
        if script.bytes_per_second is None:
            problem = "nothing has been downloaded yet, so there is no speed to hold"
            raise settings.node.error(problem, f"a step like `{DOWNLOADING}` before it", key=True)
        script.add("downloading", settings, bytes_per_second=script.bytes_per_second)
        return
    for key in ("for", "to"):
        if key not in settings:
            name = settings.node.name
            raise settings.node.error(f"{name} has no `{key}`", f"`{DOWNLOADING}`")
    if "until" in settings:
        problem = "`until` would leave open how many bytes arrive"
        raise settings.nodes["until"].error(problem, f"`for` alone, or `{HOLDING}`", key=True)
    goal = script.goal(settings.nodes["to"])
    script.bytes_per_second = (goal - script.arrived_bytes) * 1000 / (settings.lasts_ms or 1)
    script.add("downloading", settings, to_bytes=goal, bytes_per_second=script.bytes_per_second)


def _completed(step: Node, fields: EndFields | None, script: Script) -> None:
    missing = script.total_bytes - script.arrived_bytes
    if missing:
        problem = f"completed, with {missing} of {script.total_bytes} bytes missing"
        raise step.error(problem, "`downloading` with `to: 100%` before it", key=True)
    script.add("completed", fields)


@dataclass(frozen=True, slots=True)
class StepType:
    """One kind of step.

    `usage` shows how it is written, `fields` are its settings. `add` appends such a step to a
    script, one `alone` is a bare word.
    """

    phase: Phase
    description: str
    usage: str
    fields: type[EndFields] = WaitingFields
    add: Callable[[Node, EndFields | None, Script], None] | None = None
    alone: bool = True

    @property
    def schema_name(self) -> str:
        """What the settings are called in the JSON Schema: `waiting` for `WaitingFields`."""
        return self.fields.__name__.removesuffix("Fields").lower()

    def read(self, step: Node, settings: Node | None, script: Script) -> None:
        """Append the step, whose settings are None where it is a bare word."""
        if settings is None:
            if not self.alone:
                raise step.error(f"{self.phase} for how long, and how far?", self.usage)
            fields = None
        elif not settings.value or not isinstance(settings.value, dict):
            raise settings.wrong(self.usage)
        else:
            fields = self.fields(settings)
        if self.add is None:
            script.add(self.phase, fields)
        else:
            self.add(step, fields, script)


STEP_TYPES: dict[str, StepType] = {
    kind.phase: kind
    for kind in (
        StepType(
            "downloading",
            "Bytes arrive at even speed, or with `hold` none do.",
            f"`{DOWNLOADING}`",
            DownloadingFields,
            add=_downloading,
            alone=False,
        ),
        StepType(
            "paused",
            "The job waits to be resumed.",
            "`paused` alone, or `paused: {for: 5s}`, or `paused: {until: resume}`",
        ),
        StepType(
            "completed",
            "All bytes are there. Only `gone` can come after it.",
            "`completed` alone, or `completed: {for: 5s}`",
            add=_completed,
        ),
        StepType(
            "failed",
            "The job has broken off; a later step may take it up again.",
            "`failed` alone, or `failed: {until: resume}`",
        ),
        StepType(
            "gone",
            "The server has forgotten the job.",
            "`gone` alone, or `gone: {for: 5s}`",
            GoneFields,
        ),
    )
}


def definitions() -> dict[str, Schema]:
    """What the JSON Schema of a script refers to, by name: the step, and the settings of each."""
    properties = {
        kind.phase: {"description": kind.description, "$ref": f"#/$defs/{kind.schema_name}"}
        for kind in STEP_TYPES.values()
    }
    step = {
        "description": "A stretch of the job's life: a bare word, or a word with its settings.",
        "anyOf": [
            {"enum": [kind.phase for kind in STEP_TYPES.values() if kind.alone]},
            {
                "type": "object",
                "minProperties": 1,
                "maxProperties": 1,
                "additionalProperties": False,
                "properties": properties,
            },
        ],
        "examples": [
            {"downloading": {"for": "8s", "to": "40%"}},
            {"downloading": {"hold": True, "for": "30s"}},
            {"failed": {"until": "resume"}},
            "completed",
        ],
    }
    return {
        "step": step,
        **{kind.schema_name: kind.fields.schema() for kind in STEP_TYPES.values()},
    }
