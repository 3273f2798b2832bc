"""Writes what follows from the format's field table: its JSON Schema, and its reference page.

python tests/support/timeline_format.py
"""

from __future__ import annotations

import json
from collections.abc import Iterator
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
_INTRODUCTION = """\
# The format of timelines

A timeline is a file in YAML 1.2, or in JSON: jobs, what becomes of each, and what goes wrong on the
way. This page is made from the table that also reads such files, and so is
[timeline.schema.json](timeline.schema.json), which lets an editor help while you type: the first
line of a file, `# yaml-language-server: $schema=…`, names it.

```yaml
description: Pauses at 40 %, fails, resumes when asked to, completes; the third poll gets a 503.
edition: 2025-10
jobs:
  - job_id: job_493c7c9ded
    model: ibm/granite-4-micro
    total_size_bytes: 2279145003
    script:
      - downloading: {for: 8s, to: 40%}     # at even speed, up to a share or a number of bytes
      - downloading: {hold: true, for: 3s}  # stalls: bytes and reported speed stand still
      - paused: {for: 5s}
      - failed: {until: resume}             # until an event
      - downloading: {for: 12s, to: 100%}
      - completed: {for: 1m}                # or alone, for ever
      - gone                                # the server has forgotten the job: 404
faults:
  - operation: job_status                   # or `path`; every request without either
    when: {request: 3}
    reply: {status: 503, headers: {Retry-After: "2"}}
```

Bytes, speed, estimated completion and times are computed from the script and the clock, so that
they agree with each other, and the list of jobs with each single job.
"""
_STEPS = """\
A step is a bare word, or a word with its settings in braces. It ends after its `for`, or at the
event of its `until`; with both, at whichever comes first; with neither, never. The event `resume`
is also a client's request for the job's model, `request` begins a job that begins `on request`.
`POST /_mock/events` sends any.
"""
_FAULTS = """\
Of two faults that fit a request, the first strikes. What one does beside `reply` is done to
whichever reply is sent, the real one or that of `reply`.
"""


def schema_text() -> str:
    return json.dumps(schema(), indent=2, ensure_ascii=False) + "\n"


def reference_text() -> str:
    settings: dict[type[Members], list[str]] = {}
    for kind in STEP_TYPES.values():
        settings.setdefault(kind.fields, []).append(f"`{kind.phase}`")
    parts_of_faults = {
        "`when`": WhenMembers,
        "`reply`": ReplyMembers,
        "`violate`": ViolateMembers,
        "`disconnect`": DisconnectMembers,
    }
    return "\n".join(
        [
            _INTRODUCTION,
            _section("A timeline", TimelineFields),
            _section("`good_client`", GoodClientFields),
            _section("A job", JobFields),
            f"## The steps of a script\n\n{_STEPS}",
            *_steps(),
            *(_section(", ".join(names), fields, "###") for fields, names in settings.items()),
            _section("A fault", FaultMembers) + "\n" + _FAULTS,
            *(_section(name, fields, "###") for name, fields in parts_of_faults.items()),
            "## Values\n",
            *_values(),
            "",
        ]
    )


def _steps() -> Iterator[str]:
    yield "| step | what it is | how it is written |"
    yield "|---|---|---|"
    for kind in STEP_TYPES.values():
        yield f"| `{kind.phase}` | {kind.description} | {kind.usage} |"
    yield ""


def _values() -> Iterator[str]:
    kinds: tuple[Kind[Any], ...] = (DURATION, PERCENTAGE, DATE_TIME, EVENT)
    for kind in kinds:
        yield f"- {kind.expected[0].upper()}{kind.expected[1:]}. {kind.schema['description']}"


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
