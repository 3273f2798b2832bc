"""The state machine: it holds the mock to a plain simulation, and finds what clients get wrong."""

import json
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
from hypothesis import Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from mockserver.api.operations import LIST_STATUS
from mockserver.strategies.machine import JsonReply as Answer
from mockserver.strategies.machine import MockServerMachine, NotAsked
from mockserver.timeline.schedule import Schedule, Stretch

STATUS_PATH = LIST_STATUS.path
FEW = settings(max_examples=5, stateful_step_count=15, database=None)


def settings_of(examples: int, steps: int = 20) -> settings:
    return settings(
        max_examples=max(examples, settings().max_examples // 20),
        stateful_step_count=steps,
        database=None,
        phases=[Phase.generate, Phase.shrink],
        suppress_health_check=(),
    )


def failure_of(machine: type[MockServerMachine], steps: int = 20) -> str:
    """The steps that Hypothesis prints, without the braces and lines of the timeline."""
    with pytest.raises((AssertionError, KeyError)) as caught:
        run_state_machine_as_test(seed(0)(machine), settings=settings_of(80, steps))
    return "\n".join(caught.value.__notes__)


def steps_of(text: str) -> list[str]:
    """The names of the steps, in their order."""
    lines = [line for line in text.splitlines() if line.startswith("state.")]
    return [line.removeprefix("state.").split("(")[0] for line in lines]


class TestTheMock:
    def test_it_answers_as_a_plain_simulation(self) -> None:
        run_state_machine_as_test(MockServerMachine, settings=settings_of(25))

    def test_it_does_so_over_a_socket(self) -> None:
        run_state_machine_as_test(Socket, settings=FEW)

    def test_it_sees_that_the_mock_is_a_millisecond_late(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        right = Schedule.stretch_at

        def late(self: Schedule, now_ms: int) -> Stretch | None:
            return right(self, max(now_ms - 1, self.begins_ms or 0))

        monkeypatch.setattr(Schedule, "stretch_at", late)
        steps = steps_of(failure_of(type("Machine", (MockServerMachine,), {})))
        assert set(steps) <= {"play", "poll", "advance_to_next_change", "advance", "teardown"}


class Socket(MockServerMachine):
    """Asks as a client in another process does."""

    def ask(self, method: str, path: str, body: Any = None) -> Answer:
        data = None if body is None else json.dumps(body).encode()
        headers = {"Content-Type": "application/json"}
        request = Request(self.url + path, data, headers, method=method)
        try:
            with urlopen(request, timeout=30) as reply:
                return Answer(reply.status, json.load(reply))
        except HTTPError as error:
            with error:
                return Answer(error.code)


# Clients with a mistake each. None of them is shown more than what it asks for.


class Client(MockServerMachine):
    """A client that polls; it reads what the API says of a job."""

    has_downloads = False

    def check_list(self, expected: Answer) -> None: ...

    def status(self, job_id: str) -> dict[str, Any] | None:
        return self.ask("GET", f"{STATUS_PATH}/{job_id}").payload

    def check_status(self, job_id: str, expected: Answer) -> None:
        assert self.status(job_id) == expected.payload


class CachesTheFirstReply(Client):
    has_outages = False

    def __init__(self) -> None:
        super().__init__()
        self.cache: dict[str, dict[str, Any] | None] = {}

    def status(self, job_id: str) -> dict[str, Any] | None:
        if job_id not in self.cache:
            self.cache[job_id] = super().status(job_id)
        return self.cache[job_id]


class TakesFloatsForIntegers(Client):
    def status(self, job_id: str) -> dict[str, Any] | None:
        job = super().status(job_id)
        if job is not None and "bytes_per_second" in job:
            job["bytes_per_second"] = int(job["bytes_per_second"])
        return job


class TakesPausedForFailed(Client):
    def status(self, job_id: str) -> dict[str, Any] | None:
        job = super().status(job_id)
        return {**job, "status": "failed"} if job and job["status"] == "paused" else job


class ExpectsAJobOfEveryPost(Client):
    has_downloads = True
    has_outages = False

    def check_download(self, model: str, expected: Answer) -> None:
        reply = self.ask("POST", "/api/v1/models/download", {"model": model})
        assert reply.payload is not None
        assert reply.payload["job_id"] == (expected.payload or {}).get("job_id")


class AsksForNoModel(MockServerMachine):
    def check_download(self, model: str, expected: Answer) -> None: ...


class TakesAnOutageForAnUnknownJob(Client):
    def check_status(self, job_id: str, expected: Answer) -> None:
        is_known = self.status(job_id) is not None
        assert is_known == (expected.status != 404)


class TestClients:
    def test_a_good_one_is_not_blamed(self) -> None:
        run_state_machine_as_test(Client, settings=FEW)

    def test_a_cache_is_found_as_soon_as_something_changes(self) -> None:
        text = failure_of(CachesTheFirstReply)
        assert len(steps_of(text)) <= 6
        assert steps_of(text)[:2] == ["play", "poll"]
        assert steps_of(text)[-2:] == ["poll", "teardown"]

    def test_a_lost_fraction_is_found_in_the_first_poll(self) -> None:
        text = failure_of(TakesFloatsForIntegers, steps=5)
        assert steps_of(text) == ["play", "poll", "teardown"]
        assert "'downloading'" in text

    def test_a_pause_taken_for_a_failure_is_found_in_a_job_that_is_paused(self) -> None:
        text = failure_of(TakesPausedForFailed, steps=5)
        assert steps_of(text) == ["play", "poll", "teardown"]
        assert "{'paused': " in text or "['paused']" in text

    def test_a_reply_to_post_without_a_job_is_found_once_a_job_has_completed(self) -> None:
        text = failure_of(ExpectsAJobOfEveryPost, steps=5)
        assert steps_of(text)[-2:] == ["post", "teardown"]
        assert "state.post(model='maker/model-1')" in text

    def test_one_that_was_to_ask_for_a_model_and_did_not_is_told_what_to_say(self) -> None:
        unshrunk = settings(settings_of(30, steps=5), phases=[Phase.generate])
        with pytest.raises(NotAsked, match="has_downloads = False"):
            run_state_machine_as_test(AsksForNoModel, settings=unshrunk)

    def test_an_outage_taken_for_an_unknown_job_is_found(self) -> None:
        text = failure_of(TakesAnOutageForAnUnknownJob, steps=5)
        assert "state.break_down(operations=['job_status'])" in text
