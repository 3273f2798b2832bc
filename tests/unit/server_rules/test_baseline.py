"""Baselines: what they accept, what they keep, and how they are read and refused."""

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.documents.source import Source
from mockserver.errors import BaselineError, JsonTextError
from mockserver.findings.report import CheckReport
from mockserver.server_rules.baseline import Baseline, apply, read, renewed, to_text
from support.cases import source, table
from support.check_reports import BACK, CLEAN, EXTRA, LATE, MISSING, REPORT, reports

FRESH = replace(REPORT, accepted=(), stale=())
GONE = ("job_status", "format", "/started_at")

texts = st.text(max_size=20)
baselines = st.dictionaries(st.tuples(texts, texts, texts), texts, max_size=5)


def test_known_findings_are_apart() -> None:
    known = {MISSING.fingerprint: "the list is old", GONE: ""}
    report = apply(FRESH, known)
    assert report.findings == (BACK, EXTRA, LATE)
    assert report.accepted == (MISSING,)
    assert report.stale == (GONE,)
    assert apply(report, known) == report
    assert apply(report, {}).stale == ()


def test_a_job_or_a_count_makes_no_difference_but_operation_rule_and_place_do() -> None:
    known = {MISSING.fingerprint: ""}
    again = replace(MISSING, pointer="/downloading/7/job_id", count=1, job_id=None, found="null")
    assert apply(replace(FRESH, findings=(again,)), known).findings == ()
    for other in (
        replace(MISSING, operation="job_status"),
        replace(MISSING, rule=BACK.rule),
        replace(MISSING, place="/job_id"),
    ):
        assert apply(replace(FRESH, findings=(other,)), known).findings == (other,)


@pytest.mark.parametrize(
    ("report", "is_stale"),
    [
        (CLEAN, True),
        (replace(CLEAN, is_whole=False), False),
        (replace(CLEAN, asked={"list_status": 5}), False),
        (replace(CLEAN, asked={"job_status": 0}), False),
    ],
)
def test_what_was_not_asked_for_is_not_stale(report: CheckReport, is_stale: bool) -> None:
    known = {GONE: "why"}
    assert apply(report, known).stale == ((GONE,) if is_stale else ())
    assert renewed(report, known) == ({} if is_stale else known)


def test_reasons_are_kept_when_it_is_written_anew() -> None:
    before = {MISSING.fingerprint: "the list is old", GONE: "fixed?"}
    assert renewed(apply(FRESH, before), before) == {
        MISSING.fingerprint: "the list is old",
        BACK.fingerprint: "",
        EXTRA.fingerprint: "",
        LATE.fingerprint: "",
    }


@given(reports, baselines)
def test_a_renewed_baseline_accepts_all(report: CheckReport, before: Baseline) -> None:
    after = apply(report, renewed(report, before))
    assert after.findings == ()
    assert after.stale == ()
    assert len(after.accepted) == len(report.findings) + len(report.accepted)


@given(baselines)
def test_what_is_written_is_read(known: Baseline) -> None:
    text = to_text(known)
    assert read(Source("baseline.json", text)) == known
    assert to_text(dict(reversed([*known.items()]))) == text


def test_what_is_written_can_be_read_by_people() -> None:
    text = to_text({LATE.fingerprint: "a slow machine", GONE: ""})
    assert text == source(__file__, "baseline.json").text


@table(__file__, "no-baseline")
def test_what_is_no_baseline_is_refused_at_its_place(text: str, pointer: str, said: str) -> None:
    with pytest.raises(BaselineError) as caught:
        read(Source("b.json", text))
    assert caught.value.pointer == pointer
    assert said in str(caught.value)


@pytest.mark.parametrize("text", ["", "{", '{"format": 1, "format": 1}', "{'format': 1}"])
def test_what_is_not_json_is_refused_as_that(text: str) -> None:
    with pytest.raises(JsonTextError):
        read(Source("b.json", text))


_names = st.sampled_from(["format", "accepted", "operation", "rule", "place", "reason", "x", "é"])
_json = st.recursive(
    st.none() | st.booleans() | st.just(1) | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_names, inner, max_size=4),
    max_leaves=6,
)


@given(_json, _json)
def test_any_json_is_read_or_refused_at_its_place(entry: object, other: object) -> None:
    for data in (entry, {"format": 1, "accepted": [entry, other]}):
        source = Source("b.json", json.dumps(data, indent=1, ensure_ascii=False))
        try:
            read(source)
        except BaselineError as error:
            refused = error
        else:
            continue
        assert 1 <= refused.line <= len(source.lines)
        assert refused.path == "b.json"
