"""How an end is judged, how trials are made and written down, and how the search goes."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import cache
from typing import Any

import pytest
from hypothesis import strategies as st

from mockserver import contract
from mockserver.documents.source import Source
from mockserver.exercise.replay import timeline_text
from mockserver.exercise.survival import Break, End, break_of, is_same
from mockserver.exercise.trial import Answer, Trial, Wanted
from mockserver.exercise.trials import Subject, trials
from mockserver.strategies.search import drawn, search
from mockserver.timeline.reader import load

SUBJECTS = [
    Subject("job_status", "2025-10", "job_0123456789"),
    Subject("list_status", "2025-10", "job_0123456789"),
    Subject("download", "2026-01", "job_0123456789"),
    Subject("job_status", "2026-01", "a b", strict=True),
]
BODY = b"{}"
RESULT, ERROR = End("result", 1, "1"), End("error", words="no")


def trial(wanted: Wanted, sound: bytes | None = None) -> Trial:
    return Trial("invalid", wanted, (Answer("job_status", BODY),), sound=sound)


def never() -> End:
    raise AssertionError("not to be asked")


@cache
def some(subject: Subject) -> tuple[Trial, ...]:
    return drawn(trials(subject), number=250, seed=1)


class TestAnEnd:
    @pytest.mark.parametrize("wanted", ["result", "error", "either"])
    def test_crashes_and_hangs_are_never_right(self, wanted: Wanted) -> None:
        for kind in ("crash", "hang"):
            broken = break_of(trial(wanted), End(kind), never, strict=False)
            assert broken is not None
            assert broken.kind == kind

    @pytest.mark.parametrize(
        ("wanted", "end", "kind"),
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
        self, wanted: Wanted, end: End, kind: str | None
    ) -> None:
        broken = break_of(trial(wanted), end, never, strict=False)
        assert (broken and broken.kind) == kind

    def test_a_result_is_right_that_the_sound_reply_gives_too(self) -> None:
        one = trial("error", sound=b"{}")
        assert break_of(one, RESULT, lambda: RESULT, strict=False) is None
        for other in (ERROR, End("result", 2), End("crash")):
            ends = iter([other])
            assert break_of(one, RESULT, ends.__next__, strict=False) is not None
        assert break_of(one, RESULT, never, strict=True) is not None

    def test_results_are_the_same_by_what_they_hold(self) -> None:
        class Plain:
            def __init__(self, value: object) -> None:
                self.value = value

        class Odd:
            def __eq__(self, other: object) -> bool:
                raise ValueError("no single answer")

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
        for one, other in same:
            assert is_same(one, other)
        for one, other in [(Plain(1), Plain(2)), (Plain(1), 1), ("1", 1), (None, False)]:
            assert not is_same(one, other)
        assert not is_same(HalfMade(), HalfMade())


@pytest.mark.parametrize("subject", SUBJECTS, ids=lambda one: f"{one.operation}-{one.edition}")
class TestTrials:
    def test_they_are_what_they_say(self, subject: Subject) -> None:
        check = contract.validator(subject.operation, subject.edition)
        for one in some(subject):
            body = one.answer.body
            if one.kind in ("valid", "surprising"):
                assert check.is_valid(json.loads(body))
                assert one.wanted != "error"
                assert one.reasons == ()
            if one.kind == "invalid":
                payload = json.loads(body)
                assert not check.is_valid(payload)
                assert one.wanted == "error"
                assert one.sound is not None
                assert check.is_valid(json.loads(one.sound))
                assert check.violations(payload)[0].rule in one.reasons[0]
            if one.kind in ("no JSON", "HTTP"):
                assert one.reasons
        kinds = {one.kind for one in some(subject)}
        assert kinds == {"valid", "surprising", "invalid", "no JSON", "HTTP"}

    def test_what_follows_keeps_to_the_contract(self, subject: Subject) -> None:
        for one in some(subject):
            for answer in one.answers[1:]:
                if answer.status == 404:
                    sound = one.answer.body if one.sound is None else one.sound
                    assert json.loads(sound)["status"] == "already_downloaded"
                    continue
                edition = "2026-01" if answer.operation == "download" else subject.edition
                data = json.loads(answer.body)
                assert contract.violations(data, answer.operation, edition) == []

    def test_they_are_about_the_job_that_is_asked_for(self, subject: Subject) -> None:
        for one in some(subject):
            if one.kind == "valid" and subject.operation != "list_status":
                job = json.loads(one.answer.body)
                assert job.get("job_id", subject.job_id) == subject.job_id
                ends = [json.loads(each.body) for each in one.answers if one.is_end(each)]
                for end in ends:
                    assert end["job_id"] == subject.job_id
                    wanted = "failed" if job["status"] == "failed" else "completed"
                    assert end["status"] == wanted

    def test_as_a_timeline_they_give_the_same_bytes(self, subject: Subject) -> None:
        for one in some(subject)[:60]:
            text = timeline_text(one, subject, "a/model", ["It broke: \x1b, é, #."])
            timeline = load(Source("broken.yaml", text))
            assert timeline.jobs[0].job_id == subject.job_id
            assert len(timeline.faults) == len(one.answers)
            for fault, answer in zip(timeline.faults, one.answers, strict=True):
                assert (fault.operation, fault.when) == (answer.operation, answer.fault.when)
                assert fault.reply is not None
                response = fault.reply.answer()
                assert response.body.start == answer.body
                assert response.status == answer.status
                assert response.headers.get("Content-Type") == answer.content_type


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
        first = next((at for at, one in enumerate(whole) if one >= 5_000), None)
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

        def examine(number: int) -> Break | None:
            calls.append(number)
            return Break("crash", End("crash")) if number > 100 else None

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
