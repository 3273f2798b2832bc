"""The mock's own journal, as `GET /_mock/journal` gives it, read entry by entry."""

from collections.abc import Iterator
from typing import Any

from mockserver.http import message as http
from mockserver.http.message import Exchange, Failure, Headers
from mockserver.server_rules.observation import Observation
from mockserver.server_rules.recorded import EntryResult, RecordedRequest, RecordedValue

_MEMBERS = {"requests", "dropped", "entries"}
_MAX = 2**53


def is_journal(payload: object) -> bool:
    """Whether it is meant to be a journal, right or not."""
    return isinstance(payload, dict) and payload.keys() >= _MEMBERS


def dropped(payload: Any, file: str) -> int:
    """How many older requests the journal had let go of."""
    return RecordedValue(payload, file).member("dropped").integer(0, _MAX)


def requests(payload: Any, file: str) -> Iterator[RecordedRequest]:
    """The requests, oldest first; TrafficError for the first that cannot be read."""
    for entry in RecordedValue(payload, file).member("entries").items():
        method, path, query = (entry.member(name).text() for name in ("method", "path", "query"))
        number = entry.member("number").integer(1, _MAX)
        yield RecordedRequest(number, "", http.Request(method, path, query), entry)


def read_entry(request: RecordedRequest, operation: str, job_id: str | None) -> EntryResult:
    """What came back; TrafficError when the entry does not have the form of one.

    Times are those of the session's clock. A journal has no credentials.
    """
    entry = request.entry
    received_ms = entry.member("received_at").instant_ms()
    replied_at, reply = entry.member("replied_at"), entry.member("reply")
    if not replied_at.is_given and not entry.member("took_ms").is_given:
        return "still without a reply"
    at_ms = replied_at.instant_ms() if replied_at.is_given else received_ms
    response: http.Response | None = None
    failure: Failure | None = Failure("broken-off", "the connection ended before a reply")
    if reply.is_given:
        failure = None
        body = reply.member("body")
        if body.member("truncated").of(bool):
            return "recorded with only the beginning of the reply"
        status = reply.member("status").integer(100, 999)
        if body.member("base64").is_given:
            data = body.member("base64").octets()
        else:
            data = body.member("text").text().encode("utf-8", "surrogatepass")
        headers = _headers(reply.member("headers"))
        response = http.Response(status, headers, http.Body(data, len(data)))
    took_s = max(0, at_ms - received_ms) / 1000
    exchange = Exchange(request.number, request.request, response, failure, took_s=took_s)
    return Observation(exchange, at_ms, operation, job_id)


def _headers(headers: RecordedValue) -> Headers:
    found = []
    for header in headers.items():
        pair = [item.text() for item in header.items()]
        if len(pair) != 2:
            raise header.wrong("a name and a value", f"{len(pair)} items")
        found.append((pair[0], pair[1]))
    return Headers(found)
