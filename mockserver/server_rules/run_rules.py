"""The rules for a whole run of the check, which no single reply can break."""

from __future__ import annotations

from mockserver.findings.rule import Rule

__all__ = ["NOTHING_JUDGED", "RUN_RULES"]

NOTHING_JUDGED = Rule(
    "nothing-judged",
    "error",
    "G",
    "What the check is asked to judge gets a reply that it can judge.",
    "A check that has judged nothing says nothing of the server, and must not pass for a good one.",
    "See whether address, token and the jobs' ids are right, and what the other findings say.",
)
"""No documented operation, or no job that was named, got a reply that can be judged."""

RUN_RULES = (NOTHING_JUDGED,)
