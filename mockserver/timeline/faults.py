"""The `faults` of a timeline file, read into records.

    faults:
      - operation: job_status              # or path: /api/v1*; every request without either
        when:                              # all of these requests unless given
          request: 3-5                     # 3, 3-5, or 3- for all from there, counted from 1
          after: 5s                        # from when on, after the timeline's beginning
          for: 3s                          # for how long from there
          probability: 30%                 # or 0.3: each of them is struck with this chance
          seed: 7                          # which they are; its place in the list unless given
        delay: 2s
        reply: {status: 503, headers: {Retry-After: "2"}, body: {error: Busy}}
                                           # or body_base64: any bytes, such as eyI=

`reply` is what is answered in place of the real reply. Either can then be changed:

    headers: {Content-Type: text/html, X-Old: null}   # null takes a header away
    violate: required                      # or {rule: required, pointer: /job_id}; with `operation`
                                           # and without `reply`: the real reply breaks this rule
    truncate: 40%                          # or a number of bytes: the body ends there
    content_length: longer                 # or shorter than the body that is sent
    drip: 5s                               # the body comes byte by byte, in so long
    disconnect: in body                    # or {at: in body, by: reset}; also: before headers,
                                           # in headers, after headers
    refuse: true                           # nobody can connect; with `when` alone
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from fractions import Fraction
from typing import Any, get_args

from mockserver import contract, resources
from mockserver.documents.node import Node, either
from mockserver.documents.units import PERCENTAGES, read_duration, read_share
from mockserver.errors import nearest
from mockserver.timeline.fault import (
    At,
    By,
    ContentLength,
    Disconnect,
    Fault,
    Reply,
    Violate,
    When,
)

__all__ = ["MAX_FAULTS", "read_fault", "read_faults"]

MAX_FAULTS = 1_000

_CHANGES = ("headers", "violate", "truncate", "content_length", "drip")
_ACTIONS = ("reply", "delay", *_CHANGES, "disconnect", "refuse")
_MAX_DELAY_MS = 24 * 3_600_000
_REQUESTS = re.compile(r"([1-9][0-9]{0,8})(?:(-)([1-9][0-9]{0,8})?)?")
_BASE64 = re.compile("(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?")
_HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_OWN_HEADERS = ("connection", "content-length", "transfer-encoding")
_LENGTHS: tuple[ContentLength, ...] = get_args(ContentLength)
_PLACES: tuple[At, ...] = get_args(At)
_WAYS: tuple[By, ...] = get_args(By)
_BEFORE_HEADERS: At = "before headers"
_OLD_WORDS: dict[str, At] = {"before reply": _BEFORE_HEADERS, "during reply": "in body"}
_ONE_OF_TWO = (
    ("violate", "reply", "a reply of one's own breaks what it likes"),
    ("truncate", "violate", "half a body breaks more than one rule"),
    ("content_length", "truncate", "one length is announced"),
)


def read_faults(node: Node, edition: str) -> tuple[Fault, ...]:
    """The faults in the order of the file: of two that fit a request, the first strikes."""
    items = node.items("fault")
    if len(items) > MAX_FAULTS:
        raise items[MAX_FAULTS].error("too many faults", f"at most {MAX_FAULTS:,}")
    return tuple(read_fault(item, edition, seed) for seed, item in enumerate(items))


def read_fault(node: Node, edition: str, seed: int = 0) -> Fault:
    """One fault. `seed` is that of its chance, unless it names its own."""
    members = node.members((), ("operation", "path", "when", *_ACTIONS))
    if not any(action in members for action in _ACTIONS):
        raise node.error(f"{node.name} does nothing", either(_ACTIONS))
    if "operation" in members and "path" in members:
        raise members["path"].error("both operation and path", "one of them", key=True)
    refuse = members["refuse"].flag() if "refuse" in members else False
    if refuse:
        _refuse_alone(members)
    for key, other, reason in _ONE_OF_TWO:
        if key in members and other in members:
            problem = f"{key} beside {other}: {reason}"
            raise members[key].error(problem, "one of them", key=True)
    disconnect = _disconnect(members["disconnect"]) if "disconnect" in members else None
    if disconnect is not None and disconnect.at == _BEFORE_HEADERS:
        _send_nothing(members)
    operation = _operation(members["operation"], edition) if "operation" in members else None
    return Fault(
        operation,
        _path(members["path"]) if "path" in members else None,
        _when(members["when"], refuse, seed) if "when" in members else When(),
        _delay(members["delay"]) if "delay" in members else 0,
        _reply(members["reply"]) if "reply" in members else None,
        _changed_headers(members["headers"]) if "headers" in members else {},
        _violate(members["violate"], operation, edition) if "violate" in members else None,
        _truncate(members["truncate"]) if "truncate" in members else None,
        members["content_length"].word(_LENGTHS) if "content_length" in members else None,
        _delay(members["drip"]) if "drip" in members else 0,
        disconnect,
        refuse,
    )


def _refuse_alone(members: dict[str, Node]) -> None:
    for key, member in members.items():
        if key not in ("refuse", "when"):
            problem = f"{key} beside refuse: who cannot connect asks for nothing"
            raise member.error(problem, "when: {after: …, for: …} alone", key=True)


def _send_nothing(members: dict[str, Node]) -> None:
    for key, member in members.items():
        if key in ("reply", *_CHANGES):
            problem = f"{key} beside a disconnect before headers: no reply is sent"
            raise member.error(problem, "a later disconnect, or none", key=True)


def _operation(node: Node, edition: str) -> str:
    known = sorted({name for one in _editions(edition) for name in one.operations})
    name = node.text(either(known))
    if name not in known:
        problem = f"no edition has an operation {name!r}"
        raise node.error(problem, either(known), nearest(name, known))
    return name


def _editions(first: str) -> Iterator[contract.Edition]:
    """All editions: this one, then the others from the newest on."""
    yield contract.edition(first)
    for name in reversed(resources.edition_names()):
        if name != first:
            yield contract.edition(name)


def _path(node: Node) -> str:
    path = node.text("a path such as /api/v1/models")
    if not path.startswith("/") or not path.isprintable():
        raise node.wrong("a path such as /api/v1/models")
    return path


def _when(node: Node, refuse: bool, seed: int) -> When:
    members = node.members((), ("request", "after", "for", "probability", "seed"))
    for key in ("request", "probability", "seed"):
        if refuse and key in members:
            problem = f"`{key}` beside refuse: who cannot connect makes no request"
            raise members[key].error(problem, "after and for", key=True)
    if "seed" in members and "probability" not in members:
        problem = "`seed` without `probability`: nothing is left to chance"
        raise members["seed"].error(problem, "probability: 30%", key=True)
    first, last = _requests(members["request"]) if "request" in members else (1, None)
    if "probability" not in members:
        seed = 0
    elif "seed" in members:
        seed = members["seed"].whole_number()
    return When(
        first,
        last,
        read_duration(members["after"]) if "after" in members else 0,
        read_duration(members["for"]) if "for" in members else None,
        _probability(members["probability"]) if "probability" in members else 1.0,
        seed,
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


def _probability(node: Node) -> float:
    share: float | Fraction
    match node.value:
        case int() | float() as value if not isinstance(value, bool) and 0 <= value <= 1:
            share = value
        case _:
            share = read_share(node, f"{PERCENTAGES}, or a share of at most 1")
    if not share:
        raise node.error(f"{node.name} is no chance at all", "more than 0%")
    return float(share)


def _delay(node: Node) -> int:
    delay = read_duration(node)
    if delay > _MAX_DELAY_MS:
        raise node.error(f"{node.name} is longer than a day", "at most 24h")
    return delay


def _violate(node: Node, operation: str | None, edition: str) -> Violate:
    if operation is None:
        problem = "violate without operation: only an operation's reply has rules to break"
        raise node.error(problem, "operation: job_status", key=True)
    plain = not isinstance(node.value, dict)
    members = {"rule": node} if plain else node.members(("rule",), ("pointer",))
    rules = _rules(operation, edition)
    rule = members["rule"].text(either(rules))
    if rule not in rules:
        problem = f"no reply to {operation} can break a rule {rule!r}"
        raise members["rule"].error(problem, either(rules), nearest(rule, rules))
    return Violate(rule, members["pointer"].json_pointer() if "pointer" in members else None)


def _rules(operation: str, edition: str) -> tuple[str, ...]:
    """What the operation's reply can break, here or in the newest edition that has it."""
    for one in _editions(edition):
        if operation in one.operations:
            return contract.rules_of(one.operations[operation].schema("response"))
    return ()


