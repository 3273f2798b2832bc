"""Which documented edition a server follows, by its answer to the list of jobs."""

from __future__ import annotations

from dataclasses import dataclass

from mockserver import contract, resources
from mockserver.api.operations import LIST_STATUS
from mockserver.server_rules.observation import Observation
from mockserver.server_rules.shown_jobs import members

AUTO = "auto"
"""In the place of an edition: whichever the server seems to follow."""


@dataclass(frozen=True, slots=True)
class EditionChoice:
    """An edition's name, and in a sentence how it was chosen."""

    edition: str
    because: str


def given(edition: str) -> EditionChoice:
    """The user's own choice; UnknownName when there is no such edition."""
    return EditionChoice(contract.edition(edition).name, "as asked for")


def chosen(listed: Observation) -> EditionChoice:
    """The newest edition that fits the answer to a request for the list of jobs.

    Only some editions have the list. The default edition where the answer tells nothing.
    """
    if listed.status == 404:
        return EditionChoice(
            _newest(has_list=False), "the list of jobs answers 404: newer pages lack it"
        )
    known = _lists()
    if listed.status == 200 and known & members(listed).keys():
        return EditionChoice(_newest(has_list=True), "the list of jobs answers, and has the lists")
    answer = "does not answer" if listed.status is None else f"answers {listed.status}"
    if listed.status == 200:
        answer += ", but with none of its lists"
    return EditionChoice(
        resources.DEFAULT_EDITION, f"the default, because the list of jobs {answer}"
    )


def _newest(*, has_list: bool) -> str:
    names = resources.edition_names()
    fitting = [
        name for name in names if (LIST_STATUS.id in contract.edition(name).operations) is has_list
    ]
    return fitting[-1] if fitting else resources.DEFAULT_EDITION


def _lists() -> set[str]:
    """The members that a list of jobs may have."""
    found = set[str]()
    for name in resources.edition_names():
        operation = contract.edition(name).operations.get(LIST_STATUS.id)
        if operation is not None:
            found |= operation.schema("response").get("properties", {}).keys()
    return found
