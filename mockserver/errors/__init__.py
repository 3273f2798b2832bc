"""What can go wrong outside our code: each error holds its facts, `__str__` makes the sentence."""

from collections.abc import Sequence

from mockserver.errors.source import BaselineError as BaselineError
from mockserver.errors.source import FormatError as FormatError
from mockserver.errors.source import JsonTextError as JsonTextError
from mockserver.errors.source import MockServerError as MockServerError
from mockserver.errors.source import PageError as PageError
from mockserver.errors.source import SourceError as SourceError
from mockserver.errors.source import TimelineError as TimelineError
from mockserver.errors.source import TrafficError as TrafficError
from mockserver.errors.source import UnreadableFile as UnreadableFile
from mockserver.errors.source import UnwritableFile as UnwritableFile
from mockserver.errors.source import YamlError as YamlError
from mockserver.errors.source import nearest as nearest
from mockserver.errors.source import visible as visible

_SHOWN_NAMES = 12


class UnfitSchema(MockServerError):
    """A schema that payloads cannot be built for: not one that pages compile to, or impossible."""

    reason: str
    name: str = ""

    def __str__(self) -> str:
        return f"no payloads can be built for {visible(self.name) or 'this schema'}: {self.reason}"


class UnknownName(MockServerError):
    """A word that names nothing we have; `where` is what was searched, of several places."""

    kind: str
    name: str
    known: Sequence[str]
    where: str = ""

    def __post_init__(self) -> None:
        self.known = tuple(self.known)
        self.suggestion = nearest(self.name, self.known)

    def __str__(self) -> str:
        where = f" in {self.where}" if self.where else ""
        sentence = f"unknown {self.kind} {visible(repr(self.name))}{where}"
        if self.suggestion:
            sentence += f"; did you mean {self.suggestion}?"
        if not self.known:
            sentence += " (none are known)"
        elif len(self.known) <= _SHOWN_NAMES:
            sentence += f" (known: {', '.join(self.known)})"
        elif not self.suggestion:
            more = len(self.known) - _SHOWN_NAMES
            sentence += f" (known: {', '.join(self.known[:_SHOWN_NAMES])}, and {more} more)"
        return sentence


class AddressUnavailable(MockServerError):
    """The server's address cannot be bound: taken, not ours, or not allowed."""

    host: str
    port: int
    reason: str
    advice: str

    def __str__(self) -> str:
        where = f"[{self.host}]" if ":" in self.host else visible(self.host)
        return f"cannot listen on {where}:{self.port}: {self.reason}; {self.advice}"


class BadAddress(MockServerError):
    """Text that is no address of a server, or of a proxy. `suggestion` is the likely right one."""

    text: str
    reason: str
    suggestion: str | None = None

    def __str__(self) -> str:
        meant = f"; did you mean {visible(self.suggestion)}?" if self.suggestion else ""
        return f"{visible(self.text)!r} is no address: {self.reason}{meant}"


class BadHeader(MockServerError):
    """A header that no request can have. Its value, which may be a secret, is not told."""

    name: str
    reason: str

    def __str__(self) -> str:
        return f"the header {visible(repr(self.name))} cannot be sent: {self.reason}"


class UnreachableServer(MockServerError):
    """No reply at all from a server that was asked. `kind` is that of the failure."""

    url: str
    kind: str
    reason: str
    advice: str = ""

    def __str__(self) -> str:
        more = f"; {self.advice}" if self.advice else ""
        return f"no reply from {visible(self.url)}: {self.reason}{more}"


class NothingToRecord(MockServerError):
    """No job was shown, so that there is nothing that a timeline could replay."""

    reason: str

    def __str__(self) -> str:
        return f"there is nothing to record: {self.reason}"


class OwnReplyInvalid(MockServerError):
    """The mock was about to send a reply that breaks the contract: our defect, or a fixture's."""

    operation: str
    edition: str
    problems: Sequence[str]

    def __str__(self) -> str:
        whose = f"the mock's own reply to {self.operation} ({self.edition})"
        return f"{whose} breaks the contract: " + "; ".join(self.problems)


class NotJson(MockServerError):
    """Data from a test that JSON has no form for. `reason` says why."""

    name: str
    reason: str

    def __str__(self) -> str:
        return f"{self.name} is no JSON data: {self.reason}"


class TooMany(MockServerError):
    """One more of something than a server has room for. `limit` is how many there can be."""

    what: str
    limit: int
    advice: str

    def __str__(self) -> str:
        return f"there are {self.limit:,} {self.what} already; {self.advice}"


class NeverHappens(MockServerError):
    """A job will never be in this phase as things stand. `awaits` is the event it waits for."""

    job_id: str
    phase: str
    now: str
    awaits: str | None

    def __str__(self) -> str:
        waits = f" until the event {self.awaits!r}" if self.awaits else ""
        return f"{visible(self.job_id)} never comes to be {self.phase}: it stays {self.now}{waits}"
