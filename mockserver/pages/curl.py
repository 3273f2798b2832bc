"""The request in a documented `curl` command."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

_BODY_FLAGS = ("-d", "--data", "--data-raw", "--data-binary", "--data-ascii", "--json")
_METHOD_FLAGS = ("-X", "--request")
_VALUE_FLAGS = (
    *_BODY_FLAGS,
    *_METHOD_FLAGS,
    *("-H", "--header", "-o", "--output", "-u", "--user", "-A", "--user-agent"),
    *("-b", "--cookie", "-m", "--max-time", "--retry", "--connect-timeout", "-e", "--referer"),
)


@dataclass(frozen=True, slots=True)
class CurlRequest:
    """`path` is decoded and without query; `body` is None when the command sends none."""

    method: str
    path: str
    body: str | None


def read(command: str) -> CurlRequest:
    """The request that the command makes; ValueError when it is no single curl command."""
    words = shlex.split(command.replace("\\\r\n", " ").replace("\\\n", " "), comments=True)
    if not words or words[0] != "curl":
        raise ValueError("no curl command")
    method, url, body = "", "", None
    rest = iter(words[1:])
    for word in rest:
        if not word.startswith("-"):
            if url:
                raise ValueError(f"a second address, {word}")
            url = word
            continue
        flag, value = _flag(word)
        if flag in _VALUE_FLAGS:
            value = next(rest, "") if value is None else value
        if flag in _METHOD_FLAGS:
            method = value or ""
        elif flag in _BODY_FLAGS:
            body = value if body is None else f"{body}&{value}"
    if not url:
        raise ValueError("no address")
    path = urlsplit(url if "//" in url else f"//{url}").path
    return CurlRequest(method or ("GET" if body is None else "POST"), unquote(path) or "/", body)


def _flag(word: str) -> tuple[str, str | None]:
    """A word's flag, and its value if the word holds that too: `--data=x`, `-dx`, `-sXPOST`."""
    if word.startswith("--"):
        flag, equals, value = word.partition("=")
        return flag, value if equals else None
    for index, letter in enumerate(word[1:], 2):
        if f"-{letter}" in _VALUE_FLAGS:
            return f"-{letter}", word[index:] or None
    return word, None
