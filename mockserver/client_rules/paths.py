"""Rules about where a client asks: paths, methods, and what an edition has."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from urllib.parse import parse_qsl

from mockserver.client_rules.circumstances import Circumstances
from mockserver.client_rules.journal_entry import JournalEntry
from mockserver.client_rules.reading import (
    STATUS_PATH,
    documented,
    is_like_an_id,
    is_made_up_path,
    matches,
    polled_id,
    quoted,
    segments,
    times,
)
from mockserver.client_rules.rules import RULES
from mockserver.client_rules.verdict import Remark
from mockserver.contract import CompiledOperation

__all__ = [
    "download_not_in_edition",
    "id_in_query",
    "list_not_in_edition",
    "not_mocked",
    "unknown_path",
    "wrong_method",
]

_READS = ("GET", "HEAD")
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


def unknown_path(exchanges: Sequence[JournalEntry], about: Circumstances) -> Iterator[Remark]:
    """Paths that no edition has, by the operation that was most likely meant."""
    found: dict[str | None, list[JournalEntry]] = {}
    for one in _astray(exchanges):
        if _is_elsewhere(one) or any(matches(known, one.path) for known in documented().values()):
            continue
        meant = _meant(one, about)
        found.setdefault(None if meant is None else meant.id, []).append(one)
    for id_, group in found.items():
        message = f"asked {_listed(group)}, which the API does not have"
        if id_ is not None:
            meant = documented()[id_]
            message += f"; did you mean {meant.method} {meant.path}?"
            message += _why(group[0].path, meant)
        yield _remark("unknown-path", message, group)


def wrong_method(exchanges: Sequence[JournalEntry], about: Circumstances) -> Iterator[Remark]:
    """Paths that an edition has, but not with this method."""
    found: dict[tuple[str, str], list[JournalEntry]] = {}
    for one in _astray(exchanges):
        known = [each for each in documented().values() if matches(each, one.path)]
        if known and not any(_method_fits(one, each) for each in known):
            found.setdefault((one.method, known[0].id), []).append(one)
    for (method, id_), group in found.items():
        right = documented()[id_]
        message = f"sent {_listed(group)}; that path takes {right.method}, not {quoted(method)}"
        yield _remark("wrong-method", message, group)


def id_in_query(exchanges: Sequence[JournalEntry], about: Circumstances) -> Iterator[Remark]:
    """A job's id behind a question mark, at the path of the list."""
    group = [
        one
        for one in exchanges
        if one.method in _READS
        and segments(one.path) == segments(STATUS_PATH)
        and any(_names_a_job(*pair, about) for pair in parse_qsl(one.request.query, True))
    ]
    if group:
        query = quoted(group[0].request.query)
        message = f"asked for a job by the query ?{query}, {times(len(group))}"
        yield _remark("id-in-query", message, group)


def list_not_in_edition(
    exchanges: Sequence[JournalEntry], about: Circumstances
) -> Iterator[Remark]:
    """The list, again and again, although it is not there; a first look at it is fine."""
    in_query = {number for one in id_in_query(exchanges, about) for number in one.numbers}
    asked = _of_another_edition(exchanges, "list_status", about)
    group = [one for one in asked if one.number not in in_query]
    if len(group) > about.limits.polls_after_end:
        message = (
            f"asked for the list of jobs {times(len(group))}, which the edition {about.edition} "
            "does not have"
        )
        yield _remark("list-not-in-edition", message, group)


def download_not_in_edition(
    exchanges: Sequence[JournalEntry], about: Circumstances
) -> Iterator[Remark]:
    """A request for a model where the session takes none."""
    group = list(_of_another_edition(exchanges, "download", about))
    if group:
        message = (
            f"asked for a model {times(len(group))}, which the edition {about.edition} does not "
            "have"
        )
        yield _remark("download-not-in-edition", message, group)


