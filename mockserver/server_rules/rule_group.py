"""Groups of rules, whose words are in `rules.toml`."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from mockserver.findings.finding import Check, Rule, words_of

WORDS = words_of("server_rules")
"""By the rules' ids."""


@dataclass(frozen=True, slots=True)
class RuleGroup:
    """Rules that look at the same thing; `title` says at what.

    `adapted` makes a check of all evidence from one of a part of it, as the rules' checks are.
    """

    title: str
    rules: list[Rule] = field(default_factory=list)
    adapted: Callable[[Check], Check] = lambda check: check

    def rule(self, id_: str, *example: Any, **facts: Any) -> Callable[[Check | None], Rule]:
        """What makes a check a rule of this group; `facts` are what the table does not say of it.

        None in the place of the check: another part of the program does it.
        """

        def added(check: Check | None) -> Rule:
            whole = check and self.adapted(check)
            rule = Rule(id_, check=whole, example=example, **WORDS[id_], **facts)
            self.rules.append(rule)
            return rule

        return added
