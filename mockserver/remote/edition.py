"""Which documented edition a server follows, by its answer to the list of jobs."""

from typing import NamedTuple

from mockserver import contract, resources
from mockserver.api.operations import LIST_STATUS
from mockserver.server_rules.observation import Observation, members

AUTO = "auto"
"""In the place of an edition: whichever the server seems to follow."""


class EditionChoice(NamedTuple):
    """An edition's name, and in a sentence how it was chosen."""

    edition: str
    because: str

    def has(self, operation: str) -> bool:
        """Whether its pages have the operation."""
        return operation in contract.edition(self.edition).operations


def chosen(listed: Observation) -> EditionChoice:
    """The newest edition that fits the answer to a request for the list of jobs.

    Only some editions have the list. The default edition where the answer tells nothing.
    """
    lists: dict[str, set[str]] = {}  # the members that a list of jobs has, by edition
    for name in resources.edition_names():
        operation = contract.edition(name).operations.get(LIST_STATUS.id)
        lists[name] = set(operation.schema("response")["properties"]) if operation else set()
    newest = {bool(names): edition for edition, names in lists.items()}
    if listed.status == 404:
        edition = newest.get(False, resources.DEFAULT_EDITION)
        return EditionChoice(edition, "the list of jobs answers 404: newer pages lack it")
    if listed.status == 200 and set().union(*lists.values()) & members(listed).keys():
        return EditionChoice(newest[True], "the list of jobs answers, and has the lists")
    answer = "does not answer" if listed.status is None else f"answers {listed.status}"
    if listed.status == 200:
        answer += ", but with none of its lists"
    because = f"the default, because the list of jobs {answer}"
    return EditionChoice(resources.DEFAULT_EDITION, because)
