"""A job's script: how each kind of step is written, and what it makes of time and bytes."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from mockserver.documents.node import Node
from mockserver.documents.units import PERCENTAGES, percentage, read_duration
from mockserver.errors import nearest
from mockserver.timeline import overrides as report
from mockserver.timeline.model import Phase, Step

__all__ = ["MAX_SCRIPT_MS", "read_script"]

MAX_SCRIPT_MS = 10 * 365 * 24 * 3_600_000
"""Ten years: the longest a script may take, so that no instant in it lies beyond the year 9999."""
MAX_STEPS = 1_000

_DOWNLOADING = "downloading: {for: 8s, to: 40%}"
_HOLDING = "downloading: {hold: true, for: 30s}"
_ENDS = ("for", "until")
_EVENT_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
_LAST = "a last step without `for` and `until`, such as `completed`, `failed`, `paused` or `gone`"


@dataclass(slots=True)
class _Script:
    """The steps read so far, and where they lead."""

    total_bytes: int
    edition: str
    steps: list[Step] = field(default_factory=list)
    elapsed_ms: int = 0
    arrived_bytes: int = 0
    bytes_per_second: float | None = None

    def add(
        self,
        phase: Phase,
        settings: dict[str, Node],
        to_bytes: int | None = None,
        bytes_per_second: float | None = None,
    ) -> None:
        """Append a step whose end, and whatever it reports otherwise, the settings give."""
        lasts = self._duration(settings["for"]) if "for" in settings else None
        until = _event(settings["until"]) if "until" in settings else None
        goal = self.arrived_bytes if to_bytes is None else to_bytes
        step = Step(phase, lasts, until, self.arrived_bytes, goal, bytes_per_second)
        told = report.read_report(settings, step, self.total_bytes, self.edition)
        self.steps.append(replace(step, overrides=told))
        self.elapsed_ms += lasts or 0
        self.arrived_bytes = goal

    def _duration(self, node: Node) -> int:
        duration = read_duration(node)
        if self.elapsed_ms + duration > MAX_SCRIPT_MS:
            raise node.error("the script takes more than ten years", "at most 87600h in all")
        return duration

    @property
    def last(self) -> Step | None:
        return self.steps[-1] if self.steps else None


def read_script(node: Node, total_bytes: int, edition: str) -> tuple[Step, ...]:
    """The steps in order, the last of them for ever; TimelineError where the rules are broken."""
    script = _Script(total_bytes, edition)
    items = node.items("step")
    if len(items) > MAX_STEPS:
        raise node.error(f"a script of {len(items):,} steps", f"at most {MAX_STEPS:,}")
    for step in items:
        phase, settings = _phase_of(step)
        _refuse_after_the_end(step, phase, script)
        _PHASES[phase](step, settings, script)
    if script.last is not None and not script.last.is_endless:
        raise items[-1].error("the script breaks off: its last step comes to an end", _LAST)
    return tuple(script.steps)


def _phase_of(step: Node) -> tuple[Phase, Node | None]:
    """A step's phase and its settings; a step that is a bare word has none."""
    if isinstance(step.value, str):
        word, settings, named = step.value, None, step
    elif isinstance(step.value, dict) and step.value:
        word, value = next(iter(step.value.items()))
        settings = named = step.child(word, value)
    else:
        raise step.wrong(f"a step such as `{_DOWNLOADING}`")
    phase = next((one for one in _PHASES if one == word), None)
    if phase is None:
        expected = ", ".join(_PHASES)
        raise named.error(f"unknown step {word!r}", expected, nearest(word, _PHASES), key=True)
    if isinstance(step.value, dict) and len(step.value) > 1:
        second = step.child(list(step.value)[1], None)
        problem = f"{step.name} is more than one thing"
        expected = f"one step, with all that belongs to it in braces: `{_DOWNLOADING}`"
        raise second.error(problem, expected, key=True)
    return phase, settings


def _refuse_after_the_end(step: Node, phase: Phase, script: _Script) -> None:
    last = script.last
    if last is None:
        return
    if last.is_endless:
        problem = f"{step.name} can never begin: {last.phase} lasts for ever"
        raise step.error(problem, "it to be the last step, or a `for` or `until` in that one")
    if phase != "gone" and any(one.phase == "completed" for one in script.steps):
        problem = f"{step.name} is {phase}, but the job is completed by then"
        raise step.error(problem, "nothing after `completed`, or `gone`", key=True)


