"""Timelines as the text of a file, and its parts as data."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from mockserver.documents.text import wrapped
from mockserver.documents.units import duration_text
from mockserver.timeline.model import Step

_WIDTH = 98
_UNWRITABLE = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")


def step_entry(step: Step, lasts_ms: int | None, omit: Sequence[str] = ()) -> Any:
    """A step of a script that lasts so long; `omit` in this order."""
    settings: dict[str, Any] = {}
    if lasts_ms is not None:
        settings["for"] = duration_text(lasts_ms)
    if step.phase == "downloading":
        settings |= {"hold": True} if step.lasts_ms is None else {"to": step.to_bytes}
    if step.overrides.values:
        settings["report"] = dict(step.overrides.values)
    if omit:
        settings["omit"] = list(omit)
    if step.overrides.off_contract:
        settings["off_contract"] = True
    return {step.phase: settings} if settings else step.phase


def timeline_text(document: Mapping[str, Any], comments: Sequence[str] = ()) -> str:
    """What a file holds as YAML, one step and one member of a fault a line."""
    lines = [f"# {line}" for comment in comments for line in wrapped(comment, _WIDTH - 2)]
    for name, value in document.items():
        if name not in ("jobs", "faults"):
            lines.append(f"{name}: {_quoted(value)}")
    lines.append("jobs:")
    for job in document["jobs"]:
        lines += _item({name: value for name, value in job.items() if name != "script"})
        lines += ["    script:", *(f"      - {_step(step)}" for step in job["script"])]
    if faults := document.get("faults"):
        lines.append("faults:")
        for fault in faults:
            lines += _item(fault)
    return "\n".join(lines) + "\n"


def _item(members: Mapping[str, Any]) -> Iterator[str]:
    for number, (name, value) in enumerate(members.items()):
        yield f"  {'  ' if number else '- '}{name}: {_quoted(value)}"


def _step(step: Any) -> str:
    if isinstance(step, str):
        return step
    ((phase, settings),) = step.items()
    return f"{phase}: {_quoted(settings)}"


def _quoted(value: Any) -> str:
    """JSON, which is YAML as well once what YAML has no characters for is escaped."""
    text = json.dumps(value, ensure_ascii=False)
    return _UNWRITABLE.sub(lambda found: f"\\u{ord(found[0]):04x}", text)
