"""A connection that breaks on purpose, as an app tells the server of it."""

from __future__ import annotations

from mockserver.timeline.fault import At, By

__all__ = ["At", "By", "Severed"]


class Severed(ConnectionResetError):
    """The connection breaks on purpose: where, and whether it is closed or reset.

    Where the app is called, nothing is sent, whatever `at` says. Where its body is read, all that
    it has yielded is sent; if that is nothing, the head is, or half of it at `in headers`.
    """

    def __init__(self, message: str, at: At = "before headers", by: By = "close") -> None:
        super().__init__(message)
        self.at: At = at
        self.by: By = by
