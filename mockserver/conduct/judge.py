"""Judges a client by the journal of its requests: pure functions, one for each rule."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from typing import TypeAlias

from mockserver.conduct import ids, pace, paths, polls, requests
from mockserver.conduct.circumstances import Circumstances, Limits
from mockserver.conduct.exchange import Exchange
from mockserver.conduct.rules import RULES
from mockserver.conduct.verdict import Remark, Verdict
from mockserver.errors import UnknownName

__all__ = ["Circumstances", "Limits", "judge"]

Check: TypeAlias = Callable[[Sequence[Exchange], Circumstances], Iterator[Remark]]
"""One rule over the exchanges, in their order."""

_CHECKS: tuple[Check, ...] = (
    paths.unknown_path,
    paths.wrong_method,
    paths.id_in_query,
    paths.list_not_in_edition,
    paths.download_not_in_edition,
    paths.not_mocked,
    requests.no_token,
    requests.wrong_token,
    requests.undocumented_members,
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
    exchanges: Sequence[Exchange],
    circumstances: Circumstances,
    *,
    expected: Collection[str] = (),
    strict: bool = False,
) -> Verdict:
    """What the exchanges of one session say about its clients.

    Remarks about the `expected` rules are set apart; UnknownName when one of them is no rule.
    `strict`: a client that never asked for a documented operation is one that made a mistake.
    """
    for id_ in expected:
        if id_ not in RULES:
            raise UnknownName("rule", id_, tuple(RULES))
    ordered = sorted(exchanges, key=lambda one: one.number)
    found = [remark for check in _CHECKS for remark in check(ordered, circumstances)]
    is_observed = any(one.operation in circumstances.operations for one in ordered) or bool(
        ordered and ordered[0].number > 1
    )
    if strict and not is_observed:
        found.append(Remark(RULES["not-observed"], "the timeline was never asked anything"))
    found.sort(key=_rank)
    return Verdict(
        tuple(one for one in found if one.rule.id not in expected),
        tuple(one for one in found if one.rule.id in expected),
        len(ordered),
        is_observed,
    )


def _rank(remark: Remark) -> tuple[bool, int, tuple[int, ...], str]:
    """Errors come first, then the rules in their order, then who began it."""
    rule = remark.rule
    is_warning = rule.severity == "warning"
    return is_warning, _ORDER[rule.id], remark.numbers[:1], remark.job_id or ""
