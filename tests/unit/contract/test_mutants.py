"""Mutants: payloads that break one rule, proved one by one, and no rule without its mutants."""

import copy
import json
import pickle
import re
from collections.abc import Iterable, Iterator
from typing import Any

import jsonschema_rs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver import resources
from mockserver.contract import (
    MISSING,
    RULES,
    Mutant,
    Validator,
    edition,
    mutant_of,
    mutants_of,
    rules_of,
    validator,
)
from mockserver.contract.mutations import MUTATORS
from mockserver.documents import rfc3339
from mockserver.documents.pointer import parts
from mockserver.documents.source import Source
from mockserver.files import read_source
from mockserver.pages import operation as page_operations
from mockserver.timeline.payloads import job_payload, list_payload
from mockserver.timeline.reader import load
from support.cases import data, table
from support.schemas import BUNDLED, broken
from support.timelines import short_texts, stories

FOLDER = resources.folder("fixtures") / "payloads" / "valid"
START = "2025-10-03T15:33:23.496Z"


def raw(check: Validator) -> jsonschema_rs.Draft202012Validator:
    """The schema's own verdict, without anything of ours but what a date-time is."""
    return jsonschema_rs.Draft202012Validator(
        check.schema, validate_formats=True, formats={"date-time": rfc3339.is_date_time}
    )


def proved(payload: Any, check: Validator) -> list[Mutant]:
    """The mutants, each of which is what it says it is."""
    text = json.dumps(payload)
    engine = raw(check)
    mutants = list(mutants_of(payload, check))
    assert json.dumps(payload) == text
    for mutant in mutants:
        (violation,) = check.violations(mutant.payload)
        assert (violation.rule, violation.pointer) == (mutant.rule, mutant.pointer)
        assert not engine.is_valid(mutant.payload)
        assert json.dumps(put(payload, mutant.pointer, mutant.became)) == json.dumps(mutant.payload)
        assert json.dumps(put(mutant.payload, mutant.pointer, mutant.was)) == text or (
            mutant.became is MISSING  # what was taken away comes back as the last member
            and put(mutant.payload, mutant.pointer, mutant.was) == payload
        )
    assert len({mutant.id for mutant in mutants}) == len(mutants)
    return mutants


def put(payload: Any, pointer: str, value: Any) -> Any:
    """A copy of the payload with this value there, or nothing."""
    holder = {"": copy.deepcopy(payload)}
    inside: Any = holder
    *path, last = ("", *parts(pointer))
    for step in path:
        inside = inside[int(step) if isinstance(inside, list) else step]
    if value is MISSING:
        del inside[last]
    else:
        inside[int(last) if isinstance(inside, list) else last] = value
    return holder[""]


def bundled(operation: str, name: str, part: str) -> list[Any]:
    """The valid payloads of a folder; those of many jobs take too long to be mutated wholly."""
    folder = FOLDER / name / (operation if part == "response" else f"{operation}.{part}")
    texts = [path.read_text(encoding="utf-8") for path in sorted(folder.glob("*.json"))]
    return [json.loads(text) for text in texts if len(text) < 10_000]


def ids(mutants: list[Mutant]) -> list[str]:
    return [mutant.id for mutant in mutants]


def documented() -> Iterator[Any]:
    """The examples of replies on the pages, and the schemas that the pages give."""
    for name in resources.edition_names():
        pages = [read_source(path) for path in resources.edition_pages(name)]
        for operation in page_operations.read_operations(pages):
            for example in operation.examples:
                if example.part == "response" and example.language == "json":
                    label = f"{name}-{operation.id}-{example.line}"
                    yield pytest.param(operation.id, name, example.code, id=label)


@pytest.mark.parametrize(("operation", "name", "code"), list(documented()))
def test_each_mutant_of_a_documented_example_breaks_one_rule(
    operation: str, name: str, code: str
) -> None:
    assert len(proved(json.loads(code), validator(operation, name))) > 10