def not_mocked(exchanges: Sequence[JournalEntry], about: Circumstances) -> Iterator[Remark]:
    """Endpoints of LM Studio that are no part of the download API."""
    group = [one for one in _astray(exchanges) if _is_elsewhere(one)]
    if group:
        message = f"asked {_listed(group)}, which the mock does not have"
        yield _remark("not-mocked", message, group)


def _remark(rule: str, message: str, group: Sequence[JournalEntry]) -> Remark:
    return Remark(RULES[rule], message, tuple(one.number for one in group))


def _astray(exchanges: Sequence[JournalEntry]) -> Iterator[JournalEntry]:
    """Requests for no operation of the session, unless they are what a browser does by itself.

    A poll of a malformed id is none of them; nor is a path that a fault answers on purpose.
    """
    for one in exchanges:
        if one.operation is not None or one.method == "OPTIONS" or polled_id(one) is not None:
            continue
        if not is_made_up_path(one) and not _BROWSERS.fullmatch(_plain(one.path)):
            yield one


def _of_another_edition(
    exchanges: Sequence[JournalEntry], id_: str, about: Circumstances
) -> Iterator[JournalEntry]:
    operation = documented().get(id_)
    if operation is None or id_ in about.operations:
        return
    for one in _astray(exchanges):
        if matches(operation, one.path) and _method_fits(one, operation):
            yield one


def _method_fits(exchange: JournalEntry, operation: CompiledOperation) -> bool:
    return exchange.method == operation.method or (
        exchange.method == "HEAD" and operation.method == "GET"
    )


def _plain(path: str) -> str:
    return "/" + "/".join(segments(path))


def _is_elsewhere(exchange: JournalEntry) -> bool:
    path = _plain(exchange.path)
    return _ELSEWHERE.fullmatch(path) is not None


def _meant(exchange: JournalEntry, about: Circumstances) -> CompiledOperation | None:
    """The operation that is nearest to what was asked; one of the session's if there is any."""
    known = {**documented(), **about.operations}
    known = {id_: one for id_, one in known.items() if id_ in about.operations} or known
    found = segments(exchange.path)
    tail = found[found.index("models") :] if "models" in found else found
    for one in known.values():
        if _method_fits(exchange, one) and matches(one, "/api/v1/" + "/".join(tail)):
            return one
    wanted = "job_status" if exchange.method in _READS else "download"
    operation = known.get(wanted)
    if operation is None:
        return None
    has_id = bool(found) and (is_like_an_id(found[-1]) or found[-1] in about.job_ids)
    stem = _plain("/".join(found[:-1] if has_id else found)).lower()
    fixed = operation.path.partition("/:")[0]
    is_close = SequenceMatcher(None, stem[:200], fixed).ratio() >= _CLOSE
    return operation if is_close or any(word in stem for word in _WORDS_OF_STATUS) else None


def _names_a_job(name: str, value: str, about: Circumstances) -> bool:
    is_an_id = value in about.job_ids or is_like_an_id(value)
    return is_an_id or re.sub(r"[^a-z]", "", name.lower()) in _IDS


def _why(path: str, meant: CompiledOperation) -> str:
    """What is wrong with the beginning of the path, where that is what is wrong."""
    fixed = _plain(meant.path.partition("/:")[0])
    at = _plain(path).find(fixed)
    if "//" in path.strip("/"):
        return " Two slashes in a row make another path of it."
    if at > 0:
        return f" The base URL ends with {quoted(_plain(path)[:at])}, which is too much."
    if _plain(path).startswith("/api/v0/"):
        return " The download API is v1, not v0."
    if not _plain(path).startswith("/api/v1/"):
        return " The download API lies below /api/v1."
    return ""


def _listed(group: Sequence[JournalEntry]) -> str:
    """`GET /a, GET /b and 2 more paths, 37 times`."""
    asked = list(dict.fromkeys(f"{one.method} {one.path}" for one in group))
    shown = ", ".join(map(quoted, asked[:_SHOWN_PATHS]))
    more = len(asked) - _SHOWN_PATHS
    others = f" and {more:,} more path{'' if more == 1 else 's'}" if more > 0 else ""
    return f"{shown}{others}, {times(len(group))}"
