"""JUnit XML as CI servers read it: one suite, its cases, and what came of each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, TypeAlias
from xml.etree import ElementTree as ET

from mockserver.report.cleaning import holdable

__all__ = ["Case", "Kind", "Result", "Suite", "to_xml"]

Kind: TypeAlias = Literal["failure", "error", "skipped"]


@dataclass(frozen=True, slots=True)
class Result:
    """Why a case has not passed. `type` is a word for scripts, `text` all there is to say."""

    kind: Kind
    type: str
    message: str
    text: str = ""


@dataclass(frozen=True, slots=True)
class Case:
    """`result` is None for a case that has passed."""

    classname: str
    name: str
    seconds: float = 0.0
    properties: Mapping[str, str] = field(default_factory=dict)
    result: Result | None = None
    stdout: str = ""
    stderr: str = ""


@dataclass(frozen=True, slots=True)
class Suite:
    """`began_at` is an RFC 3339 date-time."""

    name: str
    cases: Sequence[Case]
    seconds: float
    began_at: str
    properties: Mapping[str, str]
    stdout: str = ""


def to_xml(suite: Suite) -> str:
    """The text of the file; what XML cannot hold is replaced."""
    kinds = [case.result.kind for case in suite.cases if case.result is not None]
    counts = {
        "name": holdable(suite.name),
        "tests": str(len(suite.cases)),
        "failures": str(kinds.count("failure")),
        "errors": str(kinds.count("error")),
        "skipped": str(kinds.count("skipped")),
        "time": f"{suite.seconds:.3f}",
    }
    root = ET.Element("testsuites", counts)
    element = ET.SubElement(root, "testsuite", {**counts, "timestamp": holdable(suite.began_at)})
    _properties(element, suite.properties)
    for case in suite.cases:
        _add(element, case)
    _printed(element, "system-out", suite.stdout)
    ET.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, "unicode") + "\n"


def _add(suite: ET.Element, case: Case) -> None:
    facts = {"name": case.name, "classname": case.classname, "time": f"{case.seconds:.3f}"}
    element = ET.SubElement(suite, "testcase", _held(facts))
    _properties(element, case.properties)
    if case.result is not None:
        facts = {"message": case.result.message, "type": case.result.type}
        result = ET.SubElement(element, case.result.kind, _held(facts))
        result.text = holdable(case.result.text) or None
    _printed(element, "system-out", case.stdout)
    _printed(element, "system-err", case.stderr)


def _properties(parent: ET.Element, facts: Mapping[str, str]) -> None:
    if facts:
        element = ET.SubElement(parent, "properties")
        for name, value in facts.items():
            ET.SubElement(element, "property", _held({"name": name, "value": value}))


def _printed(parent: ET.Element, tag: str, text: str) -> None:
    if text:
        ET.SubElement(parent, tag).text = holdable(text)


def _held(attributes: Mapping[str, str]) -> dict[str, str]:
    return {name: holdable(value) for name, value in attributes.items()}
