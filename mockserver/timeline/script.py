"""A job's script: how each kind of step is written, and what it makes of time and bytes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from mockserver.errors import nearest
from mockserver.timeline.model import Status, Step
from mockserver.timeline.node import Node
from mockserver.timeline.units import PERCENTAGES, percentage

__all__ = ["MAX_SCRIPT_MS", "read_script"]

MAX_SCRIPT_MS = 10 * 365 * 24 * 3_600_000
"""Ten years: the longest a script may take, so that no instant in it lies beyond the year 9999."""

_DOWNLOADING = "downloading: {for: 8s, to: 40%}"
_LAST = "`completed`, `failed` or `paused` (without `for`) as the last step"


@dataclass(slots=True)
class _Script:
    """The steps read so far, and where they lead."""

    total_bytes: int
    steps: list[Step] = field(default_factory=list)
    elapsed_ms: int = 0
    arrived_bytes: int = 0

    def add(self, status: Status, duration: int | None = None, to: int | None = None) -> None:
        """Append a step; without a duration it lasts for ever."""
        ends = None if duration is None else self.elapsed_ms + duration
        to_bytes = self.arrived_bytes if to is None else to
        self.steps.append(Step(status, self.elapsed_ms, ends, self.arrived_bytes, to_bytes))
        self.elapsed_ms = self.elapsed_ms if ends is None else ends
        self.arrived_bytes = to_bytes

    @property
    def is_over(self) -> bool:
        """Whether the last step lasts for ever."""
        return bool(self.steps) and self.steps[-1].ends_ms is None


def read_script(node: Node, total_bytes: int) -> tuple[Step, ...]:
    """The steps in order, the last of them for ever; TimelineError where the rules are broken."""
    script = _Script(total_bytes)
    step = node
    for step in node.items("step"):
        kind, settings = _kind_of(step)
        if script.is_over:
            problem = f"{step.name} can never begin: {script.steps[-1].status} lasts for ever"
            raise step.error(problem, "it to be the last step")
        _KINDS[kind](step, settings, script)
    if not script.is_over:
        raise step.error("the script breaks off: its last step comes to an end", _LAST)
    return tuple(script.steps)


def _kind_of(step: Node) -> tuple[str, Node | None]:
    """A step's kind and its settings; a step that is a bare word has none."""
    if isinstance(step.value, str):
        word, settings, named = step.value, None, step
    elif isinstance(step.value, dict) and step.value:
        word, value = next(iter(step.value.items()))
        settings = named = step.child(word, value)
    else:
        raise step.wrong(f"a step such as `{_DOWNLOADING}`")
    if word not in _KINDS:
        expected = ", ".join(_KINDS)
        raise named.error(f"unknown step {word!r}", expected, nearest(word, _KINDS), key=True)
    if isinstance(step.value, dict) and len(step.value) > 1:
        second = step.child(list(step.value)[1], None)
        problem = f"{step.name} is more than one thing"
        expected = f"one step, with all that belongs to it in braces: `{_DOWNLOADING}`"
        raise second.error(problem, expected, key=True)
    return word, settings


def _downloading(step: Node, settings: Node | None, script: _Script) -> None:
    if settings is None:
        raise step.error("downloading for how long, and how far?", f"`{_DOWNLOADING}`")
    if not isinstance(settings.value, dict):
        raise settings.wrong(f"`{_DOWNLOADING}`")
    members = settings.fields(("for", "to"), ())
    script.add("downloading", _duration(members["for"], script), _goal(members["to"], script))


def _paused(step: Node, settings: Node | None, script: _Script) -> None:
    if settings is None:
        script.add("paused")
        return
    if not settings.value or not isinstance(settings.value, dict):
        raise settings.wrong("`paused` alone, or `paused: {for: 5s}`")
    script.add("paused", _duration(settings.fields(("for",), ())["for"], script))


def _completed(step: Node, settings: Node | None, script: _Script) -> None:
    _without_settings(settings)
    missing = script.total_bytes - script.arrived_bytes
    if missing:
        problem = f"completed, with {missing} of {script.total_bytes} bytes missing"
        raise step.error(problem, "`downloading` with `to: 100%` before it", key=True)
    script.add("completed")


def _failed(step: Node, settings: Node | None, script: _Script) -> None:
    _without_settings(settings)
    script.add("failed")


_KINDS: dict[str, Callable[[Node, Node | None, _Script], None]] = {
    "downloading": _downloading,
    "paused": _paused,
    "completed": _completed,
    "failed": _failed,
}


def _without_settings(settings: Node | None) -> None:
    if settings is not None:
        problem = f"{settings.name} takes no settings"
        raise settings.error(problem, f"{settings.name} alone, without a colon", key=True)


def _duration(node: Node, script: _Script) -> int:
    duration = node.duration()
    if script.elapsed_ms + duration > MAX_SCRIPT_MS:
        raise node.error("the script takes more than ten years", "at most 87600h in all")
    return duration


def _goal(node: Node, script: _Script) -> int:
    """The bytes that are there when the step ends: more than before, at most the whole."""
    total, arrived = script.total_bytes, script.arrived_bytes
    if isinstance(node.value, int) and not isinstance(node.value, bool):
        goal = node.byte_count()
        shown = f"{goal} bytes"
    else:
        goal = _share(node, total)
        shown = f"{node.value} ({goal} bytes)"
    if goal > total:
        raise node.error(f"{node.name} is {shown}, more than the whole", f"at most {total}")
    if arrived == total:
        problem = f"{node.name} is {shown}, but all {total} bytes are there already"
        raise node.error(problem, "no downloading after the last byte")
    if goal <= arrived:
        problem = f"{node.name} is {shown}, and {arrived} bytes are there already"
        raise node.error(problem, f"more than {arrived} bytes, at most {total}")
    return goal


def _share(node: Node, total: int) -> int:
    expected = f"{PERCENTAGES}, or a whole number of bytes"
    value = node.value
    if not isinstance(value, str):
        raise node.wrong(expected, f"{value}%" if isinstance(value, float) else None)
    try:
        return int(total * percentage(value))
    except ValueError as error:
        joined = "".join(value.split())
        guesses = (joined, joined.removesuffix("percent") + "%")
        suggestion = next((guess for guess in guesses if _is_percentage(guess)), None)
        raise node.error(str(error), expected, suggestion) from None


def _is_percentage(text: str) -> bool:
    try:
        percentage(text)
    except ValueError:
        return False
    return True
