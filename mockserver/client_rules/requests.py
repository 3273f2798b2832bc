"""Rules about what a client asks for: its token, its bodies, and how often it asks again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from mockserver.client_rules.circumstances import Circumstances
from mockserver.client_rules.clients import beyond
from mockserver.client_rules.journal_entry import JournalEntry
from mockserver.client_rules.reading import (
    asks_for_model,
    body_key,
    documented,
    is_answered,
    json_of,
    member,
    polled_id,
    quoted,
    times,
)
from mockserver.client_rules.rules import RULES
from mockserver.client_rules.verdict import Remark
from mockserver.errors import nearest

__all__ = [
    "asked_too_often",
    "invalid_request",
    "no_token",
    "refusal_repeated",
    "undocumented_members",
    "wrong_token",
]

_INVALID = (400, 413, 415, 422)
_PASSING = (408, 425, 429)
_SHOWN_MEMBERS = 5


def no_token(exchanges: Sequence[JournalEntry], about: Circumstances) -> Iterator[Remark]:
    """401 without an Authorization header.

    A client may find out that a token is wanted, if it has one and sends it from then on.
    """
    group = [one for one in _not_let_in(exchanges, about) if _authorization(one) is None]
    let_in = [one.number for one in exchanges if _authorization(one) and one.status != 401]
    is_finding_out = len(group) <= about.limits.polls_after_end and bool(
        group and let_in and group[-1].number < let_in[0]
    )
    if group and not is_finding_out:
        first = quoted(f"{group[0].method} {group[0].path}")
        message = f"sent no Authorization header {times(len(group))}, first with {first}"
        if let_in:
            message += "; other requests have one"
        yield _remark("no-token", message, group)


def wrong_token(exchanges: Sequence[JournalEntry], about: Circumstances) -> Iterator[Remark]:
    """401 with an Authorization header."""
    group = [one for one in _not_let_in(exchanges, about) if _authorization(one) is not None]
    if group:
        scheme = (_authorization(group[0]) or "").partition(" ")[0]
        message = f"sent a token that the server does not know, {times(len(group))}"
        if scheme.lower() != "bearer":
            message = f"sent its token without the scheme Bearer, {times(len(group))}"
        yield _remark("wrong-token", message, group)


def undocumented_members(
    exchanges: Sequence[JournalEntry], about: Circumstances
) -> Iterator[Remark]:
    """Members of a body that the request table does not have."""
    known = _documented_members()
    found: dict[tuple[str, ...], list[JournalEntry]] = {}
    for one in exchanges:
        if strange := _strange_members(one):
            found.setdefault(strange, []).append(one)
    for strange, group in found.items():
        named = []
        for name in strange[:_SHOWN_MEMBERS]:
            meant = nearest(name, known)
            hint = f" (did you mean {meant}?)" if meant else ""
            named.append(f"{quoted(repr(name))}{hint}")
        more = ", …" if len(strange) > _SHOWN_MEMBERS else ""
        message = (
            f"sent {', '.join(named)}{more} in the body {times(len(group))}; documented are "
            f"{', '.join(known)}"
        )
        yield _remark("undocumented-members", message, group)


def invalid_request(exchanges: Sequence[JournalEntry], about: Circumstances) -> Iterator[Remark]:
    """A request for a model that was refused for its form."""
    found: dict[str, list[JournalEntry]] = {}
    for one in exchanges:
        is_refused = one.operation == "download" and one.status in _INVALID and one.fault is None
        if is_refused and not _strange_members(one):
            found.setdefault(_objection(one), []).append(one)
    for objection, group in found.items():
        message = f"sent a body that was refused with {group[0].status}, {times(len(group))}"
        yield _remark("invalid-request", message + objection, group)


def asked_too_often(exchanges: Sequence[JournalEntry], about: Circumstances) -> Iterator[Remark]:
    """Requests for one model, each of them answered with a job, or that the model is there."""
    found: dict[str | bytes, list[JournalEntry]] = {}
    for one in exchanges:
        is_there = one.status == 200 and member(one, "status") == "already_downloaded"
        if one.operation == "download" and (one.job_id is not None or is_there):
            found.setdefault(body_key(one), []).append(one)
    for group in found.values():
        if len(group) > about.limits.requests_for_a_model:
            job_id = next((one.job_id for one in reversed(group) if one.job_id), None)
            what = "which was there" if job_id is None else f"whose job was {quoted(job_id)}"
            message = f"asked {times(len(group))} for the same model, {what}"
            yield _remark("asked-too-often", message, group, job_id)


def refusal_repeated(exchanges: Sequence[JournalEntry], about: Circumstances) -> Iterator[Remark]:
    """A request that was refused for good, and was sent again as it was, token and all."""
    rows: dict[tuple[str, str, str | bytes, str, int | None], list[JournalEntry]] = {}
    for one in exchanges:
        content_type = _header(one, "content-type") or ""
        key = (one.method, one.path, body_key(one), content_type, one.credential)
        if _is_refused(one, about):
            rows.setdefault(key, []).append(one)
        elif is_answered(one) and len(rows.get(key, ())) <= 1 + about.limits.polls_after_end:
            rows.pop(key, None)
    for (method, path, *_), row in rows.items():
        if group := beyond(row, 1 + about.limits.polls_after_end):
            message = (
                f"repeated {quoted(f'{method} {path}')} {times(len(group))}, each refused with "
                f"{group[0].status}"
            )
            yield _remark("refusal-repeated", message, group, polled_id(group[0]))


def _is_refused(exchange: JournalEntry, about: Circumstances) -> bool:
    """Whether it was refused in a way that no other rule is about."""
    status = exchange.status
    if exchange.operation is None or status is None or not is_answered(exchange):
        return False
    if not 400 <= status < 500 or status in _PASSING:
        return False
    if status == 401 and about.needs_token and exchange.fault is None:
        return False
    if exchange.operation == "download" and status in _INVALID and exchange.fault is None:
        return False
    return not (status == 404 and polled_id(exchange) is not None)


def _not_let_in(exchanges: Sequence[JournalEntry], about: Circumstances) -> Iterator[JournalEntry]:
    """Requests that lacked the right token; a browser's preflight cannot bear one."""
    for one in exchanges:
        is_made_up = one.fault is not None and one.fault.reply is not None
        is_own = one.method != "OPTIONS" and not is_made_up
        if about.needs_token and one.status == 401 and is_own:
            yield one


