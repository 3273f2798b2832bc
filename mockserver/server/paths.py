"""Paths as clients write them: percent signs and all, and with a session's prefix."""

from __future__ import annotations

import re
from urllib.parse import quote, unquote_to_bytes

__all__ = [
    "SESSION_PREFIX",
    "Malformed",
    "canonical",
    "first",
    "parameter",
    "split_target",
    "within",
]

SESSION_PREFIX = "/_session"
"""Below it lies each session but the server's own: `/_session/<id>` is a base URL's path."""

_ABSOLUTE = re.compile(r"^[a-z][a-z0-9+.-]*://[^/?#]*", re.IGNORECASE)
_BAD_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")


class Malformed(ValueError):
    """A percent sign that begins no escape, or escapes that are not UTF-8."""


def split_target(target: str) -> tuple[str, str]:
    """The path and the query of a request's target, as they were sent; never an empty path."""
    path, _, query = _ABSOLUTE.sub("", target).partition("#")[0].partition("?")
    return path or "/", query


def canonical(path: str) -> str:
    """The path with each segment escaped in one way, so that `%61pi` is `api` and `%2F` no slash.

    Leading slashes count as one, and a single one at the end is ignored, as in Express (G). Raises
    Malformed, which Express answers with 400.
    """
    merged = "/" + path.lstrip("/")
    if not merged.endswith("//"):
        merged = merged.removesuffix("/")
    return "/".join(_escaped(segment) for segment in merged.split("/")) or "/"


def parameter(segment: str) -> str:
    """What a segment of a canonical path says."""
    return unquote_to_bytes(segment).decode()


def first(path: str) -> str:
    """What the first segment of a path says, or the segment where it is malformed."""
    return _readable(path.lstrip("/").partition("/")[0])


def within(path: str) -> tuple[str | None, str]:
    """The id of the session that a path lies in, if any, and the rest of the path as it was sent.

    The id is empty where it is left out, and stays as it was sent where it is malformed.
    """
    if first(path) != SESSION_PREFIX.removeprefix("/"):
        return None, path
    inside = path.lstrip("/").split("/")[1:]
    return _readable(inside[0]) if inside else "", "/" + "/".join(inside[1:])


def _readable(segment: str) -> str:
    try:
        return parameter(_escaped(segment))
    except Malformed:
        return segment


def _escaped(segment: str) -> str:
    if "%" not in segment and segment.isalnum() and segment.isascii():
        return segment
    if _BAD_ESCAPE.search(segment):
        raise Malformed(segment)
    try:
        return quote(unquote_to_bytes(segment).decode(), safe="")
    except UnicodeDecodeError:
        raise Malformed(segment) from None
