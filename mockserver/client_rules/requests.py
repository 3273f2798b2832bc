"""Rules about what a client asks for: what is not there, its token, its bodies, and how often."""

from collections.abc import Iterator

from mockserver.api.operations import DOWNLOAD, LIST_STATUS, about
from mockserver.client_rules.context import SessionContext
from mockserver.client_rules.entry_queries import (
    client_rule,
    documented_operations,
    finding,
    grouped,
    quoted,
    request_members,
    times,
)
from mockserver.client_rules.journal_entry import Entries, JournalEntry
from mockserver.client_rules.paths import (
    entries_astray,
    entries_with_id_in_query,
    is_another_endpoint,
    list_requests,
)
from mockserver.documents import json_text
from mockserver.errors import nearest
from mockserver.findings.finding import Finding

_INVALID = (400, 413, 415, 422)
_SHOWN_MEMBERS = 5


@client_rule
def list_not_in_edition(entries: Entries, context: SessionContext) -> Iterator[Finding]:
    # A first look at it is fine.
    in_query = {entry.number for entry in entries_with_id_in_query(entries, context)}
    asked = _of_another_edition(entries, LIST_STATUS.id, context)
    group = [entry for entry in asked if entry.number not in in_query]
    if len(group) > context.limits.polls_after_end:
        which = f"which the edition {context.edition} does not have"
        message = f"asked for the list of jobs {times(len(group))}, {which}"
        yield finding(list_not_in_edition, message, group)


@client_rule
def download_not_in_edition(entries: Entries, context: SessionContext) -> Iterator[Finding]:
    group = list(_of_another_edition(entries, DOWNLOAD.id, context))
    if group:
        which = f"which the edition {context.edition} does not have"
        message = f"asked for a model {times(len(group))}, {which}"
        yield finding(download_not_in_edition, message, group)


@client_rule
def not_mocked(entries: Entries, context: SessionContext) -> Iterator[Finding]:
    group = [entry for entry in entries_astray(entries) if is_another_endpoint(entry)]
    if group:
        message = f"asked {list_requests(group)}, which the mock does not have"
        yield finding(not_mocked, message, group)


def _of_another_edition(
    entries: Entries, id_: str, context: SessionContext
) -> Iterator[JournalEntry]:
    operation = documented_operations()[id_]
    for entry in entries_astray(entries) if id_ not in context.operations else ():
        if operation.match(entry.path) is not None and operation.accepts(entry.method):
            yield entry


@client_rule
def no_token(entries: Entries, context: SessionContext) -> Iterator[Finding]:
    # A client may find out that a token is wanted, if it has one and sends it from then on.
    group = [entry for entry in _not_let_in(entries, context) if _authorization(entry) is None]
    let_in = [entry.number for entry in entries if _authorization(entry) and entry.status != 401]
    is_finding_out = len(group) <= context.limits.polls_after_end and bool(
        group and let_in and group[-1].number < let_in[0]
    )
    if group and not is_finding_out:
        first = quoted(f"{group[0].method} {group[0].path}")
        message = f"sent no Authorization header {times(len(group))}, first with {first}"
        if let_in:
            message += "; other requests have one"
        yield finding(no_token, message, group)


@client_rule
def wrong_token(entries: Entries, context: SessionContext) -> Iterator[Finding]:
    group = [entry for entry in _not_let_in(entries, context) if _authorization(entry) is not None]
    if group:
        sent = "a token that the server does not know"
        if (_authorization(group[0]) or "").partition(" ")[0].lower() != "bearer":
            sent = "its token without the scheme Bearer"
        yield finding(wrong_token, f"sent {sent}, {times(len(group))}", group)


@client_rule
def undocumented_members(entries: Entries, context: SessionContext) -> Iterator[Finding]:
    known = request_members()
    for strange, group in grouped((_strange_members(entry), entry) for entry in entries).items():
        if not strange:
            continue
        named = []
        for name in strange[:_SHOWN_MEMBERS]:
            meant = nearest(name, known)
            hint = f" (did you mean {meant}?)" if meant else ""
            named.append(f"{quoted(repr(name))}{hint}")
        more = ", …" if len(strange) > _SHOWN_MEMBERS else ""
        message = f"sent {', '.join(named)}{more} in the body {times(len(group))}"
        yield finding(undocumented_members, f"{message}; documented are {', '.join(known)}", group)


@client_rule
def invalid_request(entries: Entries, context: SessionContext) -> Iterator[Finding]:
    refused = (
        (_objection(entry), entry)
        for entry in entries
        if is_refused_for_form(entry) and not _strange_members(entry)
    )
    for objection, group in grouped(refused).items():
        message = f"sent a body that was refused with {group[0].status}, {times(len(group))}"
        yield finding(invalid_request, message + objection, group)


@client_rule
def asked_too_often(entries: Entries, context: SessionContext) -> Iterator[Finding]:
    given = ((entry.body_key, entry) for entry in entries if _got_model(entry))
    for group in grouped(given).values():
        if len(group) > context.limits.requests_for_a_model:
            job_id = next((entry.job_id for entry in reversed(group) if entry.job_id), None)
            what = "which was there" if job_id is None else f"whose job was {quoted(job_id)}"
            message = f"asked {times(len(group))} for the same model, {what}"
            yield finding(asked_too_often, message, group, job_id)


def is_refused_for_form(entry: JournalEntry) -> bool:
    """Whether a request for a model was refused for its form, and not by a fault."""
    return entry.status in _INVALID and entry.fault is None and about(entry.operation) == "model"


def _got_model(entry: JournalEntry) -> bool:
    """Whether a request for a model got a job, or heard that the model is there."""
    is_there = entry.status == 200 and entry.replied("status") == "already_downloaded"
    return about(entry.operation) == "model" and (entry.job_id is not None or is_there)


def _not_let_in(entries: Entries, context: SessionContext) -> Iterator[JournalEntry]:
    """Requests that lacked the right token; a browser's preflight cannot bear one."""
    for entry in entries:
        by_fault = entry.fault is not None and entry.fault.reply is not None
        is_refused = entry.status == 401 and entry.method != "OPTIONS" and not by_fault
        if context.needs_token and is_refused:
            yield entry


def _authorization(entry: JournalEntry) -> str | None:
    """The value of the header; None for an empty one too."""
    return next(filter(str.strip, entry.request.headers.get_all("Authorization")), None)


def _strange_members(entry: JournalEntry) -> tuple[str, ...]:
    body = entry.request.body
    is_read = entry.asks_for_model and body.is_whole
    data = json_text.loads_or_none(body.start) if is_read else None
    known = request_members()
    return tuple(key for key in data if key not in known) if isinstance(data, dict) else ()


def _objection(entry: JournalEntry) -> str:
    error = entry.replied("error")
    said = error.get("message") if isinstance(error, dict) else error
    return f": {quoted(said)}" if isinstance(said, str) else ""
