"""One request on its way through the proxy, and its reply on the way back: what is kept of them."""

from __future__ import annotations

from dataclasses import dataclass, field

from mockserver.http.exchange import Failure
from mockserver.http.message import NO_HEADERS, Headers
from mockserver.remote.encoding import Decoder, decoder_of
from mockserver.remote.framing import Head

__all__ = ["MAX_CHECKED", "Kept", "Passage"]

MAX_CHECKED = 1 << 20
"""Bytes of a body that are kept, to be checked; of a longer one, this is its beginning."""


class Kept:
    """The beginning of a body; `size` is that of all of it, as it passed by."""

    def __init__(self) -> None:
        self.start = bytearray()
        self.size = 0

    @property
    def is_whole(self) -> bool:
        return self.size <= MAX_CHECKED

    def add(self, data: bytes) -> None:
        self.size += len(data)
        self.start += data[: max(0, MAX_CHECKED - len(self.start))]

    def decoded(self, codings: list[str]) -> tuple[bytes, bool]:
        """The body out of its Content-Encoding, and whether that is all; BadEncoding."""
        decoder: Decoder | None = decoder_of(codings)
        if decoder is None or not self.size:
            return bytes(self.start), self.is_whole
        found = bytearray()
        for piece in decoder.decoded(bytes(self.start)):
            found += piece
            if len(found) > MAX_CHECKED:
                return bytes(found[:MAX_CHECKED]), False
        if self.is_whole:
            decoder.end()
        return bytes(found), self.is_whole


@dataclass(slots=True)
class Passage:
    """What passes. `asked_ms` is since 1970, `asked_s` and `took_s` are of a clock that never goes
    back. `own` is the proxy's own reply, when it had to give one: its status and its body.

    `trouble` is with the server; `is_client_gone` says that the client did not wait for the end.
    """

    head: Head
    connection: int
    asked_ms: int
    asked_s: float
    request: Kept = field(default_factory=Kept)
    status: int | None = None
    headers: Headers = NO_HEADERS
    reply: Kept = field(default_factory=Kept)
    trouble: Failure | None = None
    is_client_gone: bool = False
    own: str | None = None
    took_s: float = 0.0
    has_ended: bool = False

    def body(self) -> tuple[bytes, bool]:
        """The reply's body, decoded, and whether that is all of it; BadEncoding."""
        named = [value for name, value in self.headers if name.lower() == "content-encoding"]
        return self.reply.decoded(named)
