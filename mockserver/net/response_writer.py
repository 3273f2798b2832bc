"""What a WSGI app replies: its status and headers, and its body part by part."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any

from mockserver.net.wsgi import SOFTWARE

if TYPE_CHECKING:
    from wsgiref.types import WSGIApplication, WSGIEnvironment

__all__ = ["Outgoing", "head_of"]

_WITHOUT_BODY = (204, 304)


class Outgoing:
    """One reply. Raises what the app raises; an app that does not begin a reply is a RuntimeError.

    `first` is the first part of the body that is not empty, and `rest` gives the others. `broken`
    is the error by which the app broke the connection before it had given any.
    """

    def __init__(self, app: WSGIApplication, environ: WSGIEnvironment) -> None:
        self.status = ""
        self.headers: list[tuple[str, str]] = []
        self.first = b""
        self.broken: ConnectionError | None = None
        self._is_head = environ["REQUEST_METHOD"] == "HEAD"
        self._written: list[bytes] = []
        self._result: Iterable[bytes] = app(environ, self._start)
        self.rest = self._parts()
        try:
            self._fetch_first()
        except BaseException:
            self.close()
            raise

    @property
    def code(self) -> int:
        """Raises ValueError for a status that is none."""
        return int(self.status.partition(" ")[0])

    @property
    def has_body(self) -> bool:
        """Whether HTTP lets this reply have one."""
        return not (self._is_head or self.code < 200 or self.code in _WITHOUT_BODY)

    @property
    def is_framed(self) -> bool:
        """Whether the app says itself where the body ends."""
        return bool(self.values("Content-Length") or self.values("Transfer-Encoding"))

    @property
    def is_last(self) -> bool:
        """Whether the app has the connection closed after it."""
        words = ",".join(self.values("Connection")).lower().split(",")
        return self.code < 200 or "close" in (word.strip() for word in words)

    @property
    def announced(self) -> int | None:
        """The length that the app gives, if it is one; it may be wrong."""
        values = self.values("Content-Length")
        if len(values) != 1 or self.values("Transfer-Encoding"):
            return None
        text = values[0].strip()
        return int(text) if text.isascii() and text.isdigit() and len(text) < 20 else None

    def values(self, name: str) -> list[str]:
        """The values of a header."""
        return [value for one, value in self.headers if one.lower() == name.lower()]

    def gather(self) -> ConnectionError | None:
        """Fetch all parts into the first; gives the error that broke it off, if one did."""
        parts = [self.first]
        try:
            parts += self.rest
        except ConnectionError as error:
            return error
        finally:
            self.first = b"".join(parts)
        return None

    def close(self) -> None:
        """Tell the app that nothing more is asked of it."""
        close: Callable[[], object] | None = getattr(self._result, "close", None)
        if close is not None:
            close()

    def _start(
        self, status: str, headers: list[tuple[str, str]], exc_info: Any = None, /
    ) -> Callable[[bytes], object]:
        if exc_info is not None and self.first:
            raise exc_info[1]  # too late for another reply
        self.status, self.headers = status, list(headers)
        return self._written.append

    def _fetch_first(self) -> None:
        try:
            self.first = next(self.rest, b"")
        except ConnectionError as error:
            if not self.status:
                raise
            self.broken = error
        if not self.status:
            raise RuntimeError("the app has begun no reply")

    def _parts(self) -> Iterator[bytes]:
        """What is written and what is yielded, in that order, and nothing empty."""
        for part in self._result:
            yield from self._taken()
            if part:
                yield part
        yield from self._taken()

    def _taken(self) -> Iterator[bytes]:
        while self._written:
            if part := self._written.pop(0):
                yield part


def head_of(status: str, headers: Iterable[tuple[str, str]], *more: tuple[str, str]) -> bytes:
    """The status line and the headers; `Server` is ours where the others have none."""
    lines = [f"HTTP/1.1 {status}"]
    lines += (f"{name}: {value}" for name, value in (*headers, *more))
    named = {line.partition(":")[0].lower() for line in lines[1:]}
    if "server" not in named:
        lines.append(f"Server: {SOFTWARE}")
    return "\r\n".join((*lines, "", "")).encode("latin-1")