@pytest.mark.parametrize(("operation", "name", "part"), BUNDLED)
def test_each_rule_that_a_schema_states_has_mutants_and_no_other_rule_has(
    operation: str, name: str, part: str
) -> None:
    check = validator(operation, name, part)
    payloads = bundled(operation, name, part) or [{"job_id": "a"}]
    mutants = [mutant for payload in payloads for mutant in proved(payload, check)]
    found = places(mutants)
    assert found == set(stated(check.schema, ""))
    assert {rule for rule, _ in found} == set(rules_of(check.schema))
    assert len(found) >= 3


def places(mutants: Iterable[Mutant]) -> set[tuple[str, str]]:
    """Rules and where they are broken; every index is a star."""
    return {(rule, re.sub(r"/[0-9]+(?=/|$)", "/*", pointer)) for rule, pointer in broken(mutants)}


def stated(schema: dict[str, Any], at: str) -> Iterator[tuple[str, str]]:
    """The rules of a schema and where they are broken; every index is a star."""
    for rule in {"type", "const", "enum", "format"} & schema.keys():
        yield rule, at
    for name in schema.get("required", ()):
        yield "required", f"{at}/{name}"
    for name in schema.get("not", {}).get("required", ()):
        yield "absent", f"{at}/{name}"
    for rule in schema.get("allOf", ()):
        yield from stated(rule["then"], at)
    for name, member in schema.get("properties", {}).items():
        yield from stated(member, f"{at}/{name}")
    if "items" in schema:
        yield from stated(schema["items"], f"{at}/*")


JOB = {"job_id": "7", "status": "completed", "completed_at": START, "total_size_bytes": 10}


def test_they_come_in_the_order_of_the_rules_the_plainest_first() -> None:
    check = validator("job_status")
    mutants = proved(JOB, check)
    assert ids(mutants) == ids(list(mutants_of(copy.deepcopy(JOB), check)))
    assert ids(mutants) == data(__file__, "order")


@pytest.mark.parametrize(
    ("id_", "was", "became"),
    [
        ("required:/job_id", "7", MISSING),
        ("absent:/estimated_completion", MISSING, START),
        ("absent:/bytes_per_second", MISSING, 1),
        ("type:/job_id~number", "7", 7),
        ("type:/total_size_bytes~text", 10, "10"),
        ("type:~array", JOB, []),
        ("enum:/status~cut-short", "completed", "complete"),
        ("format:/completed_at~impossible-day", START, "2025-02-30T15:33:23.496Z"),
        ("format:/completed_at~no-zone", START, "2025-10-03T15:33:23.496"),
        ("format:/completed_at~space-for-t", START, "2025-10-03 15:33:23.496Z"),
        ("format:/completed_at~hour-24", START, "2025-10-03T24:33:23.496Z"),
    ],
)
def test_what_was_and_what_became_of_it(id_: str, was: Any, became: Any) -> None:
    (mutant,) = (made for made in mutants_of(JOB, validator("job_status")) if made.id == id_)
    assert (mutant.was, mutant.became) == (was, became)
    assert type(mutant.became) is type(became)


def test_the_payload_is_shared_where_it_is_not_changed() -> None:
    payload: dict[str, Any] = {"downloading": [], "completed": [], "failed": [], "paused": []}
    payload["paused"] = [{**JOB, "status": "paused", "downloaded_bytes": 5}]
    mutant = mutant_of(payload, validator("list_status"), "const")
    assert mutant is not None
    assert mutant.pointer == "/paused/0/status"
    assert mutant.payload["failed"] is payload["failed"]
    assert payload["paused"][0]["status"] == "paused"


