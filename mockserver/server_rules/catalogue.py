"""Every rule that a server is held to, in groups, and one response held to those about one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from mockserver.findings.finding import Finding, merged
from mockserver.findings.rule import SEVERITIES, Rule
from mockserver.server_rules.checked_response import CheckedResponse
from mockserver.server_rules.history_rules import HISTORY
from mockserver.server_rules.http_rules import HTTP
from mockserver.server_rules.job_rules import JOBS
from mockserver.server_rules.rule_group import RuleGroup
from mockserver.server_rules.run_rules import RUN
from mockserver.server_rules.schema_rules import DRIFT, JSON_TEXT, TABLES
from mockserver.server_rules.situation_rules import SITUATIONS
from mockserver.server_rules.time_rules import TIMES

_OF_RESPONSE = (HTTP, JSON_TEXT, TABLES, DRIFT, RuleGroup(JOBS.title, [*JOBS.rules, *TIMES.rules]))

GROUPS: tuple[RuleGroup, ...] = (SITUATIONS, RUN, *_OF_RESPONSE, HISTORY)

RULES: Mapping[str, Rule] = MappingProxyType(
    {rule.id: rule for group in GROUPS for rule in group.rules}
)
"""All rules by id."""


_ORDER = {id_: place for place, id_ in enumerate(RULES)}


def findings_of(response: CheckedResponse) -> list[Finding]:
    """What can be said of a response without knowing any other, each rule and place once.

    Where one of the situations explains the whole, nothing else is said.
    """
    for rule in SITUATIONS.rules:
        if found := list(rule.broken_by(response)):
            return found
    rules = (rule for group in _OF_RESPONSE for rule in group.rules)
    return merged(finding for rule in rules for finding in rule.broken_by(response))


def in_order(findings: Iterable[Finding]) -> list[Finding]:
    """The gravest first, then by rule, then in the order in which they came."""
    return sorted(
        findings,
        key=lambda finding: (
            SEVERITIES.index(finding.severity),
            _ORDER[finding.rule.id],
            finding.first.number,
        ),
    )
