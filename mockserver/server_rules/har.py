"""HAR 1.2 files, as browsers' developer tools and proxies export them, read entry by entry."""

import re
import zlib
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any
from urllib.parse import parse_qsl, unquote_plus, urlsplit

from mockserver.http import message as http
from mockserver.http.message import Exchange, Failure, FailureKind, Headers
from mockserver.http.redaction import HIDDEN, Redaction, bears_credentials, credential
from mockserver.server_rules.observation import Observation
from mockserver.server_rules.recorded import EntryResult, RecordedRequest, RecordedValue

_MOST_DECODED = 16 * 1024 * 1024
_GZIP = b"\x1f\x8b"
_ANY_WRAPPER = 32 + zlib.MAX_WBITS
_CLIENTS_DOING = re.compile(r"abort|block|cancel|client disconnect", re.IGNORECASE)
_ENDINGS = r"reset|clos|empty|incomplete|mismatch|disconnect"
_FAILURES: tuple[tuple[FailureKind, str, str], ...] = (
    ("refused", r"refused", "nobody listens there"),
    ("dns", r"name_not_resolved|getaddrinfo|unknown_host|dns", "the host has no address"),
    ("timeout", r"timed?[ _-]?out", "it took too long"),
    ("tls", r"cert|ssl|tls", "the TLS handshake failed"),
    ("bad-encoding", r"content_decoding", "its Content-Encoding does not decode"),
    ("bad-http", r"invalid_http|bad_http|response_headers", "it is no HTTP"),
    ("broken-off", _ENDINGS, "the connection ended early"),
)
_SHORTEST = 4
_SHORTEST_UNNAMED = 8
_REPEATED = 10
"""So many characters of a token stand in the refusal of it."""
_MAX = 50
_MAX_ROUNDS = 5
_COOKIES = ("cookie", "set-cookie")
_HARMLESS = re.compile(r"[A-Za-z_]+|[0-9.]+|job_[0-9a-f]{10}|[0-9TZ:.+-]{10,}")
"""Words, numbers, ids and times: what a reply is full of, and to hide it would spoil the reply."""
_ESCAPE = re.compile(r"\\u([0-9A-Fa-f]{4})|\\([\"\\/])")


def is_har(payload: object) -> bool:
    """Whether it is meant to be a HAR, right or not."""
    log = payload.get("log") if isinstance(payload, dict) else None
    return isinstance(log, dict) and ("entries" in log or "creator" in log)


def requests(payload: Any, file: str) -> Iterator[RecordedRequest]:
    """The requests in the order of the file; TrafficError for the first that cannot be read."""
    entries = RecordedValue(payload, file).member("log").member("entries")
    for number, entry in enumerate(entries.items(), 1):
        asked = entry.member("request")
        url = asked.member("url")
        try:
            parts = urlsplit(url.text())
        except ValueError:
            raise url.wrong("a URL", "text that is none") from None
        host = parts.netloc.rpartition("@")[2].lower()
        yield RecordedRequest(
            number,
            f"{parts.scheme}://{host}",
            http.Request(asked.member("method").text().upper(), parts.path, parts.query),
            entry,
        )


def read_entry(request: RecordedRequest, operation: str, job_id: str | None) -> EntryResult:
    """What came back; TrafficError when the entry does not have the form of one.

    Every credential of the entry is taken out, wherever it stands, and all of the query.
    """
    asked, entry = request.request, request.entry
    response = entry.member("response")
    status = response.member("status").integer(0, 999)
    began_ms = entry.member("startedDateTime").instant_ms()
    took_ms = entry.member("time").milliseconds()
    failure = _failure(response)
    if status == 304:
        return "answered by 304, so that the body is that of an earlier one"
    if isinstance(failure, str):
        return failure
    headers, body = _headers(response.member("headers")), b""
    if status:
        content = response.member("content")
        type_ = content.member("mimeType")
        if headers.get("Content-Type") is None and type_.is_given:  # which only the content says
            told = [("Content-Type", type_.text())] if type_.text() not in ("", "x-unknown") else []
            headers = Headers([*headers, *told])
        found = _body(content)
        if isinstance(found, Failure):
            failure = failure or found
        elif found is not None:
            body = found
        elif failure is None and not 300 <= status < 400:
            return "recorded without the body of the reply"
    sent = _headers(entry.member("request").member("headers"))
    hidden = _redaction(asked, sent, headers, body)
    body = hidden.body(body)
    reply = http.Response(status, hidden.headers(headers), http.Body(body, len(body)))
    shown = http.Request(asked.method, hidden.target(asked.path))
    took_s = took_ms / 1000
    exchange = Exchange(request.number, shown, reply if status else None, failure, took_s=took_s)
    job_id = job_id and hidden.text(job_id)
    return Observation(exchange, began_ms + took_ms, operation, job_id)


