"""The root of our errors, and those that are about a file or a place in a text."""

from collections.abc import Iterable
from dataclasses import KW_ONLY, dataclass
from typing import dataclass_transform

_SHOWN_WIDTH = 100


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known word that `word` was most likely meant to be, or None when none is close."""
    from difflib import get_close_matches

    by_folded: dict[str, str] = {}
    for candidate in known:
        by_folded.setdefault(candidate.casefold(), candidate)
    close = get_close_matches(word.casefold()[:200], by_folded, n=1, cutoff=0.6)
    return by_folded[close[0]] if close else None


def visible(text: str) -> str:
    """`text` on one line and safe for a terminal: what cannot be printed is shown as an escape."""
    return "".join(
        ch if ch.isprintable() else ch.encode("unicode_escape", "surrogatepass").decode("ascii")
        for ch in text
    )


@dataclass_transform(eq_default=False)
class MockServerError(Exception):
    """A fault that is not our own: each kind is a dataclass of facts, and a sentence of them."""

    def __init_subclass__(cls) -> None:
        # Without `eq`, which would take away the hash that tracebacks need.
        dataclass(eq=False, repr=False)(cls)

    def __reduce__(self) -> tuple[object, ...]:
        # Keyword-only facts would be lost by Exception's own way of pickling (process pools do it).
        return (_restore, (type(self), self.args, self.__dict__))


def _restore(
    cls: type[MockServerError], args: tuple[object, ...], facts: dict[str, object]
) -> MockServerError:
    error = cls.__new__(cls, *args)
    error.__dict__.update(facts)
    return error


class SourceError(MockServerError):
    """A fault at a place in a text.

    `line` and `column` count from 1; `source_line` is the text's own line. `expected` says what
    would have been right, `suggestion` is the nearest right word. Both may be None.
    """

    path: str
    line: int
    column: int | None
    source_line: str
    problem: str
    _: KW_ONLY
    expected: str | None = None
    suggestion: str | None = None

    @property
    def summary(self) -> str:
        """The first line of the sentence: place, problem, what was expected, the nearest word."""
        place = f"{self.path}:{self.line}" + (f":{self.column}" if self.column else "")
        parts = [f"{place}: {visible(self.problem)}"]
        if self.expected:
            parts.append(f"expected {visible(self.expected)}")
        if self.suggestion:
            parts.append(f"did you mean {visible(self.suggestion)}?")
        return "; ".join(parts)

    def __str__(self) -> str:
        return "\n".join([self.summary, *self._excerpt()])

    def _excerpt(self) -> list[str]:
        if not self.source_line.strip():
            return []
        if self.column is None:
            return [f"  {visible(self.source_line[:_SHOWN_WIDTH])}"]
        index = min(self.column - 1, len(self.source_line))
        start = max(0, index - _SHOWN_WIDTH // 2)
        before = ("…" if start else "") + visible(self.source_line[start:index])
        after = visible(self.source_line[index : start + _SHOWN_WIDTH])
        return [f"  {before}{after}", f"  {' ' * len(before)}^"]


class PageError(SourceError):
    """A Markdown page that the spec language does not allow."""


class YamlError(SourceError):
    """Text that is not the YAML we read: broken, unsafe, or too large."""


class JsonTextError(SourceError):
    """Text that is not strictly JSON. `rule` is the id of the rule of JSON that it breaks."""

    _: KW_ONLY
    rule: str = "json:syntax"
    pointer: str = ""


class FormatError(SourceError):
    """Data of another form than its format wants; `pointer` (JSON) leads to the wrong value."""

    _: KW_ONLY
    pointer: str = ""


class TimelineError(FormatError):
    """A timeline that the fixture format does not allow."""


class BaselineError(FormatError):
    """A file of accepted findings that does not have the form of one."""


class UnreadableFile(MockServerError):
    """A file that cannot be read, or is not UTF-8 text. `reason` says why."""

    path: str
    reason: str

    def __str__(self) -> str:
        return f"{self.path}: {self.reason}"


class TrafficError(UnreadableFile):
    """Recorded traffic that does not have the form of it.

    `pointer` is the JSON pointer of the value that is wrong. `found` says of what kind it is, not
    what it is: it may be a secret.
    """

    def __init__(self, path: str, pointer: str, expected: str, found: str) -> None:
        self.pointer = pointer
        self.expected = expected
        self.found = found
        place = visible(pointer) or "the whole document"
        super().__init__(path, f"{place}: expected {expected}, found {found}")


class UnwritableFile(MockServerError):
    """A file that cannot be written; what was there before is untouched."""

    path: str
    reason: str

    def __str__(self) -> str:
        return f"{self.path}: cannot be written: {self.reason}"