def _settings(settings: Node | None, alone: str, *more: str) -> dict[str, Node]:
    """The members of a step's settings; none for a step that is a bare word."""
    if settings is None:
        return {}
    if not settings.value or not isinstance(settings.value, dict):
        raise settings.wrong(alone)
    return settings.members((), (*more, *_ENDS, *report.KEYS))


def _downloading(step: Node, settings: Node | None, script: _Script) -> None:
    if settings is None:
        raise step.error("downloading for how long, and how far?", f"`{_DOWNLOADING}`")
    members = _settings(settings, f"`{_DOWNLOADING}`", "to", "hold")
    if "hold" in members and members["hold"].flag():
        _holding(settings, members, script)
        return
    for key in ("for", "to"):
        if key not in members:
            raise settings.error(f"{settings.name} has no `{key}`", f"`{_DOWNLOADING}`")
    if "until" in members:
        problem = "`until` would leave open how many bytes arrive"
        raise members["until"].error(problem, f"`for` alone, or `{_HOLDING}`", key=True)
    goal = _goal(members["to"], script)
    growth, lasts = goal - script.arrived_bytes, read_duration(members["for"])
    script.bytes_per_second = growth * 1000 / lasts
    script.add("downloading", members, goal, script.bytes_per_second)


def _holding(settings: Node, members: dict[str, Node], script: _Script) -> None:
    if "to" in members:
        raise members["to"].error("no byte arrives while it holds", f"`{_HOLDING}`", key=True)
    if script.bytes_per_second is None:
        problem = "nothing has been downloaded yet, so there is no speed to hold"
        raise settings.error(problem, f"a step like `{_DOWNLOADING}` before it", key=True)
    script.add("downloading", members, None, script.bytes_per_second)


def _paused(step: Node, settings: Node | None, script: _Script) -> None:
    alone = "`paused` alone, or `paused: {for: 5s}`, or `paused: {until: resume}`"
    script.add("paused", _settings(settings, alone))


def _completed(step: Node, settings: Node | None, script: _Script) -> None:
    missing = script.total_bytes - script.arrived_bytes
    if missing:
        problem = f"completed, with {missing} of {script.total_bytes} bytes missing"
        raise step.error(problem, "`downloading` with `to: 100%` before it", key=True)
    script.add("completed", _settings(settings, "`completed` alone, or `completed: {for: 5s}`"))


def _failed(step: Node, settings: Node | None, script: _Script) -> None:
    alone = "`failed` alone, or `failed: {until: resume}`"
    script.add("failed", _settings(settings, alone))


def _gone(step: Node, settings: Node | None, script: _Script) -> None:
    members = _settings(settings, "`gone` alone, or `gone: {for: 5s}`")
    for key in report.KEYS:
        if key in members:
            problem = f"{key} in a step in which nothing is reported"
            raise members[key].error(problem, "for or until", key=True)
    script.add("gone", members)


_PHASES: dict[Phase, Callable[[Node, Node | None, _Script], None]] = {
    "downloading": _downloading,
    "paused": _paused,
    "completed": _completed,
    "failed": _failed,
    "gone": _gone,
}


def _event(node: Node) -> str:
    expected = "the name of an event, such as resume"
    name = node.text(expected)
    if not _EVENT_NAME.fullmatch(name):
        raise node.wrong(expected + ": at most 64 letters a to z, digits, - and _")
    return name


def _goal(node: Node, script: _Script) -> int:
    """The bytes that are there when the step ends: more than before, at most the whole."""
    total, arrived = script.total_bytes, script.arrived_bytes
    if isinstance(node.value, int) and not isinstance(node.value, bool):
        goal = node.whole_number("a whole number of bytes")
        shown = f"{goal} bytes"
    else:
        goal = _share(node, total)
        shown = f"{node.value} ({goal} bytes)"
    if goal > total:
        raise node.error(f"{node.name} is {shown}, more than the whole", f"at most {total}")
    if arrived == total != 0:
        problem = f"{node.name} is {shown}, but all {total} bytes are there already"
        raise node.error(problem, f"`{_HOLDING}` to stay there")
    if goal <= arrived and total:
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
