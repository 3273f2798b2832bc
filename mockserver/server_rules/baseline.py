"""Findings that are known and accepted: a file of them, and a report held against it."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from mockserver.documents import json_text, yaml_text
from mockserver.documents.pointer import pointer
from mockserver.errors import BaselineError, YamlError, nearest
from mockserver.findings.finding import Fingerprint
from mockserver.findings.report import CheckReport

if TYPE_CHECKING:
    from mockserver.documents.source import Source

__all__ = ["FORMAT", "UNACCEPTABLE", "Baseline", "Entry", "apply", "read", "renewed", "to_text"]

FORMAT = 1
"""Rises when older programs could no longer read the file."""

UNACCEPTABLE = frozenset(
    {
        "another-server",
        "bad-encoding",
        "bad-http",
        "broken-off",
        "html-page",
        "no-reply",
        "nothing-judged",
        "old-server",
        "timeout",
        "token-refused",
        "wrong-base-url",
    }
)
"""Rules whose findings keep a server from being judged: no baseline accepts them."""

_FILE = ("format", "accepted")
_ENTRY = ("operation", "rule", "place", "reason")
_Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Entry:
    """One accepted finding; `reason` is for people, "" where nobody wrote one."""

    fingerprint: Fingerprint
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Baseline:
    """Entries with differing fingerprints, in the order of these."""

    entries: tuple[Entry, ...] = ()

    @property
    def fingerprints(self) -> frozenset[Fingerprint]:
        return frozenset(entry.fingerprint for entry in self.entries)


def apply(report: CheckReport, baseline: Baseline) -> CheckReport:
    """The report with the known findings among `accepted`, and what is not seen any more.

    An entry of a rule that is `UNACCEPTABLE` accepts nothing.
    """
    known = frozenset(one for one in baseline.fingerprints if _is_acceptable(one))
    found = (*report.findings, *report.accepted)
    seen = _seen(report)
    return replace(
        report,
        findings=tuple(one for one in found if one.fingerprint not in known),
        accepted=tuple(one for one in found if one.fingerprint in known),
        stale=tuple(
            entry.fingerprint
            for entry in baseline.entries
            if entry.fingerprint not in seen and _is_judged(entry, report)
        ),
    )


def renewed(report: CheckReport, before: Baseline = Baseline()) -> Baseline:
    """A baseline of all that it found and that can be accepted, with the reasons of the one before.

    What that one has besides is kept where this run cannot tell: it was interrupted, or did not
    ask for the operation.
    """
    reasons = {entry.fingerprint: entry.reason for entry in before.entries}
    kept = {entry.fingerprint for entry in before.entries if not _is_judged(entry, report)}
    every = sorted(filter(_is_acceptable, _seen(report) | kept))
    return Baseline(tuple(Entry(one, reasons.get(one, "")) for one in every))


def to_text(baseline: Baseline) -> str:
    """The text of the file: a change of one entry changes that entry's lines and no others."""
    accepted = []
    for entry in sorted(baseline.entries, key=lambda one: one.fingerprint):
        operation, rule, place = entry.fingerprint
        facts = {"operation": operation or None, "rule": rule, "place": place}
        accepted.append({**facts, **({"reason": entry.reason} if entry.reason else {})})
    return json.dumps({"format": FORMAT, "accepted": accepted}, indent=2) + "\n"


def read(source: Source) -> Baseline:
    """The baseline of a file.

    Raises JsonTextError for text that is not strictly JSON, and BaselineError for JSON that is no
    baseline: a member that is missing, unknown or of a wrong type, another format, an entry twice.
    """
    reader = _Reader(source)
    file = reader.members(json_text.loads(source.text, path=source.path), (), _FILE, "the baseline")
    if file["format"] != FORMAT or isinstance(file["format"], bool):
        found = json.dumps(file["format"])
        raise reader.error(("format",), f"the format is {found:.60}", f"{FORMAT}")
    accepted = file["accepted"]
    if not isinstance(accepted, list):
        raise reader.wrong(("accepted",), accepted, "a list of findings")
    entries: dict[Fingerprint, Entry] = {}
    for index, value in enumerate(accepted):
        entry = reader.entry(value, ("accepted", index))
        if entry.fingerprint in entries:
            first = list(entries).index(entry.fingerprint)
            problem = f"the same finding as /accepted/{first}"
            raise reader.error(("accepted", index), problem, "each finding once")
        entries[entry.fingerprint] = entry
    return Baseline(tuple(entries[one] for one in sorted(entries)))


def _seen(report: CheckReport) -> set[Fingerprint]:
    return {one.fingerprint for one in (*report.findings, *report.accepted)}


def _is_acceptable(fingerprint: Fingerprint) -> bool:
    return fingerprint[1] not in UNACCEPTABLE


def _is_judged(entry: Entry, report: CheckReport) -> bool:
    """Whether this run would have seen it: it is whole and has asked for the operation."""
    operation = entry.fingerprint[0]
    asked = report.asked.get(operation, 0) if operation else sum(report.asked.values())
    return report.is_whole and asked > 0


@dataclass(frozen=True, slots=True)
class _Reader:
    """Refuses what has not the form of a baseline, at its line."""

    source: Source

    def members(self, value: Any, path: _Path, names: tuple[str, ...], what: str) -> dict[str, Any]:
        """The members of an object that has these, of which only `reason` may be missing."""
        listed = ", ".join(f'"{name}"' for name in names)
        if not isinstance(value, dict):
            raise self.wrong(path, value, f"an object with {listed}")
        for name in value:
            if name not in names:
                problem, close = f"unknown member {json.dumps(name):.60}", nearest(name, names)
                raise self.error((*path, name), problem, f"one of {listed}", close, at_key=True)
        for name in names:
            if name not in value and name != "reason":
                raise self.error(path, f'{what} has no "{name}"', f"{listed}")
        return value

    def entry(self, value: Any, path: _Path) -> Entry:
        members = self.members(value, path, _ENTRY, "the entry")
        for name, text in members.items():
            if not isinstance(text, str) and not (name == "operation" and text is None):
                or_null = " or null" if name == "operation" else ""
                raise self.wrong((*path, name), text, f"a string{or_null}")
        fingerprint = (members["operation"] or "", members["rule"], members["place"])
        return Entry(fingerprint, members.get("reason", ""))

    def wrong(self, path: _Path, value: Any, expected: str) -> BaselineError:
        kinds = {dict: "an object", list: "a list", str: "a string", bool: "a boolean"}
        found = "null" if value is None else kinds.get(type(value), "a number")
        return self.error(path, f"found {found}", expected)

    def error(
        self,
        path: _Path,
        problem: str,
        expected: str,
        suggestion: str | None = None,
        *,
        at_key: bool = False,
    ) -> BaselineError:
        try:  # JSON is YAML, and our reader of that knows the lines
            line, column = yaml_text.load(self.source).position(path, key=at_key)
        except YamlError:  # but for what is too large for it, and a few odd spellings
            line, column = 1, 1
        where = pointer(path)
        about = f"{problem} (at {where:.80})" if where else problem
        error = self.source.error(
            BaselineError, line, column, about, expected=expected, suggestion=suggestion
        )
        error.pointer = where
        return error
