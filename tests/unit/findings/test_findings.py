"""Findings counted together, and rules with their checks."""

from collections.abc import Iterator
from dataclasses import replace

from mockserver.findings.finding import SEVERITIES, Finding, Occurrence, Rule, at_least, merged


def is_small(rule: Rule, number: int) -> Iterator[Finding]:
    if number > 5:
        yield Finding(rule, found=str(number))


small = Rule("small", "warning", "G", "Small.", "Why.", "Do.", is_small, example=(7,))


def test_a_rule_finds_what_its_check_does() -> None:
    assert [finding.found for finding in small.broken_by(small.example[0])] == ["7"]
    assert list(small.broken_by(5)) == []


def test_a_rule_without_a_check_is_never_found_broken_by_itself() -> None:
    assert list(replace(small, check=None).broken_by(7)) == []


def test_findings_of_one_fingerprint_are_counted_together() -> None:
    first = Finding(small, place="/a", first=Occurrence(1, 10), last=Occurrence(1, 10), found="6")
    later = replace(first, first=Occurrence(2, 20), last=Occurrence(2, 20), found="9", count=2)
    other = replace(later, place="/b")
    both, alone = merged([first, other, later])
    assert (both.count, both.first.number, both.last.number, both.found) == (3, 1, 2, "6")
    assert alone is other


def test_severities_at_least_as_grave() -> None:
    assert at_least("error") == ("error",)
    assert at_least("info") == SEVERITIES
