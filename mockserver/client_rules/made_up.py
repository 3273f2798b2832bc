"""Replies that a test made up: what follows from them is no mistake that a judge can name."""

from __future__ import annotations

from collections.abc import Sequence

from mockserver.client_rules.circumstances import Circumstances
from mockserver.client_rules.ids import known_ids
from mockserver.client_rules.journal_entry import JournalEntry
from mockserver.client_rules.reading import polled_id

__all__ = ["not_made_up"]


def not_made_up(exchanges: Sequence[JournalEntry], about: Circumstances) -> Sequence[JournalEntry]:
    """The exchanges, in their order, that the timeline alone accounts for.

    Left out are those that a test answered, and polls after them of ids that the timeline does not
    have: the client may have read them in such a reply.
    """
    first = next((at for at, one in enumerate(exchanges) if _is_made_up(one)), None)
    if first is None:
        return exchanges
    kept = list(exchanges[:first])
    known = known_ids([one for one in exchanges if not _is_made_up(one)], about)
    for one in exchanges[first:]:
        job_id = polled_id(one)
        if not _is_made_up(one) and (job_id is None or job_id in known):
            kept.append(one)
    return kept


def _is_made_up(exchange: JournalEntry) -> bool:
    return exchange.fault is not None and exchange.fault.by_test
