"""Why there is no reply, or half of one: httpx's errors as an `http.Failure`."""

import socket
import ssl
from collections.abc import Iterator

import httpx

from mockserver.documents.text import plain
from mockserver.http.message import Failure

_ENDED_EARLY = ("peer closed connection", "server disconnected")
_TOO_LARGE = 431
"""What h11 would have a server answer to a head that is longer than its buffer."""

_SHOWN = 160


def failure_of(error: Exception) -> Failure:
    """Any error of httpx's in mid-request, or of the system's that it lets through."""
    causes = list(_causes(error))
    match error:
        case httpx.ConnectTimeout():
            return Failure("timeout", "no connection in time")
        case httpx.TimeoutException():
            return Failure("timeout", "nothing came for too long")
        case httpx.ConnectError() | httpx.ProxyError():
            return _unconnected(error, causes)
        case httpx.RemoteProtocolError():
            return _malformed(error, causes)
        case ssl.SSLError():  # as when the server misses a client's certificate
            return Failure("tls", f"TLS failed: {_alert(error)}")
        case httpx.NetworkError() | OSError():
            return Failure("broken-off", "the connection broke" + _reason(causes))
    return Failure("bad-http", _words(error))


def _unconnected(error: Exception, causes: list[BaseException]) -> Failure:
    for cause in causes:
        match cause:
            case socket.gaierror():
                return Failure("dns", "the host's name has no address")
            case ssl.SSLCertVerificationError():
                reason = cause.verify_message or "it does not verify"
                return Failure("tls", f"its certificate is not trusted: {_clean(reason)}")
            case ssl.SSLError():
                return Failure("tls", f"no TLS handshake: {_alert(cause)}")
    if isinstance(error, httpx.ProxyError):
        return Failure("refused", f"the proxy refused: {_words(error)}")
    if any(isinstance(cause, ConnectionRefusedError) for cause in causes):
        return Failure("refused", "nobody listens there")
    reason = _reason(causes) or f": {_words(error)}"
    return Failure("refused", f"no connection{reason}")


def _malformed(error: Exception, causes: list[BaseException]) -> Failure:
    if any(getattr(cause, "error_status_hint", None) == _TOO_LARGE for cause in causes):
        return Failure("too-large", "its head is larger than what is read")
    if str(error).lower().startswith(_ENDED_EARLY):
        return Failure("broken-off", "the connection ended before the reply did")
    return Failure("bad-http", f"it is no HTTP: {_words(error)}")


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The error, whatever led to it, and the members of groups, the outermost first."""
    todo, known = [error], set[int]()
    while todo:
        found = todo.pop(0)
        if id(found) in known:
            continue
        known.add(id(found))
        yield found
        if isinstance(found, BaseExceptionGroup):
            todo.extend(found.exceptions)
        todo.extend(cause for cause in (found.__cause__, found.__context__) if cause is not None)


def _reason(causes: list[BaseException]) -> str:
    """What the system says of it."""
    for cause in causes:
        if isinstance(cause, OSError) and cause.strerror and cause.errno:
            return f": {_clean(cause.strerror.lower())}"
    return ""


def _alert(error: ssl.SSLError) -> str:
    """The reason by its name; only errors of OpenSSL's own have one."""
    return _clean(getattr(error, "reason", None) or str(error))


def _words(error: Exception) -> str:
    return _clean(str(error) or type(error).__name__)


def _clean(text: str) -> str:
    """A line, not too long, in which a server may have a say."""
    line = plain(text)
    return line if len(line) <= _SHOWN else line[:_SHOWN] + "…"
