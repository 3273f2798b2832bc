"""Heads of responses as bytes, and the responses that a server gives by itself."""

from __future__ import annotations

import json
from collections.abc import Iterable
from email.utils import formatdate
from http import HTTPStatus

__all__ = ["SOFTWARE", "encode_head", "error_response", "response_head"]

SOFTWARE = "mockserver"
"""What the server calls itself."""


def encode_head(*lines: bytes) -> bytes:
    """A head of these lines, the first of which is no header."""
    return b"\r\n".join((*lines, b"", b""))


def response_head(status: str, headers: Iterable[tuple[str, str]], *more: tuple[str, str]) -> bytes:
    """The status line and the headers; `Server` is ours where the others have none."""
    lines = [f"HTTP/1.1 {status}"]
    lines += (f"{name}: {value}" for name, value in (*headers, *more))
    named = {line.partition(":")[0].lower() for line in lines[1:]}
    if "server" not in named:
        lines.append(f"Server: {SOFTWARE}")
    return "\r\n".join((*lines, "", "")).encode("latin-1")


def error_response(status: int, kind: str, message: str) -> bytes:
    """An error object as LM Studio's, after which the connection ends."""
    body = json.dumps({"error": {"type": kind, "message": message}}).encode()
    headers = [
        ("Content-Type", "application/json; charset=utf-8"),
        ("Content-Length", str(len(body))),
        ("Date", formatdate(usegmt=True)),
        ("Connection", "close"),
    ]
    return response_head(f"{status} {HTTPStatus(status).phrase}", headers) + body