def _authorization(exchange: JournalEntry) -> str | None:
    return _header(exchange, "authorization")


def _header(exchange: JournalEntry, wanted: str) -> str | None:
    """The value of the request's header, its name in small letters; None for an empty one too."""
    found = (value for name, value in exchange.request.headers if name.lower() == wanted)
    return next((value for value in found if value.strip()), None)


def _documented_members() -> tuple[str, ...]:
    operation = documented().get("download")
    schema = {} if operation is None else operation.schemas.get("request", {})
    return tuple(schema.get("properties", ()))


def _strange_members(exchange: JournalEntry) -> tuple[str, ...]:
    body = exchange.request.body
    if not asks_for_model(exchange) or not body.is_whole or not body.start:
        return ()
    data: Any = json_of(body.start)
    known = _documented_members()
    return tuple(key for key in data if key not in known) if isinstance(data, dict) else ()


def _objection(exchange: JournalEntry) -> str:
    error = member(exchange, "error")
    said = error.get("message") if isinstance(error, dict) else error
    return f": {quoted(said)}" if isinstance(said, str) else ""


def _remark(
    rule: str, message: str, group: Sequence[JournalEntry], job_id: str | None = None
) -> Remark:
    return Remark(RULES[rule], message, tuple(one.number for one in group), job_id)
