"""Rules about where a client asks: at which paths, and by which methods."""

import re
from collections.abc import Iterator
from difflib import SequenceMatcher
from urllib.parse import parse_qsl

from mockserver.api.operation import Operation, segments
from mockserver.api.operations import DOWNLOAD, JOB_STATUS, LIST_STATUS, PREFIX
from mockserver.client_rules.context import SessionContext
from mockserver.client_rules.entry_queries import (
    client_rule,
    documented_operations,
    finding,
    grouped,
    is_like_an_id,
    quoted,
    times,
)
from mockserver.client_rules.journal_entry import READS, Entries, JournalEntry
from mockserver.documents.text import counted
from mockserver.findings.finding import Finding

_BROWSERS = re.compile(r"/(?:favicon\.ico|robots\.txt|apple-touch-icon[^/]*|\.well-known/.*)")
_ELSEWHERE = re.compile(
    r"/|/(?:api|v1|api/v[01])"
    r"|/(?:health|healthz|version|api/version|api/tags|lmstudio-greeting)"
    r"|/v1/(?:chat/completions|completions|embeddings|responses|messages|models/(?!download).+)"
    r"|/api/v1/(?:chat|models/load|models/unload)"
    r"|/api/v0/(?:chat/completions|completions|embeddings|models(?!/download)(?:/.*)?)"
)
"""LM Studio's and OpenAI's other endpoints, and where clients look whether anybody is there."""
_IDS = ("jobid", "downloadid", "id", "job", "download")
"""Without the characters that join their words."""
_WORDS_OF_STATUS = ("status", "progress", "download", "job")
_CLOSE = 0.6
_SHOWN_PATHS = 3


@client_rule
def unknown_path(entries: Entries, context: SessionContext) -> Iterator[Finding]:
    unknown = (
        (_meant(entry, context), entry)
        for entry in entries_astray(entries)
        if not is_another_endpoint(entry) and not _at_path_of(entry)
    )
    for id_, group in grouped(unknown).items():
        message = f"asked {list_requests(group)}, which the API does not have"
        if id_ is not None:
            right = documented_operations()[id_]
            message += f"; did you mean {right.method} {right.path}?"
            message += _what_is_odd(group[0].path, right)
        yield finding(unknown_path, message, group)


@client_rule
def wrong_method(entries: Entries, context: SessionContext) -> Iterator[Finding]:
    wrong = (
        ((entry.method, at_path[0].method), entry)
        for entry in entries_astray(entries)
        if (at_path := _at_path_of(entry))
        and not any(operation.accepts(entry.method) for operation in at_path)
    )
    for (method, right), group in grouped(wrong).items():
        message = f"sent {list_requests(group)}; that path takes {right}, not {quoted(method)}"
        yield finding(wrong_method, message, group)


@client_rule
def id_in_query(entries: Entries, context: SessionContext) -> Iterator[Finding]:
    group = entries_with_id_in_query(entries, context)
    if group:
        query = quoted(group[0].request.query)
        message = f"asked for a job by the query ?{query}, {times(len(group))}"
        yield finding(id_in_query, message, group)


def entries_with_id_in_query(entries: Entries, context: SessionContext) -> list[JournalEntry]:
    """The requests for the list that name a job in their query."""
    return [
        entry
        for entry in entries
        if entry.method in READS
        and segments(entry.path) == segments(LIST_STATUS.path)
        and any(
            value in context.job_ids
            or is_like_an_id(value)
            or re.sub(r"[^a-z]", "", name.lower()) in _IDS
            for name, value in parse_qsl(entry.request.query, True)
        )
    ]


def entries_astray(entries: Entries) -> Iterator[JournalEntry]:
    """Requests for no operation of the session, unless they are what a browser does by itself.

    A poll of a malformed id is none of them; nor is a path that a fault answers on purpose.
    """
    for entry in entries:
        if entry.operation is not None or entry.method == "OPTIONS" or entry.polled_id is not None:
            continue
        if not entry.is_path_of_fault and not _BROWSERS.fullmatch(_plain(entry.path)):
            yield entry


def _plain(path: str) -> str:
    return "/" + "/".join(segments(path))


def is_another_endpoint(entry: JournalEntry) -> bool:
    """Whether it is for what LM Studio has besides the download API."""
    return _ELSEWHERE.fullmatch(_plain(entry.path)) is not None


def _at_path_of(entry: JournalEntry) -> list[Operation]:
    """The operations of any edition that have its path."""
    known = documented_operations().values()
    return [operation for operation in known if operation.match(entry.path) is not None]


def _meant(entry: JournalEntry, context: SessionContext) -> str | None:
    """The operation that is nearest to what was asked; one of the session's if there is any."""
    known = dict(context.operations) or documented_operations()
    found = segments(entry.path)
    tail = found[found.index("models") :] if "models" in found else found
    right_path = f"{PREFIX}/{'/'.join(tail)}"
    for operation in known.values():
        if operation.accepts(entry.method) and operation.match(right_path) is not None:
            return operation.id
    likely = known.get(JOB_STATUS.id if entry.method in READS else DOWNLOAD.id)
    if likely is None:
        return None
    has_id = bool(found) and (is_like_an_id(found[-1]) or found[-1] in context.job_ids)
    stem = _plain("/".join(found[:-1] if has_id else found)).lower()
    is_close = SequenceMatcher(None, stem[:200], likely.stem).ratio() >= _CLOSE
    return likely.id if is_close or any(word in stem for word in _WORDS_OF_STATUS) else None


def _what_is_odd(path: str, meant: Operation) -> str:
    """What is wrong with the beginning of the path, where that is what is wrong."""
    plain = _plain(path)
    if "//" in path.strip("/"):
        return " Two slashes in a row make another path of it."
    if (at := plain.find(meant.stem)) > 0:
        return f" The base URL ends with {quoted(plain[:at])}, which is too much."
    if plain.startswith("/api/v0/"):
        return " The download API is v1, not v0."
    return "" if plain.startswith(f"{PREFIX}/") else " The download API lies below /api/v1."


def list_requests(group: Entries) -> str:
    """`GET /a, GET /b and 2 more paths, 37 times`."""
    asked = list(dict.fromkeys(f"{entry.method} {entry.path}" for entry in group))
    shown = ", ".join(map(quoted, asked[:_SHOWN_PATHS]))
    more = len(asked) - _SHOWN_PATHS
    others = f" and {counted(more, 'more path')}" if more > 0 else ""
    return f"{shown}{others}, {times(len(group))}"
