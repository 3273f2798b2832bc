"""How an end is judged, how cases are made and written down, and how the search goes."""

import json
from dataclasses import replace
from functools import cache
from typing import Any

import pytest
from hypothesis import strategies as st

from mockserver import contract
from mockserver.documents.source import Source
from mockserver.exercise.fuzz_case import (
    ClientEnd,
    ExpectedEnd,
    FuzzCase,
    FuzzFailure,
    FuzzReply,
    failure_of,
    is_same,
)
from mockserver.exercise.fuzz_server import FuzzTarget
from mockserver.exercise.fuzz_strategy import fuzz_cases
from mockserver.exercise.fuzz_text import timeline_text
from mockserver.faults.when import When
from mockserver.strategies.search import drawn, search
from mockserver.timeline.reader import load

TARGETS = [
    FuzzTarget("job_status", "2025-10", "job_0123456789"),
    FuzzTarget("list_status", "2025-10", "job_0123456789"),
    FuzzTarget("download", "2026-01", "job_0123456789"),
    FuzzTarget("job_status", "2026-01", "a b", strict=True),
]
BODY = b"{}"
RESULT, ERROR = ClientEnd("result", 1, "1"), ClientEnd("error", words="no")


def invalid(expected: ExpectedEnd, sound: bytes | None = None) -> FuzzCase:
    return FuzzCase("invalid", expected, (FuzzReply("job_status", BODY),), sound=sound)


def never() -> ClientEnd:
    raise AssertionError("not to be asked")


@cache
def some(target: FuzzTarget) -> tuple[FuzzCase, ...]:
    return drawn(fuzz_cases(target), number=250, seed=1)


class TestAnEnd:
    @pytest.mark.parametrize("expected", ["result", "error", "either"])
    def test_crashes_and_hangs_are_never_right(self, expected: ExpectedEnd) -> None:
        for kind in ("crash", "hang"):
            failure = failure_of(invalid(expected), ClientEnd(kind), never, strict=False)
            assert failure is not None
            assert failure.kind == kind

    @pytest.mark.parametrize(
        ("expected", "end", "kind"),
        [
            ("result", RESULT, None),
            ("result", ERROR, "error on a valid reply"),
            ("either", RESULT, None),
            ("either", ERROR, None),
            ("error", ERROR, None),
            ("error", RESULT, "made-up success"),
            ("result", replace(RESULT, has_asked=False), "made-up success"),
            ("error", replace(RESULT, has_heard_end=True), None),
        ],
    )
    def test_it_is_held_against_what_is_wanted(
        self, expected: ExpectedEnd, end: ClientEnd, kind: str | None
    ) -> None:
        failure = failure_of(invalid(expected), end, never, strict=False)
        assert (failure and failure.kind) == kind

    def test_a_result_is_right_that_the_sound_reply_gives_too(self) -> None:
        odd = invalid("error", sound=b"{}")
        assert failure_of(odd, RESULT, lambda: RESULT, strict=False) is None
        for other in (ERROR, ClientEnd("result", 2), ClientEnd("crash")):
            ends = iter([other])
            assert failure_of(odd, RESULT, ends.__next__, strict=False) is not None
        assert failure_of(odd, RESULT, never, strict=True) is not None

    def test_results_are_the_same_by_what_they_hold(self) -> None:
        class Plain:
            def __init__(self, value: object) -> None:
                self.value = value

        class Odd:
            def __eq__(self, other: object) -> bool:
                raise ValueError("no single reply")

            def __repr__(self) -> str:
                return "odd"

        nan = float("nan")

        class HalfMade:
            __slots__ = ()

            def __repr__(self) -> str:
                raise AttributeError("not yet")

        same: list[tuple[Any, Any]] = [
            (Plain(1), Plain(1)),
            (Odd(), Odd()),
            ([float("nan")], [nan]),
            ({"a": 1}, {"a": 1}),
        ]
        for result, other in same:
            assert is_same(result, other)
        for result, other in [(Plain(1), Plain(2)), (Plain(1), 1), ("1", 1), (None, False)]:
            assert not is_same(result, other)
        assert not is_same(HalfMade(), HalfMade())


