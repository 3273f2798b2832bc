"""The rules for clients of the download API, group by group: what each demands, and its check."""

from collections.abc import Mapping
from types import MappingProxyType

from mockserver.client_rules import job_end, job_ids, paths, poll_rate, requests, retries
from mockserver.findings.finding import Rule, words_of

# Where a client asks, for what, for which job, how long, and how fast.
_GROUPS = (paths, requests, job_ids, job_end, retries, poll_rate)

NOT_OBSERVED = Rule("not-observed", **words_of("client_rules")["not-observed"])
"""It has no check: whether it is demanded depends on who judges."""

RULES: Mapping[str, Rule] = MappingProxyType(
    {
        rule.id: rule
        # A module's names are in the order of their definitions.
        for rule in (*(value for group in _GROUPS for value in vars(group).values()), NOT_OBSERVED)
        if isinstance(rule, Rule)
    }
)
"""All rules by id, in their order."""
