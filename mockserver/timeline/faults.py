"""The `faults` of a timeline file, read into records."""

from __future__ import annotations

import re
from typing import get_args

from mockserver import contract
from mockserver.errors import nearest
from mockserver.timeline.fault import Disconnect, Fault, Reply, When
from mockserver.timeline.node import Node

__all__ = ["read_faults"]

_ACTIONS = ("reply", "delay", "disconnect", "refuse")
_MAX_DELAY_MS = 24 * 3_600_000
_REQUESTS = re.compile(r"([1-9][0-9]{0,8})(?:(-)([1-9][0-9]{0,8})?)?")
_HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_OWN_HEADERS = ("connection", "content-length", "transfer-encoding")


def read_faults(node: Node, edition: str) -> tuple[Fault, ...]:
    """The faults in the order of the file: of two that fit a request, the first strikes."""
    return tuple(_fault(item, edition) for item in node.items("fault"))


def _fault(node: Node, edition: str) -> Fault:
    members = node.fields((), ("operation", "path", "when", *_ACTIONS))
    if not any(action in members for action in _ACTIONS):
        raise node.error(f"{node.name} does nothing", "reply, delay, disconnect or refuse")
    if "operation" in members and "path" in members:
        raise members["path"].error("both operation and path", "one of them", key=True)
    refuse = members["refuse"].flag() if "refuse" in members else False
    if refuse:
        _refuse_alone(members)
    return Fault(
        _operation(members["operation"], edition) if "operation" in members else None,
        _path(members["path"]) if "path" in members else None,
        _when(members["when"], refuse) if "when" in members else When(),
        _delay(members["delay"]) if "delay" in members else 0,
        _reply(members["reply"]) if "reply" in members else None,
        _disconnect(members["disconnect"]) if "disconnect" in members else None,
        refuse,
    )


def _refuse_alone(members: dict[str, Node]) -> None:
    for key, member in members.items():
        if key not in ("refuse", "when"):
            problem = f"{key} beside refuse: who cannot connect asks for nothing"
            raise member.error(problem, "when: {after: …, for: …} alone", key=True)


def _operation(node: Node, edition: str) -> str:
    known = list(contract.edition(edition).operations)
    name = node.text(" or ".join(known))
    if name not in known:
        problem = f"edition {edition} has no operation {name!r}"
        raise node.error(problem, " or ".join(known), nearest(name, known))
    return name


def _path(node: Node) -> str:
    path = node.text("a path such as /api/v1/models")
    if not path.startswith("/") or not path.isprintable():
        raise node.wrong("a path such as /api/v1/models")
    return path


def _when(node: Node, refuse: bool) -> When:
    members = node.fields((), ("request", "after", "for"))
    first, last = 1, None
    if "request" in members:
        if refuse:
            problem = "`request` beside refuse: who cannot connect makes no request"
            raise members["request"].error(problem, "after and for", key=True)
        first, last = _requests(members["request"])
    return When(
        first,
        last,
        members["after"].duration() if "after" in members else 0,
        members["for"].duration() if "for" in members else None,
    )


def _requests(node: Node) -> tuple[int, int | None]:
    expected = "which matching request, counted from 1: 3, or 3-5, or 3- for all from there"
    if isinstance(node.value, bool) or not isinstance(node.value, int | str):
        raise node.wrong(expected)
    match = _REQUESTS.fullmatch(str(node.value))
    if match is None:
        raise node.wrong(expected)
    first = int(match[1])
    last = first if match[2] is None else int(match[3]) if match[3] else None
    if last is not None and last < first:
        raise node.error(f"{node.name} ends before it begins", expected, f"{last}-{first}")
    return first, last


def _delay(node: Node) -> int:
    delay = node.duration()
    if delay > _MAX_DELAY_MS:
        raise node.error(f"{node.name} is longer than a day", "at most 24h")
    return delay


def _disconnect(node: Node) -> Disconnect:
    known: tuple[Disconnect, ...] = get_args(Disconnect)
    for one in known:
        if node.value == one:
            return one
    raise node.wrong(" or ".join(known), nearest(str(node.value), known))


def _reply(node: Node) -> Reply:
    members = node.fields((), ("status", "headers", "body"))
    if not members:
        raise node.error(f"{node.name} says nothing", "status, headers or body")
    status = members["status"].value if "status" in members else 200
    if isinstance(status, bool) or not isinstance(status, int) or not 200 <= status <= 599:
        raise members["status"].wrong("an HTTP status from 200 to 599")
    headers = _headers(members["headers"]) if "headers" in members else {}
    return Reply(status, headers, members["body"].json() if "body" in members else None)


def _headers(node: Node) -> dict[str, str]:
    if not isinstance(node.value, dict):
        raise node.wrong('headers and their values, such as {Retry-After: "2"}')
    headers: dict[str, str] = {}
    for name, value in node.value.items():
        member = node.child(name, value)
        if not _HEADER_NAME.fullmatch(name):
            raise member.error(f"{name!r} is no name of a header", "such as Retry-After", key=True)
        if name.lower() in _OWN_HEADERS:
            raise member.error(f"{name} is the server's own to set", "another header", key=True)
        text = member.text('text in quotes, such as "2"')
        if not text.isprintable() or not text.isascii():
            raise member.wrong("printable ASCII text")
        headers[name] = text
    return headers
