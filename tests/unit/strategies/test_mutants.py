"""The finite list of mutants: every rule of every node, the same in every process."""

import json
import subprocess
import sys
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mockserver.contract import Mutant, Validator, mutants, mutants_of, rules_of, validator
from mockserver.contract.normalizer import normalize
from mockserver.contract.samples import samples, variant_count
from mockserver.strategies import valid
from support.process import DEADLINE_S, environment
from support.schemas import BUNDLED, EVERY_RULE, OF_A_PAGE, Schema, reference
from unit.contract.test_mutants import places, stated
from unit.strategies.test_payloads import check_mutant, check_valid

PRINT = """
import json
from mockserver.contract import mutants
print(json.dumps([[mutant.id, mutant.payload] for mutant in mutants({!r}, {!r}, {!r})]))
"""


@pytest.mark.parametrize(("operation", "name", "part"), BUNDLED)
def test_every_rule_of_every_node_has_its_mutants(operation: str, name: str, part: str) -> None:
    check = validator(operation, name, part)
    found = mutants(operation, name, part)
    for mutant in found:
        check_mutant(mutant, check)
    assert len({mutant.id for mutant in found}) == len(found)
    # Each can be broken alone: nothing is left out.
    assert places(found) == set(stated(check.schema, ""))
    assert {mutant.rule for mutant in found} == set(rules_of(check.schema))


@pytest.mark.parametrize(("operation", "name", "part"), BUNDLED)
def test_plain_jsonschema_finds_one_rule_broken_too(operation: str, name: str, part: str) -> None:
    """Without our words: one keyword at one place, in the schema as the file has it."""
    plain = reference(validator(operation, name, part).schema)
    for mutant in mutants(operation, name, part):
        found = {
            (error.validator, tuple(error.path)) for error in plain.iter_errors(mutant.payload)
        }
        assert len(found) == 1, (mutant.id, found)


def test_every_rule_that_a_page_can_state_has_its_mutants() -> None:
    found = mutants(EVERY_RULE)
    for mutant in found:
        check_mutant(mutant, Validator(EVERY_RULE))
    # Another label than an alternative's own says that it is none of them: that is `anyOf`.
    assert {mutant.rule for mutant in found} == set(rules_of(EVERY_RULE)) - {"const"}
    assert places(found) >= {
        ("absent", "/progress"),
        ("absent", "/error"),
        ("required", "/progress"),
        ("dependentRequired", "/size"),
        ("dependentRequired", "/total_bytes"),
        ("enum", "/role"),
        ("pattern", "/resumes"),
        ("type", "/resumes"),
        ("anyOf", "/parts/*"),
        ("format", "/parts/*/ended"),
    }


def of(mutant: Mutant) -> object:
    return mutant.payload.get("status") if isinstance(mutant.payload, dict) else None


@pytest.mark.parametrize("operation", ["job_status", "download"])
def test_presence_is_asked_again_for_each_status(operation: str) -> None:
    name = "2026-01"
    statuses = validator(operation, name).schema["properties"]["status"]["enum"]
    found = mutants(operation, name)
    for status in statuses:
        absent, required = (
            [made.pointer for made in found if made.rule == rule and of(made) == status]
            for rule in ("absent", "required")
        )
        assert (absent, required) != ([], [])
        assert ("/completed_at" in required) is (status == "completed")
        assert ("/completed_at" in absent) is (status != "completed")


@settings(max_examples=30, suppress_health_check=[HealthCheck.too_slow])
@given(OF_A_PAGE, st.data())
def test_no_payload_of_any_page_has_a_mutant_that_is_not_in_the_list(
    schema: Schema, data: st.DataObject
) -> None:
    """What `stated` names beyond it is what no valid payload can break alone."""
    check = Validator(schema)
    if not variant_count(normalize(schema)):
        return
    for payload in samples(normalize(schema)):
        check_valid(payload, check)
    found = mutants(schema)
    for mutant in found:
        check_mutant(mutant, check)
    assert len({mutant.id for mutant in found}) == len(found)
    drawn = [data.draw(valid(schema)) for _ in range(3)]
    assert places(mutant for payload in drawn for mutant in mutants_of(payload, check)) <= places(
        found
    )


def test_ids_and_payloads_do_not_depend_on_the_process() -> None:
    outputs = [
        subprocess.run(
            [sys.executable, "-c", PRINT.format("download", "2026-01", "response")],
            env=environment(PYTHONHASHSEED=seed),
            capture_output=True,
            timeout=DEADLINE_S,
            check=True,
        ).stdout
        for seed in ("1", "2")
    ]
    assert outputs[0] == outputs[1]
    assert len(json.loads(outputs[0])) == len(mutants("download", "2026-01"))


def test_a_mutants_payload_is_its_own() -> None:
    first, second, *_ = mutants("list_status")
    first.payload["failed"].clear()
    assert second.payload["failed"]
    assert mutants("list_status")[0].payload["failed"]


def test_ids_read_well() -> None:
    ids = [mutant.id for mutant in mutants("list_status")]
    assert ids[:2] == ["required:/downloading", "required:/completed"]
    assert "required:/downloading/0/job_id" in ids
    assert "absent:/completed_at~status=failed" in [mutant.id for mutant in mutants("job_status")]


@settings(max_examples=80, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_broken_rules_are_the_violations_without_their_words(data: st.DataObject) -> None:
    schema = data.draw(st.sampled_from([validator(*names).schema for names in BUNDLED]) | OF_A_PAGE)
    check = Validator(schema)
    if not variant_count(normalize(schema)):
        return
    values: st.SearchStrategy[Any] = (
        st.none() | st.text(max_size=3) | st.integers(0, 3) | st.just([]) | st.just({})
    )
    payload = data.draw(valid(schema))
    if isinstance(payload, dict) and schema.get("properties"):
        names = st.sampled_from([*schema["properties"]])
        payload |= data.draw(st.dictionaries(names, values, max_size=3))
        for name in data.draw(st.lists(names, max_size=2)):
            payload.pop(name, None)
    violations = {(found.rule, found.pointer) for found in check.violations(payload)}
    assert set(check.broken_rules(payload)) == violations
