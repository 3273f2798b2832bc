"""Writes what follows from the format's field table: its JSON Schema, and its reference page.

python tests/support/timeline_format.py
"""

import json
from pathlib import Path
from string import Template
from typing import Any

from mockserver import resources
from mockserver.documents.fields import Members
from mockserver.documents.kinds import Kind
from mockserver.documents.units import DURATION, PERCENTAGE
from mockserver.faults.reader import FaultMembers
from mockserver.faults.reply import ReplyMembers, ViolateMembers
from mockserver.faults.transport import DisconnectMembers
from mockserver.faults.when import WhenMembers
from mockserver.timeline.fields import GoodClientFields, TimelineFields, schema
from mockserver.timeline.job_fields import DATE_TIME, JobFields
from mockserver.timeline.script import EVENT
from mockserver.timeline.steps import STEP_TYPES

FOLDER = resources.folder("fixtures")


def schema_text() -> str:
    return json.dumps(schema(), indent=2, ensure_ascii=False) + "\n"


def reference_text() -> str:
    template = Template(Path(__file__).with_name("TIMELINES.template.md").read_text("utf-8"))
    settings: dict[type[Members], list[str]] = {}
    for step in STEP_TYPES.values():
        settings.setdefault(step.fields, []).append(f"`{step.phase}`")
    parts_of_faults: dict[str, type[Members]] = {
        "`when`": WhenMembers,
        "`reply`": ReplyMembers,
        "`violate`": ViolateMembers,
        "`disconnect`": DisconnectMembers,
    }
    steps = [
        f"| `{step.phase}` | {step.description} | {step.usage} |" for step in STEP_TYPES.values()
    ]
    kinds: tuple[Kind[Any], ...] = (DURATION, PERCENTAGE, DATE_TIME, EVENT)
    values = [
        f"- {kind.expected[0].upper()}{kind.expected[1:]}. {kind.schema['description']}"
        for kind in kinds
    ]
    return template.substitute(
        a_timeline=_section("A timeline", TimelineFields),
        good_client=_section("`good_client`", GoodClientFields),
        a_job=_section("A job", JobFields),
        steps="\n".join(steps),
        settings="\n".join(
            _section(", ".join(names), fields, "###") for fields, names in settings.items()
        ),
        a_fault=_section("A fault", FaultMembers),
        parts_of_faults="\n".join(
            _section(name, fields, "###") for name, fields in parts_of_faults.items()
        ),
        values="\n".join(values),
    )


def _section(title: str, fields: type[Members], level: str = "##") -> str:
    description = fields.schema()["description"]
    return f"{level} {title}\n\n{description}\n\n{reference(fields)}"


def reference(fields: type[Members]) -> str:
    """A Markdown table of the members, for readers."""
    lines = ["| key | value | what it says |", "|---|---|---|"]
    for key, field in fields.FIELDS.items():
        about = field.description + (" Required." if field.required else "")
        expected = field.kind.expected.replace("|", r"\|")
        lines.append(f"| `{key}` | {expected} | {about} |")
    return "\n".join(lines) + "\n"


FILES = {"timeline.schema.json": schema_text, "TIMELINES.md": reference_text}

if __name__ == "__main__":
    for name, text in FILES.items():
        (FOLDER / name).write_text(text(), encoding="utf-8")
