"""Scripts of jobs as a timeline file holds them: legal by construction, whatever is drawn."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from hypothesis import strategies as st

from mockserver.documents.units import percentage

Document: TypeAlias = dict[str, Any]
"""A mapping as a timeline file holds it."""

StepKind: TypeAlias = Literal["growing", "holding", "paused", "failed", "completed", "gone"]
"""What a step can be: its phase, except that a download with and without new bytes are two."""

_PERCENTAGES = ("100%", "10%", "33.3%", "75%", "100.0%")
_MINUTE_MS = 60_000


@st.composite
def durations(draw: st.DrawFn, lengths_ms: st.SearchStrategy[int]) -> str:
    """A duration of at least a millisecond, in one of the ways to write it."""
    length = draw(lengths_ms)
    seconds, rest = divmod(length, 1000)
    minutes, second = divmod(seconds, 60)
    ways = [f"{seconds}s"] if not rest else []
    ways += [f"{length}ms", f"{seconds}.{rest:03}s", f"{minutes}m{second}s{rest}ms"]
    if not length % _MINUTE_MS:
        ways.append(f"{length // _MINUTE_MS}m")
    return draw(st.sampled_from(ways))


_durations = durations(
    st.sampled_from([1_000, 2_000, 5_000, 10_000, 30_000, 120_000, 3_600_000])
    | st.integers(1, 60_000)
)
_sizes = st.sampled_from([1_000, 2_279_145_003, 0, 1, 124_196_907_504]) | st.integers(0, 2**53 - 1)
_models = st.sampled_from(["ibm/granite-4-micro", "qwen/qwen3-4b", "openai/gpt-oss-20b"])


@dataclass(frozen=True, slots=True)
class Elements:
    """What jobs are made of.

    `events` are those that steps wait for, if any; `reports` give what a step reports, omits, or
    breaks. `percentages`: a step may say how far it goes as a share, too. Bytes that are missing
    where a job is to end completed arrive in `rest_lasts`.
    """

    durations: st.SearchStrategy[str] = _durations
    sizes: st.SearchStrategy[int] = _sizes
    models: st.SearchStrategy[str] = _models
    events: tuple[str, ...] = ("resume", "go")
    reports: Callable[[StepKind], st.SearchStrategy[Document]] = lambda kind: st.builds(dict)
    percentages: bool = True
    rest_lasts: str = "1s"
    max_steps: int = 6


@st.composite
def scripts(draw: st.DrawFn, total: int, elements: Elements) -> list[Any]:
    """A legal script for a job of this many bytes; it shrinks to a download that completes."""
    script = _ScriptBuilder(draw, total, elements)
    for _ in range(elements.max_steps):
        kind = draw(st.sampled_from([None, *script.kinds()]))
        if kind is None:
            break
        script.add(kind)
    script.end(draw(st.sampled_from(script.endings())))
    return script.steps


@dataclass(slots=True)
class _ScriptBuilder:
    """A script as it is drawn: where it has come to decides what may follow."""

    draw: st.DrawFn
    total: int
    elements: Elements
    arrived: int = 0
    has_speed: bool = False
    is_completed: bool = False
    steps: list[Any] = field(default_factory=list)

    def kinds(self) -> list[StepKind]:
        """What a step can be that comes to an end."""
        if self.is_completed:
            return ["gone"]
        growing: list[StepKind] = ["growing"] if self.arrived < self.total or not self.total else []
        kinds: list[StepKind] = [*growing, *growing, *growing, "paused", "failed", "gone"]
        if self.has_speed:
            kinds.append("holding")
        if self.arrived == self.total:
            kinds.append("completed")
        return kinds

    def endings(self) -> list[StepKind]:
        """What the last step can be; bytes that are missing come before it is completed."""
        if self.is_completed:
            return ["gone"]
        endings: list[StepKind] = ["completed", "failed", "paused", "gone"]
        return [*endings, "holding"] if self.has_speed else endings

    def end(self, kind: StepKind) -> None:
        if kind == "completed" and self.arrived < self.total:
            # With nothing more to draw than for the other endings, this one is the simplest.
            goal = "100%" if self.elements.percentages else self.total
            self._grow(goal, self.elements.rest_lasts)
        self._append(kind, {})

    def add(self, kind: StepKind) -> None:
        if kind == "growing":
            self._grow(self._goal(), self.draw(self.elements.durations))
            return
        ends = {"for": self.elements.durations}
        ways: list[tuple[str, ...]] = [("for",)]
        if self.elements.events:
            ends["until"] = st.sampled_from(self.elements.events)
            ways = [("for",), ("until",), ("for", "until")]
        self._append(kind, {key: self.draw(ends[key]) for key in self.draw(st.sampled_from(ways))})

    def _grow(self, goal: int | str, duration: str) -> None:
        share = int(self.total * percentage(goal)) if isinstance(goal, str) else goal
        self.arrived, self.has_speed = share, True
        self._append("growing", {"for": duration, "to": goal})

    def _goal(self) -> int | str:
        """How far a step comes: further than the one before, unless there is nothing to fetch."""
        least = self.arrived + 1 if self.total else 0
        goals = [text for text in _PERCENTAGES if int(self.total * percentage(text)) >= least]
        if goals and self.elements.percentages and self.draw(st.booleans()):
            return self.draw(st.sampled_from(goals))
        if not self.total:
            return 0
        return self.draw(st.just(self.total) | st.integers(self.arrived + 1, self.total))

    def _append(self, kind: StepKind, settings: Document) -> None:
        if kind == "holding":
            settings["hold"] = True
        if kind != "gone":
            settings |= self.draw(self.elements.reports(kind))
        self.is_completed |= kind == "completed"
        phase = "downloading" if kind in ("growing", "holding") else kind
        self.steps.append({phase: settings} if settings else phase)
