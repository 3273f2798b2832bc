"""The server's address: a bound socket, or an error that says what to do; and who may connect."""

import errno
import os
import socket
import struct
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from mockserver.errors import AddressUnavailable

_BACKLOG = 128
_LINGER = struct.pack("hh" if os.name == "nt" else "ii", 1, 0)
"""On, for no time at all: what is not sent yet is dropped."""


class AdmissionPolicy:
    """Says whether clients may connect, to any thread: always, unless a subclass says otherwise."""

    def is_open(self) -> bool:
        """Whether connections are accepted now; if not, the system refuses them."""
        return True

    def changes_in_s(self) -> float | None:
        """Real seconds until it may open or close by itself; None if it never does."""
        return None

    def subscribe(self, subscriber: Callable[[], None]) -> Callable[[], None]:
        """Call it when the policy may have changed at once; gives the function that undoes this."""
        return lambda: None


def bind(host: str, port: int) -> socket.socket:
    """A socket bound to the address, not listening yet; AddressUnavailable, with advice."""
    if type(port) is not int or not 0 <= port <= 65535:
        advice = "ports go from 1 to 65535, and 0 takes a free one"
        raise AddressUnavailable(host, port, "no such port", advice)
    try:
        if not host:
            raise OSError("no host is given")
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except (OSError, ValueError) as error:
        advice = "use 127.0.0.1, or localhost"
        raise AddressUnavailable(host, port, "no such host", advice) from error
    # IPv4 where a name has both, as LM Studio (D).
    family, _, _, _, address = min(found, key=lambda entry: entry[0] != socket.AF_INET)
    try:
        return bound_socket(family, address)
    except OSError as error:
        raise unavailable(host, port, error) from error


def bound_socket(family: int, address: Any) -> socket.socket:
    """A socket bound to an address, which nobody else can take; it refuses until it listens."""
    bound = socket.socket(family, socket.SOCK_STREAM)
    try:
        _share(bound, True)
        bound.bind(address)
        _share(bound, False)
    except BaseException:
        bound.close()
        raise
    return bound


def listen(bound: socket.socket) -> None:
    """Accept connections on it, without blocking; OSError when another one listens there."""
    _share(bound, True)
    bound.setblocking(False)
    bound.listen(_BACKLOG)


def close(listening: socket.socket) -> None:
    """Listen no more, not in a child that was forked meanwhile either, which has it open, too."""
    with suppress(OSError):  # it did not listen, or not any more
        listening.shutdown(socket.SHUT_RDWR)
    listening.close()


def reset(connection: socket.socket) -> None:
    """Close it so that the other end finds it reset, and not just ended."""
    with suppress(OSError):  # the other end may have been quicker
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER)
    connection.close()


def unavailable(host: str, port: int, error: OSError) -> AddressUnavailable:
    """What the system's refusal of an address means, and what to do about it."""
    free = "take port 0 for a free one"
    match error.errno:
        case errno.EADDRINUSE:
            reason, advice = "the port is in use", f"{free}, or stop what listens there"
        case errno.EACCES if port < 1024:
            reason = "ports below 1024 are reserved"
            advice = "use a higher one, or port 0 for a free one"
        case errno.EACCES:
            reason, advice = "the system forbids it", free
        case errno.EADDRNOTAVAIL:
            reason, advice = "the address is not one of this machine's", "use 127.0.0.1"
        case _:
            reason, advice = (error.strerror or str(error)).lower(), "use 127.0.0.1, and port 0"
    return AddressUnavailable(host, port, reason, advice)


def _share(bound: socket.socket, shared: bool) -> None:
    """Whether the address may be bound beside it, above all while old connections linger."""
    if os.name == "posix":  # elsewhere this would let two servers share a port
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, shared)