def _truncate(node: Node) -> Fraction | int:
    if isinstance(node.value, int) and not isinstance(node.value, bool):
        return node.whole_number("a whole number of bytes")
    share = read_share(node, f"{PERCENTAGES}, or a number of bytes")
    if share == 1:
        raise node.error(f"{node.name} is the whole body", "less than 100%")
    return share


def _disconnect(node: Node) -> Disconnect:
    if not isinstance(node.value, dict):
        return Disconnect(node.word(_PLACES, _OLD_WORDS))
    members = node.members((), ("at", "by"))
    if not members:
        raise node.error(f"{node.name} says nothing", "at or by")
    return Disconnect(
        members["at"].word(_PLACES, _OLD_WORDS) if "at" in members else _BEFORE_HEADERS,
        members["by"].word(_WAYS) if "by" in members else "close",
    )


def _reply(node: Node) -> Reply:
    members = node.members((), ("status", "headers", "body", "body_base64"))
    if not members:
        raise node.error(f"{node.name} says nothing", "status, headers, body or body_base64")
    if "body" in members and "body_base64" in members:
        raise members["body_base64"].error("both body and body_base64", "one of them", key=True)
    status = members["status"].value if "status" in members else 200
    if isinstance(status, bool) or not isinstance(status, int) or not 200 <= status <= 599:
        raise members["status"].wrong("an HTTP status from 200 to 599")
    headers = _headers(members["headers"]) if "headers" in members else {}
    return Reply(status, headers, _body(members))


