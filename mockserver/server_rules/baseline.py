"""Findings that are known and accepted: a file of them, and a report held against it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TypeAlias

from mockserver.documents import json_text, yaml_text
from mockserver.documents.node import Node
from mockserver.documents.source import Path, PlacedData, Source
from mockserver.errors import BaselineError, YamlError
from mockserver.findings.finding import Fingerprint
from mockserver.findings.report import CheckReport
from mockserver.server_rules.situation_rules import ELSEWHERE

FORMAT = 1
"""Rises when older programs could no longer read the file."""

_NO_REPLY = ("bad-encoding", "bad-http", "broken-off", "no-reply", "timeout")
UNACCEPTABLE = frozenset((*ELSEWHERE, *_NO_REPLY, "html-page", "nothing-judged", "token-refused"))
"""Rules whose findings keep a server from being judged: no baseline accepts them."""


Baseline: TypeAlias = Mapping[Fingerprint, str]
"""Accepted findings, each with a reason for people, "" where nobody wrote one."""


def apply(report: CheckReport, baseline: Baseline) -> CheckReport:
    """The report with the known findings among `accepted`, and what is not seen any more.

    An entry of a rule that is `UNACCEPTABLE` accepts nothing.
    """
    known = frozenset(filter(_is_acceptable, baseline))
    found, seen = (*report.findings, *report.accepted), _seen(report)
    return replace(
        report,
        findings=tuple(finding for finding in found if finding.fingerprint not in known),
        accepted=tuple(finding for finding in found if finding.fingerprint in known),
        stale=tuple(gone for gone in baseline if gone not in seen and _is_judged(gone, report)),
    )


def renewed(report: CheckReport, before: Baseline) -> Baseline:
    """A baseline of all that it found and that can be accepted, with the reasons of the one before.

    What that one has besides is kept where this run cannot tell: it was interrupted, or did not
    ask for the operation.
    """
    kept = {known for known in before if not _is_judged(known, report)}
    accepted = sorted(filter(_is_acceptable, _seen(report) | kept))
    return {known: before.get(known, "") for known in accepted}


def to_text(baseline: Baseline) -> str:
    """The text of the file: a change of one entry changes that entry's lines and no others."""
    accepted = []
    for (operation, rule, place), reason in sorted(baseline.items()):
        facts = {"operation": operation or None, "rule": rule, "place": place}
        accepted.append({**facts, **({"reason": reason} if reason else {})})
    return json.dumps({"format": FORMAT, "accepted": accepted}, indent=2) + "\n"


def read(source: Source) -> Baseline:
    """The baseline of a file, in the order of the fingerprints.

    Raises JsonTextError for text that is not strictly JSON, and BaselineError for JSON that is no
    baseline: a member that is missing, unknown or of a wrong type, another format, an entry twice.
    """
    data = json_text.loads(source.text, path=source.path)
    root = Node.root(_JsonDocument(data, source), "the baseline", BaselineError)
    file = root.members(("format", "accepted"), ())
    version, accepted = file["format"], file["accepted"]
    if version.value != FORMAT or isinstance(version.value, bool):
        raise version.error(f"the format is {json.dumps(version.value):.60}", f"{FORMAT}")
    entries: dict[Fingerprint, str] = {}
    for node in [] if accepted.value == [] else accepted.items("finding"):
        members = node.members(("operation", "rule", "place"), ("reason",))
        operation, reason = members["operation"], members.get("reason")
        asked = "" if operation.value is None else operation.text("text or null")
        fingerprint = (asked, members["rule"].text(), members["place"].text())
        if fingerprint in entries:
            first = list(entries).index(fingerprint) + 1
            raise node.error(f"{node.name} is the same as finding {first}", "each finding once")
        entries[fingerprint] = "" if reason is None else reason.text()
    return dict(sorted(entries.items()))


def _seen(report: CheckReport) -> set[Fingerprint]:
    return {finding.fingerprint for finding in (*report.findings, *report.accepted)}


def _is_acceptable(fingerprint: Fingerprint) -> bool:
    return fingerprint[1] not in UNACCEPTABLE


def _is_judged(fingerprint: Fingerprint, report: CheckReport) -> bool:
    """Whether this run would have seen it: it is whole and has asked for the operation."""
    operation = fingerprint[0]
    asked = report.asked.get(operation, 0) if operation else sum(report.asked.values())
    return report.is_whole and asked > 0


@dataclass(frozen=True, eq=False)
class _JsonDocument(PlacedData):
    """JSON text with the places of its parts: it is YAML, and our reader of that knows the lines.

    What that refuses, such as a text that is too large for it, is all at the first line.
    """

    text: Source

    @property
    def source(self) -> Source:
        return self.text

    def position(self, path: Path, *, key: bool = False) -> tuple[int, int]:
        try:
            return yaml_text.load(self.text).position(path, key=key)
        except YamlError:
            return 1, 1
