"""Every rule that a server is held to, in groups."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from mockserver.findings.rule import Rule
from mockserver.server_rules.history_rules import HISTORY_RULES
from mockserver.server_rules.http_rules import HTTP_RULES, SITUATIONS
from mockserver.server_rules.reply_rules import REPLY_RULES
from mockserver.server_rules.run_rules import RUN_RULES
from mockserver.server_rules.schema_rules import DRIFT_RULES, JSON_RULES, SCHEMA_RULES

__all__ = ["GROUPS", "RULES", "Group"]


@dataclass(frozen=True, slots=True)
class Group:
    """Rules that look at the same thing; `title` says at what."""

    title: str
    rules: tuple[Rule, ...]


GROUPS: tuple[Group, ...] = (
    Group("Situations: one sentence for the whole reply", SITUATIONS),
    Group("The whole run", RUN_RULES),
    Group("HTTP", HTTP_RULES),
    Group("JSON", JSON_RULES),
    Group("The tables of the pages", SCHEMA_RULES),
    Group("What the pages do not know", DRIFT_RULES),
    Group("One reply", REPLY_RULES),
    Group("One job over time", HISTORY_RULES),
)

RULES: Mapping[str, Rule] = MappingProxyType(
    {rule.id: rule for group in GROUPS for rule in group.rules}
)
"""All rules by id."""
