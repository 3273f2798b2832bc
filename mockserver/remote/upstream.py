"""The server behind the proxy: where it is, how it is reached, and how long it is waited for."""

import socket
import ssl
from dataclasses import dataclass

from mockserver.http.message import Failure, FailureKind
from mockserver.net.reader import Deadlines
from mockserver.remote.address import Address


@dataclass(frozen=True, slots=True)
class ProxyDeadlines(Deadlines):
    """Also: for a connection to the server; for any silence of it; and for its response to a client
    that says that nothing more comes, as one does that has gone."""

    idle_s: float = 600.0
    head_s: float = 600.0
    send_s: float = 600.0
    connect_s: float = 5.0
    silence_s: float = 600.0
    gone_s: float = 5.0


class UpstreamError(Exception):
    """The server's response ends too early, or is no HTTP."""

    def __init__(self, kind: FailureKind, message: str, *, by_reset: bool = False) -> None:
        super().__init__(message)
        self.failure = Failure(kind, message)
        self.by_reset = by_reset


def connect(
    address: Address, context: ssl.SSLContext | None, deadlines: ProxyDeadlines
) -> socket.socket:
    """A connection; `context` says how a certificate is trusted. OSError when it cannot be had."""
    is_tls = address.scheme == "https"
    port = address.port or (443 if is_tls else 80)
    connection = socket.create_connection((address.host, port), deadlines.connect_s)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, True)
    if not is_tls:
        return connection
    try:
        context = context or ssl.create_default_context()
        return context.wrap_socket(connection, server_hostname=address.host)
    except BaseException:
        connection.close()
        raise


def unreachable(error: OSError) -> Failure:
    """Why there is no connection."""
    match error:
        case TimeoutError():
            return Failure("timeout", "no connection in time")
        case ssl.SSLError():
            return Failure("tls", "no TLS handshake")
        case socket.gaierror():
            return Failure("dns", "the host's name has no address")
        case ConnectionRefusedError():
            return Failure("refused", "nobody listens there")
    return Failure("refused", "no connection")
