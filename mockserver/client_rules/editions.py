"""Rules about what is not there: operations of other editions, and endpoints beside them."""

from __future__ import annotations

from collections.abc import Iterator

from mockserver.api.operations import DOWNLOAD, LIST_STATUS
from mockserver.client_rules.context import SessionContext
from mockserver.client_rules.entry_queries import documented_operations, finding, times
from mockserver.client_rules.journal_entry import Entries, JournalEntry
from mockserver.client_rules.paths import (
    entries_astray,
    entries_with_id_in_query,
    is_another_endpoint,
    list_requests,
)
from mockserver.findings.finding import Finding
from mockserver.findings.rule import described_rule


@described_rule("error", "O")
def list_not_in_edition(entries: Entries, context: SessionContext) -> Iterator[Finding]:
    """A client does without the list of jobs where the server has none.

    Why: Today's server answers 404 to the list, as one user saw.
    Advice: Take the first 404 for an answer, and poll the job by its id.
    """
    # The list, again and again, although it is not there; a first look at it is fine.
    in_query = {entry.number for entry in entries_with_id_in_query(entries, context)}
    asked = _of_another_edition(entries, LIST_STATUS.id, context)
    group = [entry for entry in asked if entry.number not in in_query]
    if len(group) > context.limits.polls_after_end:
        message = (
            f"asked for the list of jobs {times(len(group))}, which the edition {context.edition} "
            "does not have"
        )
        yield finding(list_not_in_edition, message, group)


@described_rule("warning", "O")
def download_not_in_edition(entries: Entries, context: SessionContext) -> Iterator[Finding]:
    """A client does not ask for a model where the server takes no such request.

    Why: Servers from before 0.4 have no /api/v1 at all.
    Advice: If the client is to ask for models, let the test play the edition 2026-01, or set
    `with_download`.
    """
    # A request for a model where the session takes none.
    group = list(_of_another_edition(entries, DOWNLOAD.id, context))
    if group:
        message = (
            f"asked for a model {times(len(group))}, which the edition {context.edition} does not "
            "have"
        )
        yield finding(download_not_in_edition, message, group)


@described_rule("warning", "O")
def not_mocked(entries: Entries, context: SessionContext) -> Iterator[Finding]:
    """A client that tests its downloads needs nothing else of LM Studio's.

    Why: Clients that look for the server, or load a model, by its other endpoints.
    Advice: The mock has only the download API and the lists of models; keep the client from the
    rest in this test.
    """
    # Endpoints of LM Studio that are no part of the download API.
    group = [entry for entry in entries_astray(entries) if is_another_endpoint(entry)]
    if group:
        message = f"asked {list_requests(group)}, which the mock does not have"
        yield finding(not_mocked, message, group)


def _of_another_edition(
    entries: Entries, id_: str, context: SessionContext
) -> Iterator[JournalEntry]:
    operation = documented_operations().get(id_)
    if operation is None or id_ in context.operations:
        return
    for entry in entries_astray(entries):
        if operation.match(entry.path) is not None and operation.accepts(entry.method):
            yield entry
