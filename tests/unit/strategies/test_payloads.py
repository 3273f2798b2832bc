"""Drawn payloads: valid ones are, surprising ones too, and invalid ones break what they say."""

import json
import random
import re
from collections.abc import Callable
from typing import Any

import hypothesis
import pytest
from hypothesis import HealthCheck, Phase, find, given, settings
from hypothesis import strategies as st

from mockserver.contract import MISSING, Mutant, Validator, edition, rules_of, validator
from mockserver.contract.mutations import MUTATORS
from mockserver.contract.normalizer import normalize
from mockserver.contract.samples import variant_count
from mockserver.documents import json_text
from mockserver.errors import UnfitSchema, UnknownName
from mockserver.strategies import invalid, spelled, surprising, valid
from mockserver.strategies.search import samples
from support.schemas import BUNDLED, EVERY_RULE, OF_A_PAGE, Schema, reference
from unit.contract.test_mutants import put, raw

KINDS = {"valid": valid, "surprising": surprising, "invalid": invalid}
IS_LONG = settings().max_examples >= 10_000
SEEDS, EXAMPLES = (50, 200) if IS_LONG else (2, 50)
UTC_MS = re.compile(r"[0-9-]{10}T[0-9:]{8}\.[0-9]{3}Z")


def check_valid(payload: Any, check: Validator) -> None:
    assert check.violations(payload) == []
    assert reference(check.schema).is_valid(payload)
    assert raw(check).is_valid(payload)


def check_mutant(mutant: Mutant, check: Validator) -> None:
    (violation,) = check.violations(mutant.payload)
    assert (violation.rule, violation.pointer) == (mutant.rule, mutant.pointer)
    assert check.broken_rules(mutant.payload) == [(mutant.rule, mutant.pointer)]
    assert not raw(check).is_valid(mutant.payload)
    assert not reference(check.schema).is_valid(mutant.payload)
    check_valid(put(mutant.payload, mutant.pointer, mutant.was), check)


def run(
    strategy: st.SearchStrategy[Any], seed: int, body: Callable[[Any], None], examples: int
) -> None:
    """Draw examples with every health check on."""

    @hypothesis.seed(seed)
    @settings(
        max_examples=examples,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=[],
    )
    @given(strategy)
    def draw(value: Any) -> None:
        body(value)

    draw()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("operation", "name", "part"), BUNDLED)
def test_what_is_drawn_is_what_it_says_and_no_health_check_fails(
    operation: str, name: str, part: str, kind: str
) -> None:
    check = validator(operation, name, part)
    body = check_mutant if kind == "invalid" else check_valid
    for seed in range(SEEDS):
        run(
            KINDS[kind](operation, name, part),
            seed,
            lambda payload: body(payload, check),
            EXAMPLES,
        )


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_holds_for_every_rule_that_a_page_can_state(kind: str) -> None:
    check = Validator(EVERY_RULE)
    assert rules_of(EVERY_RULE) == tuple(MUTATORS)
    body = check_mutant if kind == "invalid" else check_valid
    drawn: list[Any] = []
    run(KINDS[kind](EVERY_RULE), 0, drawn.append, 400)
    for payload in drawn:
        body(payload, check)
    if kind == "valid":
        assert {payload["model"] == "a" for payload in drawn} == {True, False}
        assert {"progress" in payload for payload in drawn} == {True, False}
        assert {"size" in payload for payload in drawn} == {True, False}


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(OF_A_PAGE, st.data())
def test_the_same_holds_for_any_page(schema: Schema, data: st.DataObject) -> None:
    check = Validator(schema)
    if not variant_count(normalize(schema)):
        with pytest.raises(UnfitSchema, match="contradicts itself"):
            valid(schema)
        return
    check_valid(data.draw(valid(schema)), check)
    check_valid(data.draw(surprising(check)), check)
    check_mutant(data.draw(invalid(schema)), check)


def test_what_contradicts_itself_has_no_payloads() -> None:
    never = {"type": "string", "format": "date-time", "pattern": "^job"}
    schema: Schema = {"type": "object", "properties": {"a": never}, "required": ["a"]}
    with pytest.raises(UnfitSchema, match="contradicts itself"):
        valid(schema)
    del schema["required"]
    run(valid(schema), 0, lambda payload: check_valid(payload, Validator(schema)), 3)


@pytest.mark.parametrize(
    ("schema", "said"),
    [
        ({"type": "string", "minLength": 3}, "the keyword 'minLength'"),
        ({"type": "string", "pattern": "^a+"}, "more than how a text begins"),
        ({"allOf": [{"required": ["a"]}]}, "no form that pages compile to"),
    ],
)
def test_a_schema_that_no_page_compiles_to_is_refused(schema: Schema, said: str) -> None:
    with pytest.raises(UnfitSchema, match=re.escape(said)):
        valid(schema)


def test_names_that_name_nothing() -> None:
    with pytest.raises(UnknownName, match="did you mean job_status"):
        valid("job_statsu")
    with pytest.raises(UnknownName):
        invalid("list_status", part="request")


def test_an_operation_of_another_edition_and_its_schema_give_the_same() -> None:
    download = edition("2026-01").operation("download")
    wanted = first(valid("download", "2026-01", "request"))
    assert first(valid(download, part="request")) == wanted
    assert first(valid(download.schema("request"))) == wanted
    assert first(valid(validator("download", "2026-01", "request"))) == wanted


