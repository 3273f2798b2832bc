"""A request that the proxy forwards, and what of it and its response is kept to be looked at."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from secrets import token_bytes
from urllib.parse import unquote

from mockserver.api.operation import Operation, segments
from mockserver.client_rules.journal_entry import JournalEntry
from mockserver.documents import json_text
from mockserver.findings.finding import Finding
from mockserver.http.content_encoding import BadEncoding, decoder_of
from mockserver.http.exchange import Exchange, Failure
from mockserver.http.message import Body, Request, Response, split_target
from mockserver.http.redaction import Redaction, credentials_in
from mockserver.net.framing import BodyReader
from mockserver.net.raw_head import RawHead
from mockserver.server_rules.observation import Observation

MAX_CHECKED = 1 << 20
"""Bytes of a body that are kept, to be checked; of a longer one, this is its beginning."""

_SALT = token_bytes()
_USER = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://([^/?#]*?):([^/?#]*)@")


class BodyCopy:
    """Follows a body that passes by and keeps its beginning; `size` is that of all of it."""

    def __init__(self, reader: BodyReader) -> None:
        self.reader = reader
        self.start = bytearray()
        self.size = 0

    @property
    def is_done(self) -> bool:
        return self.reader.is_done

    def take(self, data: bytes | bytearray) -> int:
        """How many of these bytes belong to it; MalformedMessage for wrong chunks."""
        used, payload = self.reader.take(data)
        self.size += len(payload)
        self.start += payload[: max(0, MAX_CHECKED - len(self.start))]
        return used

    def decoded(self, codings: tuple[str, ...]) -> Body:
        """Without its Content-Encoding; BadEncoding where that is not what it says."""
        decoder, is_whole = decoder_of(codings), self.size <= MAX_CHECKED
        if decoder is None or not self.size:
            return Body(bytes(self.start), self.size, is_whole)
        found = bytearray()
        for piece in decoder.decoded(bytes(self.start)):
            found += piece
            if len(found) > MAX_CHECKED:  # a small body may unpack to a huge one
                return Body(bytes(found[:MAX_CHECKED]), self.size, False)
        if is_whole:
            decoder.end()
        return Body(bytes(found), self.size, is_whole)


@dataclass(slots=True)
class ForwardedRequest:
    """A request as it came, secrets and all, and what came of it.

    `started_ms` is since 1970; `started_s` is of a clock that never goes back, and `took_s` by it.
    `failure` is the server's; `is_client_gone` says that the client did not wait for the end.
    `own_error` is the message of the proxy's own response, when it had to give one.
    """

    head: RawHead
    body: BodyCopy
    connection: int
    started_ms: int
    started_s: float
    response_head: RawHead | None = None
    response_body: BodyCopy | None = None
    failure: Failure | None = None
    is_client_gone: bool = False
    own_error: str | None = None
    took_s: float = 0.0

    @property
    def path(self) -> str:
        return split_target(self.head.target)[0]

    @property
    def status(self) -> int | None:
        return None if self.response_head is None else self.response_head.status

    def _exchange(self, number: int) -> Exchange:
        """What passed, without its secrets; bodies as far as they are kept."""
        redaction = Redaction(self._secrets())
        path, query = split_target(self.head.target)
        response, failure = self._response(redaction)
        request = Request(
            redaction.text(self.head.method),
            redaction.target(path),
            redaction.target(query),
            redaction.headers(self.head.headers),
            Body.of(redaction.body(bytes(self.body.start)), self.body.size),
        )
        times = {"started_s": self.started_s, "took_s": self.took_s}
        return Exchange(number, request, response, failure, connection=self.connection, **times)

    def observation(self, number: int, operation: Operation | None) -> Observation:
        """The exchange, with what was asked for of this operation."""
        exchange = self._exchange(number)
        kind = None if operation is None else operation.about
        asked = json_text.loads_or_none(bytes(self.body.start)) if kind == "model" else None
        model = asked.get("model") if isinstance(asked, dict) else None
        return Observation(
            exchange,
            at_ms=self.started_ms + round(self.took_s * 1000),
            operation=None if operation is None else operation.id,
            job_id=segments(exchange.request.path)[-1] if kind == "job" else None,
            model=model if isinstance(model, str) else None,
        )

    def why_unchecked(self, observation: Observation) -> str:
        """Why the response is not held to the pages; nothing if it is."""
        response = observation.exchange.response
        if observation.operation is None:
            return "a path that no page has"
        if self.is_client_gone:
            return "the client went away"
        if self.head.method == "HEAD":
            return "HEAD, which has no body"
        return "" if response is None or response.body.is_whole else "a body larger than 1 MiB"

    def _response(self, redaction: Redaction) -> tuple[Response | None, Failure | None]:
        head, copy, failure, body = self.response_head, self.response_body, self.failure, Body()
        if head is None:
            return None, failure
        try:
            if copy is not None:
                body = copy.decoded(head.headers.get_all("content-encoding"))
        except BadEncoding as error:
            failure = failure or Failure("bad-encoding", str(error))
        body = Body(redaction.reply_body(body.start), body.size, body.is_whole)
        return Response(head.status, redaction.headers(head.headers), body), failure

    def _secrets(self) -> Iterator[str]:
        """What must not be written down."""
        yield from credentials_in(self.head.headers)
        if (user := _USER.match(self.head.target)) is not None:
            yield from filter(None, (user[2], unquote(user[2])))

    @property
    def credential(self) -> int | None:
        """Tells credentials apart; nobody can find out from it what they are."""
        values = self.head.headers.get_all("authorization")
        return hash((_SALT, *values)) if values else None


@dataclass(frozen=True, slots=True)
class CheckedExchange:
    """One exchange that has passed, without its secrets, as the judge and the checker see it.

    `findings` are against the server; `unchecked` says why its response was not looked at, if it
    was not. `own_error` is what the proxy answered by itself, if it had to.
    """

    entry: JournalEntry
    observation: Observation
    findings: tuple[Finding, ...] = ()
    unchecked: str = ""
    own_error: str | None = None