@pytest.mark.parametrize("target", TARGETS, ids=lambda case: f"{case.operation}-{case.edition}")
class TestCases:
    def test_they_are_what_they_say(self, target: FuzzTarget) -> None:
        check = contract.validator(target.operation, target.edition)
        for case in some(target):
            body = case.reply.body
            if case.kind in ("valid", "surprising"):
                assert check.is_valid(json.loads(body))
                assert case.expected != "error"
                assert case.reasons == ()
            if case.kind == "invalid":
                payload = json.loads(body)
                assert not check.is_valid(payload)
                assert case.expected == "error"
                assert case.sound is not None
                assert check.is_valid(json.loads(case.sound))
                assert check.violations(payload)[0].rule in case.reasons[0]
            if case.kind in ("no JSON", "HTTP"):
                assert case.reasons
        kinds = {case.kind for case in some(target)}
        assert kinds == {"valid", "surprising", "invalid", "no JSON", "HTTP"}

    def test_what_follows_keeps_to_the_contract(self, target: FuzzTarget) -> None:
        for case in some(target):
            for reply in case.replies[1:]:
                if reply.status == 404:
                    sound = case.reply.body if case.sound is None else case.sound
                    assert json.loads(sound)["status"] == "already_downloaded"
                    continue
                edition = "2026-01" if reply.operation == "download" else target.edition
                data = json.loads(reply.body)
                assert contract.violations(data, reply.operation, edition) == []

    def test_they_are_about_the_job_that_is_asked_for(self, target: FuzzTarget) -> None:
        for case in some(target):
            if case.kind == "valid" and target.operation != "list_status":
                job = json.loads(case.reply.body)
                assert job.get("job_id", target.job_id) == target.job_id
                ends = [json.loads(each.body) for each in case.replies if case.follows(each)]
                for end in ends:
                    assert end["job_id"] == target.job_id
                    expected = "failed" if job["status"] == "failed" else "completed"
                    assert end["status"] == expected

    def test_as_a_timeline_they_give_the_same_bytes(self, target: FuzzTarget) -> None:
        for case in some(target)[:60]:
            text = timeline_text(case, target, "a/model", ["It broke: \x1b, é, #."])
            timeline = load(Source("broken.yaml", text))
            assert timeline.jobs[0].job_id == target.job_id
            assert len(timeline.faults) == len(case.replies)
            for fault, reply in zip(timeline.faults, case.replies, strict=True):
                assert (fault.operation, fault.when) == (reply.operation, When(last=reply.times))
                assert fault.reply is not None
                response = fault.reply.answer()
                assert response.body.start == reply.body
                assert response.status == reply.status
                assert response.headers.get("Content-Type") == reply.content_type


class TestTheSearch:
    @pytest.mark.parametrize("seed", range(20))
    def test_it_gives_the_same_examples_for_the_same_seed(self, seed: int) -> None:
        numbers = st.integers(0, 10_000)

        def examined(limit: int) -> list[int]:
            seen: list[int] = []

            def examine(number: int) -> str | None:
                seen.append(number)
                return "large" if number >= limit else None

            found = search(numbers, examine, number=20, seed=seed, alike=str)
            assert found is None or found.example == limit or found.steps > 0
            return seen

        whole = drawn(numbers, number=20, seed=seed)
        assert tuple(examined(10_001)) == whole
        first = next((at for at, case in enumerate(whole) if case >= 5_000), None)
        if first is not None:
            assert tuple(examined(5_000)[: first + 1]) == whole[: first + 1]

    def test_what_is_smaller_fails_alike(self) -> None:
        failures: list[str] = []

        def examine(number: int) -> str | None:
            if number < 10:
                return None
            failures.append("small" if number < 1_000 else "large")
            return failures[-1]

        for seed in range(20):
            failures.clear()
            found = search(st.integers(0, 10**6), examine, number=50, seed=seed, alike=str)
            assert found is not None
            smallest = {"large": 1_000, "small": 10}[failures[0]]
            assert (found.example, found.failure) == (smallest, failures[0])

    def test_it_takes_no_more_steps_than_it_may(self) -> None:
        calls: list[int] = []

        def examine(number: int) -> FuzzFailure | None:
            calls.append(number)
            return FuzzFailure("crash", ClientEnd("crash")) if number > 100 else None

        found = search(st.integers(0, 10**6), examine, number=50, seed=1, alike=str, most_steps=3)
        assert found is not None
        assert found.steps == 3
        assert len(calls) == found.number + 3

    @pytest.mark.parametrize("at", [1, 5, 8])
    def test_what_goes_wrong_ends_it_and_is_raised(self, at: int) -> None:
        calls: list[int] = []

        def examine(number: int) -> str | None:
            calls.append(number)
            if len(calls) == at:
                raise LookupError("no more")
            return "large" if number > 100 else None

        with pytest.raises(LookupError, match="no more"):
            search(st.integers(0, 10**6), examine, number=50, seed=1, alike=str)
        assert len(calls) == at
