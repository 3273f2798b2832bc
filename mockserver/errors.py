"""What can go wrong outside our code: each error holds its facts, `__str__` makes the sentence."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

__all__ = [
    "AddressUnavailable",
    "BadAddress",
    "BadHeader",
    "BaselineError",
    "FormatError",
    "JsonTextError",
    "MockServerError",
    "NeverHappens",
    "NotJson",
    "NothingToRecord",
    "OwnReplyInvalid",
    "PageError",
    "SourceError",
    "TimelineError",
    "TooMany",
    "TrafficError",
    "UnfitSchema",
    "UnknownName",
    "UnreachableServer",
    "UnreadableFile",
    "UnwritableFile",
    "YamlError",
    "nearest",
]

_SHOWN_WIDTH = 100
_SHOWN_NAMES = 12


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


class MockServerError(Exception):
    """Everything that this package raises for a fault that is not its own."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence

    def __str__(self) -> str:
        return self.sentence

    def __reduce__(self) -> tuple[object, ...]:
        # Keyword-only facts would be lost by Exception's own way of pickling (process pools do it).
        return (_restore, (type(self), self.__dict__))


def _restore(cls: type[MockServerError], facts: dict[str, object]) -> MockServerError:
    error = cls.__new__(cls)
    error.__dict__.update(facts)
    return error


class SourceError(MockServerError):
    """A fault at a place in a text.

    `line` and `column` count from 1; `source_line` is the text's own line. `expected` says what
    would have been right, `suggestion` is the nearest right word. Both may be None.
    """

    def __init__(
        self,
        path: str,
        line: int,
        column: int | None,
        source_line: str,
        problem: str,
        *,
        expected: str | None = None,
        suggestion: str | None = None,
    ) -> None:
        self.path = path
        self.line = line
        self.column = column
        self.source_line = source_line
        self.problem = problem
        self.expected = expected
        self.suggestion = suggestion
        super().__init__(problem)

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

    def __init__(
        self,
        rule: str,
        path: str,
        line: int,
        column: int | None,
        source_line: str,
        problem: str,
        *,
        expected: str | None = None,
        pointer: str = "",
    ) -> None:
        self.rule = rule
        self.pointer = pointer
        super().__init__(path, line, column, source_line, problem, expected=expected)


class FormatError(SourceError):
    """Data that does not have the form that its format wants.

    `pointer` is the JSON pointer of the value that is wrong; "" is the whole document.
    """

    pointer: str = ""


class TimelineError(FormatError):
    """A timeline that the fixture format does not allow."""


class BaselineError(FormatError):
    """A file of accepted findings that does not have the form of one."""


class UnfitSchema(MockServerError):
    """A schema that payloads cannot be built for: not one that pages compile to, or impossible."""

    def __init__(self, reason: str, name: str = "") -> None:
        self.reason = reason
        self.name = name
        super().__init__(f"no payloads can be built for {visible(name) or 'this schema'}: {reason}")


class UnknownName(MockServerError):
    """A word from outside that names nothing we have: an edition, an operation, a timeline.

    `where` is what was searched, when there is more than one such place.
    """

    def __init__(self, kind: str, name: str, known: Sequence[str], where: str = "") -> None:
        self.kind = kind
        self.name = name
        self.known = tuple(known)
        self.where = where
        self.suggestion = nearest(name, known)
        sentence = f"unknown {kind} {visible(repr(name))}" + (f" in {where}" if where else "")
        if self.suggestion:
            sentence += f"; did you mean {self.suggestion}?"
        if not known:
            sentence += " (none are known)"
        elif len(known) <= _SHOWN_NAMES:
            sentence += f" (known: {', '.join(known)})"
        elif not self.suggestion:
            more = len(known) - _SHOWN_NAMES
            sentence += f" (known: {', '.join(known[:_SHOWN_NAMES])}, and {more} more)"
        super().__init__(sentence)


class UnreadableFile(MockServerError):
    """A file that cannot be read, or is not UTF-8 text. `reason` says why."""

    def __init__(self, path: str, reason: str) -> None:
        self.path = path
        self.reason = reason
        super().__init__(f"{path}: {reason}")


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

    def __init__(self, path: str, reason: str) -> None:
        self.path = path
        self.reason = reason
        super().__init__(f"{path}: cannot be written: {reason}")


class AddressUnavailable(MockServerError):
    """The server's address cannot be bound: taken, not ours, or not allowed."""

    def __init__(self, host: str, port: int, reason: str, advice: str) -> None:
        self.host = host
        self.port = port
        self.reason = reason
        self.advice = advice
        where = f"[{host}]" if ":" in host else visible(host)
        super().__init__(f"cannot listen on {where}:{port}: {reason}; {advice}")


class BadAddress(MockServerError):
    """Text that is no address of a server, or of a proxy. `suggestion` is the likely right one."""

    def __init__(self, text: str, reason: str, suggestion: str | None = None) -> None:
        self.text = text
        self.reason = reason
        self.suggestion = suggestion
        meant = f"; did you mean {visible(suggestion)}?" if suggestion else ""
        super().__init__(f"{visible(text)!r} is no address: {reason}{meant}")


class BadHeader(MockServerError):
    """A header that no request can have. Its value, which may be a secret, is not told."""

    def __init__(self, name: str, reason: str) -> None:
        self.name = name
        self.reason = reason
        super().__init__(f"the header {visible(repr(name))} cannot be sent: {reason}")


class UnreachableServer(MockServerError):
    """No reply at all from a server that was asked. `kind` is that of the trouble."""

    def __init__(self, url: str, kind: str, reason: str, advice: str = "") -> None:
        self.url = url
        self.kind = kind
        self.reason = reason
        self.advice = advice
        more = f"; {advice}" if advice else ""
        super().__init__(f"no reply from {visible(url)}: {reason}{more}")


class NothingToRecord(MockServerError):
    """No job was shown, so that there is nothing that a timeline could replay."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(f"there is nothing to record: {reason}")


class OwnReplyInvalid(MockServerError):
    """The mock was about to send a reply that breaks the contract: our defect, or a fixture's."""

    def __init__(self, operation: str, edition: str, problems: Sequence[str]) -> None:
        self.operation = operation
        self.edition = edition
        self.problems = tuple(problems)
        super().__init__(
            f"the mock's own reply to {operation} ({edition}) breaks the contract: "
            + "; ".join(problems)
        )


class NotJson(MockServerError):
    """Data from a test that JSON has no form for. `reason` says why."""

    def __init__(self, name: str, reason: str) -> None:
        self.name = name
        self.reason = reason
        super().__init__(f"{name} is no JSON data: {reason}")


class TooMany(MockServerError):
    """One more of something than a server has room for. `limit` is how many there can be."""

    def __init__(self, what: str, limit: int, advice: str) -> None:
        self.what = what
        self.limit = limit
        self.advice = advice
        super().__init__(f"there are {limit:,} {what} already; {advice}")


class NeverHappens(MockServerError):
    """A job will never be in this phase as things stand. `awaits` is the event it waits for."""

    def __init__(self, job_id: str, phase: str, now: str, awaits: str | None) -> None:
        self.job_id = job_id
        self.phase = phase
        self.now = now
        self.awaits = awaits
        waits = f" until the event {awaits!r}" if awaits else ""
        super().__init__(f"{visible(job_id)} never comes to be {phase}: it stays {now}{waits}")