def _failure(response: RecordedValue) -> Failure | str | None:
    """Why there is no whole reply, as Chromium and mitmproxy say it; most others do not.

    Text where that is the client's doing.
    """
    error = response.member("_error")
    if not error.is_given or not error.text():
        return None
    if _CLIENTS_DOING.search(error.text()):
        return "broken off by the client itself"
    for kind, pattern, words in _FAILURES:
        if re.search(pattern, error.text(), re.IGNORECASE):
            return Failure(kind, words)
    return Failure("broken-off", "the request failed")


def _headers(headers: RecordedValue) -> Headers:
    return Headers(
        (header.member("name").text(), header.member("value").text()) for header in headers.items()
    )


def _body(content: RecordedValue) -> bytes | Failure | None:
    """The body without its Content-Encoding; None when it was not recorded."""
    text, encoding = content.member("text"), content.member("encoding")
    if not text.is_given:
        size = content.member("size")
        return b"" if size.is_given and size.integer(-1, 2**53) == 0 else None
    if not encoding.is_given or not encoding.text():
        return text.text().encode("utf-8", "surrogatepass")
    if encoding.text().lower() != "base64":
        raise encoding.wrong("base64", "another encoding")
    body = text.octets()
    return _inflated(body) if body.startswith(_GZIP) else body


def _inflated(body: bytes) -> bytes | Failure:
    """A body that was recorded as it came over the wire: no JSON begins like gzip."""
    inflate = zlib.decompressobj(_ANY_WRAPPER)
    try:
        found = inflate.decompress(body, _MOST_DECODED)
    except zlib.error:
        return Failure("bad-encoding", "its body is not the gzip data that it seems to be")
    if inflate.unconsumed_tail:
        return Failure("too-large", f"its body is larger than {_MOST_DECODED:,} bytes")
    if not inflate.eof:
        return Failure("bad-encoding", "its gzip data ends too early")
    return found


def _redaction(request: http.Request, sent: Headers, received: Headers, body: bytes) -> Redaction:
    """What takes out all that this exchange shows to be secret.

    That is whatever goes by the name of a credential, and any cookie or value of the query that
    looks like one. To look for a secret takes long, so that only those are looked for of which
    something is in the path or in the reply: at most 50 of them.
    """
    candidates = set(_candidates(request, (*sent, *received)))
    secrets = sorted(each for each in candidates if len(each) >= _SHORTEST)
    if not secrets:
        return Redaction()
    shown = "\n".join([request.path, *(value for _, value in received), body.decode("latin-1")])
    plain = _plain(shown)

    def is_shown(secret: str) -> bool:
        start = secret[:_REPEATED]  # and as latin-1 shows UTF-8
        spelt = start.encode("utf-8", "replace").decode("latin-1")
        return start in shown or _plain(spelt) in plain

    return Redaction(islice(filter(is_shown, secrets), _MAX))


def _candidates(request: http.Request, headers: Iterable[tuple[str, str]]) -> Iterator[str]:
    for name, value in headers:
        if name.lower() in _COOKIES:
            parts = (part.partition("=")[2] for part in re.split(r"[;\n]", value))
            yield from filter(_is_likely, (part.strip().strip('"') for part in parts))
        elif bears_credentials(name, value) and HIDDEN not in value:
            yield credential(value)
    by_name = Redaction()
    for name, value in parse_qsl(request.query, keep_blank_values=True):
        if _is_likely(value) or by_name.target(f"?{name}=x") != f"?{name}=x":
            yield value


def _is_likely(value: str) -> bool:
    return len(value) >= _SHORTEST_UNNAMED and _HARMLESS.fullmatch(value) is None


def _plain(text: str) -> str:
    """Text without the escapes of JSON and of URLs, which may be escaped again."""

    def unescaped(match: re.Match[str]) -> str:
        if match[2]:
            return match[2]
        return chr(int(match[1], 16)).encode("utf-8", "replace").decode("latin-1")

    text = _ESCAPE.sub(unescaped, text)
    for _ in range(_MAX_ROUNDS):
        unquoted = unquote_plus(text, "latin-1")
        if unquoted == text:
            break
        text = unquoted
    return text
