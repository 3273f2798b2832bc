"""Judges a client by the journal of its requests: pure functions, one for each rule."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from typing import TypeAlias

from mockserver.client_rules import ids, pace, paths, polls, requests
from mockserver.client_rules.circumstances import Circumstances, Limits
from mockserver.client_rules.journal_entry import JournalEntry
from mockserver.client_rules.made_up import not_made_up
from mockserver.client_rules.rules import RULES
from mockserver.client_rules.verdict import Remark, Verdict
from mockserver.errors import UnknownName

__all__ = ["Circumstances", "Limits", "judge"]

Check: TypeAlias = Callable[[Sequence[JournalEntry], Circumstances], Iterator[Remark]]
"""One rule over the exchanges, in their order."""

_CHECKS_OF_REQUESTS: tuple[Check, ...] = (requests.undocumented_members,)
"""Those that no reply can excuse."""

_CHECKS: tuple[Check, ...] = (
    paths.unknown_path,
    paths.wrong_method,
    paths.id_in_query,
    paths.list_not_in_edition,
    paths.download_not_in_edition,
    paths.not_mocked,
    requests.no_token,
    requests.wrong_token,
    requests.invalid_request,
    requests.asked_too_often,
    requests.refusal_repeated,
    ids.empty_job_id,
    ids.unknown_job_id,
    ids.already_downloaded_polled,
    ids.error_taken_for_success,
    polls.poll_after_end,
    polls.poll_forgotten_job,
    polls.never_stopped,
    pace.no_backoff,
    pace.poll_too_fast,
)
_ORDER = {id_: place for place, id_ in enumerate(RULES)}


def judge(
    exchanges: Sequence[JournalEntry],
    circumstances: Circumstances,
    *,
    expected: Collection[str] = (),
    strict: bool = False,
) -> Verdict:
    """What the exchanges of one session say about its clients.

    What follows from a reply that a test made up is nobody's mistake.
    Remarks about the `expected` rules are set apart; UnknownName when one of them is no rule.
    `strict`: a client that never asked for a documented operation made a mistake, also when it
    made no other.
    """
    for id_ in expected:
        if id_ not in RULES:
            raise UnknownName("rule", id_, tuple(RULES))
    ordered = sorted(exchanges, key=lambda one: one.number)
    checks = _CHECKS if ordered else ()  # most tests of a big suite never ask: they cost nothing
    accountable = not_made_up(ordered, circumstances)
    found = [remark for check in checks for remark in check(accountable, circumstances)]
    for check in _CHECKS_OF_REQUESTS:
        found += check(ordered, circumstances)
    is_observed = any(one.operation in circumstances.operations for one in ordered) or bool(
        ordered and ordered[0].number > 1
    )
    if strict and not is_observed and not _has_error(found, expected):
        found.append(Remark(RULES["not-observed"], "the timeline was never asked anything"))
    found.sort(key=_rank)
    return Verdict(
        tuple(one for one in found if one.rule.id not in expected),
        tuple(one for one in found if one.rule.id in expected),
        len(ordered),
        is_observed,
    )


def _has_error(remarks: Sequence[Remark], expected: Collection[str]) -> bool:
    return any(one.rule.severity == "error" and one.rule.id not in expected for one in remarks)


def _rank(remark: Remark) -> tuple[bool, int, tuple[int, ...], str]:
    """Errors come first, then the rules in their order, then who began it."""
    rule = remark.rule
    is_warning = rule.severity == "warning"
    return is_warning, _ORDER[rule.id], remark.numbers[:1], remark.job_id or ""
