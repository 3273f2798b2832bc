"""Which of the requests that a fault concerns it strikes: by number, by time, by chance."""

import hashlib
import re
from dataclasses import dataclass, replace
from typing import Any

from mockserver.documents.fields import Field, Members
from mockserver.documents.kinds import WHOLE_NUMBER, Kind, Needs
from mockserver.documents.node import Node
from mockserver.documents.text import duration
from mockserver.documents.units import DURATION, PERCENTAGE, PERCENTAGES, duration_text, read_share

_NUMBER = "[1-9][0-9]{0,8}"
_REQUESTS = re.compile(f"({_NUMBER})(?:(-)({_NUMBER})?)?")
_REQUESTS_EXPECTED = "which matching request, counted from 1: 3, or 3-5, or 3- for all from there"


@dataclass(frozen=True, slots=True)
class When:
    """Which of the matching requests: all of them, unless narrowed.

    `first` and `last` count matching requests from 1, both included; `last` None is no end.
    `after_ms` and `lasts_ms` are a window of the clock, from the timeline's beginning, half-open;
    `lasts_ms` None is no end. Of the requests that these cover, each is struck with `probability`.
    Which ones follows from `seed` and their numbers alone, in every run and process.
    """

    first: int = 1
    last: int | None = None
    after_ms: int = 0
    lasts_ms: int | None = None
    probability: float = 1.0
    seed: int = 0

    def covers(self, number: int, elapsed_ms: int) -> bool:
        """Whether the matching request with this number, at this time, is one of them."""
        if not self.first <= number <= (self.last or number):
            return False
        return self.is_open(elapsed_ms) and (self.probability >= 1 or self._draws(number))

    def is_open(self, elapsed_ms: int) -> bool:
        """Whether the window of the clock is open at this time of the timeline."""
        return self.after_ms <= elapsed_ms and (
            self.lasts_ms is None or elapsed_ms < self.after_ms + self.lasts_ms
        )

    def _draws(self, number: int) -> bool:
        # No generator of the library's: a user's seed or patch would change what it draws.
        digest = hashlib.sha256(f"{self.seed}\n{number}".encode()).digest()
        return int.from_bytes(digest[:8], "big") < self.probability * 2.0**64

    def data(self) -> dict[str, Any]:
        """The members of `when`, as a file has them; none where it is always."""
        data: dict[str, Any] = {}
        if self.first == self.last:
            data["request"] = self.first
        elif self.first > 1 or self.last is not None:
            data["request"] = f"{self.first}-{self.last or ''}"
        if self.after_ms:
            data["after"] = duration_text(self.after_ms)
        if self.lasts_ms is not None:
            data["for"] = duration_text(self.lasts_ms)
        if self.probability < 1 or self.seed:
            data |= {"probability": self.probability, "seed": self.seed}
        return data

    def words(self, what: str) -> str:
        """`3rd job_status request, from 5 s on, with a chance of 30 %`; `what` is one request."""
        first, last = self.first, self.last
        requests = f"every {what}" if first == 1 else f"every {what} from the {_ordinal(first)} on"
        if last is not None:
            requests = f"{_ordinal(first)} {'' if last == first else f'to {_ordinal(last)} '}{what}"
        chance = f", with a chance of {100 * self.probability:g} %" if self.probability < 1 else ""
        return requests + self.window_in_words() + chance

    def window_in_words(self) -> str:
        """`, from 5 s to 8 s`; empty when it is always open."""
        if self.lasts_ms is None:
            return f", from {duration(self.after_ms)} on" if self.after_ms else ""
        ends = duration(self.after_ms + self.lasts_ms)
        return f", from {duration(self.after_ms)} to {ends}" if self.after_ms else f", until {ends}"


ALWAYS = When()


def _ordinal(number: int) -> str:
    teen = number // 10 % 10 == 1
    ending = "th" if teen else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number:,}{ending}"


def _read_requests(node: Node) -> tuple[int, int | None]:
    match = _REQUESTS.fullmatch(str(node.value)) if type(node.value) in (int, str) else None
    if match is None:
        raise node.wrong(_REQUESTS_EXPECTED)
    first = int(match[1])
    last = first if match[2] is None else int(match[3]) if match[3] else None
    if last is not None and last < first:
        problem = f"{node.name} ends before it begins"
        raise node.error(problem, _REQUESTS_EXPECTED, f"{last}-{first}")
    return first, last


def _read_probability(node: Node) -> float:
    value = node.value
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
        value = float(read_share(node, _PROBABILITIES))
    if not value:
        raise node.error(f"{node.name} is no chance at all", "more than 0%")
    return float(value)


_NO_CHANCE = "`seed` without `probability`: nothing is left to chance"
_PROBABILITIES = f"{PERCENTAGES}, or a share of at most 1"
_REQUEST: Kind[tuple[int, int | None]] = Kind(
    "`3`, `3-5` or `3-`",
    _read_requests,
    {
        "anyOf": [
            {"type": "integer", "minimum": 1, "maximum": 999_999_999},
            {"type": "string", "pattern": f"^{_NUMBER}(?:-(?:{_NUMBER})?)?$"},
        ]
    },
)
_PROBABILITY = Kind(
    _PROBABILITIES,
    _read_probability,
    {
        "anyOf": [
            {**PERCENTAGE.reference, "pattern": "[1-9]"},
            {"type": "number", "exclusiveMinimum": 0, "maximum": 1},
        ]
    },
)


class WhenMembers(Members):
    """Requests by number, by time, or by both."""

    request = Field(
        _REQUEST,
        "Which matching request, counted from 1: 3, or 3-5, or 3- for all from there.",
        examples=[3, "3-5", "3-"],
    )
    after = Field(DURATION, "From when on, after the timeline's beginning.")
    lasts = Field(DURATION, "For how long from there; for ever unless given.", key="for")
    probability = Field(
        _PROBABILITY,
        "With which chance each of them is struck: a percentage, or a share of at most 1.",
        examples=["30%", 0.3],
    )
    seed = Field(
        WHOLE_NUMBER,
        "Decides which requests the chance strikes, the same in every run; unless given, the "
        "fault's place in the list, from 0.",
        examples=[7],
    )
    RULES = (Needs("seed", "probability", _NO_CHANCE, "probability: 30%"),)

    def to_when(self, seed: int) -> When:
        """The record; `seed` is that of its chance, unless it names its own."""
        when = When(*(self.request or (1, None)), self.after or 0, self.lasts)
        if self.probability is None:
            return when
        own = seed if self.seed is None else self.seed
        return replace(when, probability=self.probability, seed=own)


WHEN = WhenMembers.kind("`request`, `after`, `for`, `probability` and `seed`", "when")
