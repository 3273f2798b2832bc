"""A request that the proxy forwards, and what of it and its response is kept to be looked at."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from secrets import token_bytes
from urllib.parse import unquote

from mockserver.api.operation import Operation, segments
from mockserver.client_rules.journal_entry import JournalEntry
from mockserver.documents import json_text
from mockserver.findings.finding import Finding
from mockserver.http.content_encoding import BadEncoding, decoder_of
from mockserver.http.message import Body, Exchange, Failure, Request, Response, split_target
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

    def observation(self, number: int, operation: Operation | None) -> Observation:
        """What passed, without its secrets, and what was asked for of this operation.

        Bodies are there as far as they are kept.
        """
        redaction, sent = Redaction(self._secrets()), bytes(self.body.start)
        path, query = map(redaction.target, split_target(self.head.target))
        headers = redaction.headers(self.head.headers)
        body = Body.of(redaction.body(sent), self.body.size)
        response, failure = self._response(redaction)
        kind = None if operation is None else operation.about
        asked = json_text.loads_or_none(sent) if kind == "model" else None
        model = asked.get("model") if isinstance(asked, dict) else None
        return Observation(
            Exchange(
                number,
                Request(redaction.text(self.head.method), path, query, headers, body),
                response,
                failure,
                started_s=self.started_s,
                took_s=self.took_s,
                connection=self.connection,
            ),
            at_ms=self.started_ms + round(self.took_s * 1000),
            operation=None if operation is None else operation.id,
            job_id=segments(path)[-1] if kind == "job" else None,
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
        head, failure, body = self.response_head, self.failure, Body()
        if head is None:
            return None, failure
        try:
            if self.response_body is not None:
                body = self.response_body.decoded(head.headers.get_all("content-encoding"))
        except BadEncoding as error:
            failure = failure or Failure("bad-encoding", str(error))
        body = replace(body, start=redaction.reply_body(body.start))
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