def first(strategy: st.SearchStrategy[Any], seed: int = 3) -> list[Any]:
    return next(samples(strategy, seed))


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_seed_draws_the_same(kind: str) -> None:
    strategy = KINDS[kind]
    texts = [repr(first(strategy("list_status"), seed)) for seed in (1, 1, 2)]
    assert texts[0] == texts[1] != texts[2]


def test_batches_differ_and_repeat_little() -> None:
    batches = samples(valid("job_status"), 0)
    drawn = [json.dumps(payload) for _ in range(6) for payload in next(batches)]
    assert len(drawn) > 1000
    assert len(set(drawn)) > 0.9 * len(drawn)


def test_usual_payloads_look_like_a_servers() -> None:
    for job in first(valid("job_status")):
        assert re.fullmatch("job_[0-9a-f]{10}", job["job_id"])
        for name in {"started_at", "completed_at", "estimated_completion"} & job.keys():
            assert UTC_MS.fullmatch(job[name])
    lists = first(valid("list_status"))
    ids = [[job["job_id"] for jobs in payload.values() for job in jobs] for payload in lists]
    assert all(len(set(listed)) == len(listed) for listed in ids)
    assert 1 < sum(map(len, ids)) / len(ids) < 4


SURPRISES: dict[str, Callable[[dict[str, Any]], bool]] = {
    "an unknown field": lambda job: "progress" in job,
    "no optional field": lambda job: job.keys() <= {"job_id", "status"},
    "a whole float": lambda job: (
        isinstance(job.get("downloaded_bytes"), float) and job["downloaded_bytes"].is_integer()
    ),
    "the last exact integer": lambda job: job.get("total_size_bytes") == 2**53 - 1,
    "six digits": lambda job: re.search(r"\.[0-9]{6}\D", job.get("started_at", "")) is not None,
    "an offset": lambda job: job.get("started_at", "").endswith("+05:30"),
    "another order": lambda job: len(job) > 2 and [*job][-1] == "job_id",
    "astral text": lambda job: max(job["job_id"], default="") > "\uffff",
}


@pytest.mark.parametrize("what", SURPRISES)
def test_surprises_come(what: str) -> None:
    settings_ = settings(max_examples=3000, database=None, phases=[Phase.generate])
    find(surprising("job_status"), SURPRISES[what], settings=settings_, random=random.Random(0))


def test_long_lists_come() -> None:
    drawn = first(surprising("list_status"))
    assert (
        max(len(value) for payload in drawn for value in payload.values() if type(value) is list)
        > 100
    )


leaves = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.text()
    | st.floats(allow_nan=False, allow_infinity=False)
)
values = st.recursive(
    leaves,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
)


class TestSpelling:
    @given(spelled(values.map(lambda value: [value, json.dumps(value)])))
    def test_says_the_same(self, text: str) -> None:
        found: Any = json_text.loads(text)
        value, usual = found
        assert value == json.loads(usual)

    @given(spelled(surprising("list_status"), one_line=True))
    def test_on_one_line(self, text: str) -> None:
        assert len(re.split("[\r\n]", text)) == 1
        assert validator("list_status").is_valid(json_text.loads(text))

    @pytest.mark.parametrize("sign", [r"\u006a", "e1", "E+", "\n", "\t", '": '])
    def test_in_many_hands(self, sign: str) -> None:
        drawn = spelled(valid("job_status"))
        find(drawn, lambda text: sign in text, settings=settings(database=None, max_examples=2000))


class TestShrinking:
    def smallest(self, strategy: st.SearchStrategy[Any], wanted: Callable[[Any], bool]) -> Any:
        return find(
            strategy,
            wanted,
            settings=settings(database=None, max_examples=2000),
            random=random.Random(1),
        )

    def test_to_the_plainest_status_and_the_shortest_id(self) -> None:
        plainest = {"job_id": "job_0000000000", "status": "paused"}
        assert self.smallest(valid("job_status"), lambda _: True) == plainest
        assert self.smallest(surprising("job_status"), lambda _: True) == plainest | {"job_id": ""}

    def test_to_the_smallest_number(self) -> None:
        job = self.smallest(valid("job_status"), lambda job: job.get("total_size_bytes", 0) > 999)
        assert job == {"job_id": "job_0000000000", "status": "paused", "total_size_bytes": 1000}
        assert type(job["total_size_bytes"]) is int

    def test_to_empty_lists(self) -> None:
        found = self.smallest(valid("list_status"), lambda lists: len(lists["failed"]) > 1)
        job = {"status": "failed", "downloaded_bytes": 0, "total_size_bytes": 0}
        jobs = [{"job_id": f"job_000000000{digit}"} | job for digit in (0, 1)]
        assert found == {"downloading": [], "completed": [], "failed": jobs, "paused": []}

    def test_a_mutant_stays_one(self) -> None:
        mutant = self.smallest(invalid("job_status"), lambda drawn: drawn.rule == "format")
        check_mutant(mutant, validator("job_status"))
        assert mutant.payload["job_id"] == "job_0000000000"
        assert mutant.was == "2025-01-01T00:00:00.000Z"
        mutant = self.smallest(invalid("list_status"), lambda _: True)
        assert (mutant.id, mutant.became) == ("required:/downloading", MISSING)
        assert mutant.payload == {"completed": [], "failed": [], "paused": []}