def _body(members: dict[str, Node]) -> Any:
    if "body_base64" in members:
        node = members["body_base64"]
        expected = "bytes in base64, such as eyI= for the two of an unfinished object"
        text = node.text(expected)
        if not _BASE64.fullmatch(text):
            raise node.wrong(expected)
        return base64.b64decode(text)
    return members["body"].json() if "body" in members else None


def _headers(node: Node) -> dict[str, str]:
    return {name: _header(member) for name, member in _named(node)}


def _changed_headers(node: Node) -> dict[str, str | None]:
    headers = {
        name: None if member.value is None else _header(member) for name, member in _named(node)
    }
    if not headers:
        raise node.error(f"{node.name} says nothing", "at least one header")
    return headers


def _named(node: Node) -> Iterator[tuple[str, Node]]:
    """The headers by name; whether each name can be one is checked, its value is not yet."""
    if not isinstance(node.value, dict):
        raise node.wrong('headers and their values, such as {Retry-After: "2"}')
    for name, value in node.value.items():
        member = node.child(name, value)
        if not _HEADER_NAME.fullmatch(name):
            raise member.error(f"{name!r} is no name of a header", "such as Retry-After", key=True)
        if name.lower() in _OWN_HEADERS:
            raise member.error(f"{name} is the server's own to set", "another header", key=True)
        yield name, member


def _header(node: Node) -> str:
    text = node.text('text in quotes, such as "2"')
    if not text.isprintable() or not text.isascii():
        raise node.wrong("printable ASCII text")
    return text