class TestOneMutant:
    def test_is_the_first_of_its_rule_and_at_its_pointer(self) -> None:
        check = validator("job_status")
        every = list(mutants_of(JOB, check))
        assert {mutant.rule for mutant in every} == set(rules_of(check.schema))
        for wanted in every:
            of_rule = [mutant for mutant in every if mutant.rule == wanted.rule]
            assert mutant_of(JOB, check, wanted.rule) == of_rule[0]
            at_pointer = [mutant for mutant in of_rule if mutant.pointer == wanted.pointer]
            assert mutant_of(JOB, check, wanted.rule, wanted.pointer) == at_pointer[0]

    @table(__file__, "unbroken")
    def test_is_none_where_the_rule_cannot_be_broken(self, rule: str, pointer: str | None) -> None:
        assert mutant_of(JOB, validator("job_status"), rule, pointer) is None

    @pytest.mark.parametrize("payload", [{}, None, [], {**JOB, "job_id": 5}, {**JOB, "a": set()}])
    def test_is_none_where_a_rule_is_broken_already(self, payload: Any) -> None:
        check = validator("job_status")
        assert list(mutants_of(payload, check)) == []
        assert mutant_of(payload, check, "required") is None

    def test_goes_into_a_set_and_through_pickle(self) -> None:
        first, second, *_ = mutants_of(JOB, validator("job_status"))
        assert len({first, first, second}) == 2
        restored = pickle.loads(pickle.dumps(first))
        assert restored == first
        assert restored.became is MISSING
        assert repr(MISSING) == "MISSING"


# Rules that no bundled page states.

ALTERNATIVES = {
    "anyOf": [
        {
            "title": kind,
            "type": "object",
            "properties": {"kind": {"const": kind}, member: {"type": "number"}},
            "required": ["kind", member],
        }
        for kind, member in (("full", "bytes"), ("part", "share"))
    ]
}
SCHEMAS = data(__file__, "schemas")


@pytest.mark.parametrize("case", SCHEMAS)
def test_rules_that_no_bundled_page_states(case: str) -> None:
    schema, payload, expected = SCHEMAS[case].values()
    check = Validator(schema)
    assert check.is_valid(payload)
    assert ids(proved(payload, check)) == expected
    assert {id_.partition(":")[0] for id_ in expected} <= set(rules_of(schema))


def test_every_rule_that_a_schema_can_state_has_its_changes() -> None:
    assert list(MUTATORS) == [rule for rule in RULES if ":" not in rule]


def test_the_rules_of_a_schema_are_those_it_states() -> None:
    assert rules_of({}) == ()
    assert rules_of(ALTERNATIVES) == ("required", "type", "const", "anyOf")
    assert rules_of({"items": {"properties": {"format": {"pattern": "^a"}}}}) == ("pattern",)
    condition = {"if": {"required": ["a"]}, "then": {"not": {"required": ["b"]}}}
    assert rules_of({"allOf": [condition]}) == ("absent",)
    every = dict.fromkeys(rule for rule in RULES if ":" not in rule and rule != "absent")
    of_lists: dict[str, Any] = {"anyOf": [], "required": [], "enum": [], "not": {}}
    assert rules_of(every | of_lists) == tuple(rule for rule in RULES if ":" not in rule)


@given(st.data())
def test_each_mutant_of_a_played_timelines_replies_breaks_one_rule(data: st.DataObject) -> None:
    timeline = load(Source("t.yaml", data.draw(short_texts)))
    *_, moment = data.draw(stories(timeline, most=3))
    states = moment.playback.at(moment.now_ms)[:2]
    replies = [("job_status", job_payload(state)) for state in states]
    if "list_status" in edition(timeline.edition).operations:
        replies.append(("list_status", list_payload(states)))
    for operation, payload in replies:
        check = validator(operation, timeline.edition)
        mutants = proved(payload, check)
        assert bool(mutants) == check.is_valid(payload)


class TestProof:
    """What is yielded is proved by the validator, whatever the walk proposes."""

    def test_a_validator_that_finds_nothing_proves_nothing(self) -> None:
        class Blind(Validator):
            def broken_rules(self, payload: object) -> list[tuple[str, str]]:
                return []

        assert list(mutants_of(JOB, Blind(validator("job_status").schema))) == []

    def test_a_change_that_breaks_two_rules_is_no_mutant(self) -> None:
        again = {"description": "Always present", "if": {}, "then": {"required": ["a"]}}
        schema: dict[str, Any] = {"required": ["a"], "allOf": [again]}
        assert ids(proved({"a": 1}, Validator(schema))) == ["required:/a"]
        schema |= {"dependentRequired": {"b": ["a"]}}
        assert ids(proved({"a": 1, "b": 1}, Validator(schema))) == []
