"""A state machine over the mock: what it answers, or a client of it says, step by step."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from typing import Any, ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from mockserver.api.operations import DOWNLOAD, JOB_STATUS, LIST_STATUS, about
from mockserver.server.mock_server import MockServer
from mockserver.strategies.scripts import Document, Elements, scripts
from mockserver.strategies.simulation import JsonReply, Simulation

__all__ = ["JsonReply", "MockServerMachine"]

_OPERATIONS = (JOB_STATUS.id, LIST_STATUS.id, DOWNLOAD.id)
_UNKNOWN_ID = "job_ffffffffff"
_UNKNOWN_MODEL = "nobody/wrote-a-script-for-this"

_elements = Elements(
    # Powers of two, so that every speed is a float without an error of rounding.
    durations=st.sampled_from(["1s", "2s", "4s", "8s", "16s"]),
    sizes=st.sampled_from([1_000, 977, 0, 1]) | st.integers(0, 10**9),
    percentages=False,
    max_steps=4,
)


@st.composite
def _documents(draw: st.DrawFn) -> Document:
    """A timeline as data, with nothing in it that a simulation does not know."""
    jobs = []
    for number in range(1, draw(st.integers(1, 2)) + 1):
        total = draw(_elements.sizes)
        job: Document = {"job_id": f"job_{number:010x}", "model": f"maker/model-{number}"}
        job |= {"total_size_bytes": total, "script": draw(scripts(total, _elements))}
        begins = draw(st.sampled_from(["at start", "at start", "on request", "2s"]))
        if begins != "at start":
            job["begins"] = begins
        if draw(st.integers(0, 3)) == 3:
            job["listed"] = False
        jobs.append(job)
    return {"jobs": jobs}


def _one_of(choices: Callable[[MockServerMachine], list[Any]]) -> st.SearchStrategy[Any]:
    """One of what there is to choose from when the rule is applied."""
    machine: st.SearchStrategy[MockServerMachine] = st.runner()
    return machine.flatmap(lambda running: st.sampled_from(choices(running)))


class NotAsked(AssertionError):
    """A check that has to ask the mock did not."""


class MockServerMachine(RuleBasedStateMachine):
    """Plays drawn timelines to whoever asks, and holds what they see to a plain simulation.

    As it is, it asks the mock itself. To drive a client, override what asks: each of these is given
    the answer that is right, and asserts that the client makes of it what it should.

        class ClientMachine(MockServerMachine):
            def check_status(self, job_id, expected):
                status = Client(self.url).status(job_id)    # None where it knows no such job
                assert status == (expected.payload or {}).get("status")

            def check_list(self, expected): ...             # the client has no such thing

            has_downloads = False                           # nor this
            has_outages = False                             # it would try again, and wait

        TestClient = ClientMachine.TestCase
        TestClient.settings = settings(max_examples=50, stateful_step_count=20)

    pytest collects `TestClient`. Without `Phase.explain` in its settings a failure is reported much
    sooner on Python 3.11. The clock stands until a step moves it: a client that sleeps between
    polls sleeps in vain. It may ask for a status more than once, for a model only once.
    A failure prints the steps that lead to it, as few as could be found, from
    `state.play(document=…)` on; with the same document `MockServer(document, clock="manual",
    with_download=True)` plays it by hand.
    """

    has_outages: ClassVar[bool] = True
    """Whether operations answer 503 for a while."""

    has_downloads: ClassVar[bool] = True
    """Whether models are asked for. If so, `check_download` must ask: jobs begin by it."""

    server: MockServer
    """What is asked: its `clock` stands where the steps have moved it."""

    def __init__(self) -> None:
        super().__init__()
        self._exits = ExitStack()

    @property
    def url(self) -> str:
        """The base URL for a client; the mock listens from when this is first read."""
        self.server.start()
        return self.server.url

    def check_status(self, job_id: str, expected: JsonReply) -> None:
        """Ask for one job; `expected` is 200 with its status, 404 or 503."""
        assert self.ask("GET", JOB_STATUS.path_for(job_id=job_id)) == expected

    def check_list(self, expected: JsonReply) -> None:
        """Ask for the list of jobs; `expected` is 200 with the lists by status, or 503."""
        assert self.ask("GET", LIST_STATUS.path) == expected

    def check_download(self, model: str, expected: JsonReply) -> None:
        """Ask for a model; `expected` is 200 with its job, or `already_downloaded`, or 503."""
        assert self.ask("POST", DOWNLOAD.path, {"model": model}) == expected

    def ask(self, method: str, path: str, body: Any = None) -> JsonReply:
        """How the mock itself is asked, with JSON data for a body: here without a socket."""
        reply = self.server.wsgi_client().open(path, method=method, json=body)
        return JsonReply(reply.status_code, reply.get_json() if reply.status_code == 200 else None)

    @initialize(document=_documents())
    def play(self, document: Document) -> None:
        """The mock begins to play this timeline."""
        self.server = MockServer(document, clock="manual", with_download=True)
        self._exits.callback(self.server.stop)
        self._simulation = Simulation(document, self.server.clock.now())

    @invariant()
    def poll(self) -> None:
        """After every step a client asks for each job, and for one that there is not."""
        for job_id in [*self._ids(), _UNKNOWN_ID]:
            self.check_status(job_id, self._simulation.status(job_id))

    def _ids(self) -> list[str]:
        return [job.job_id for job in self._simulation.jobs]

    @rule()
    def list_jobs(self) -> None:
        """A client asks for all jobs."""
        self.check_list(self._simulation.list())

    @precondition(lambda self: self.has_downloads)
    @rule(model=_one_of(lambda self: [*self._simulation.models, _UNKNOWN_MODEL]))
    def post(self, model: str) -> None:
        """A client asks for a model."""
        expected = self._simulation.download(model)
        if expected is None:
            # Only the mock knows what it makes up. Asked twice at one instant it says the same.
            made = MockServerMachine.ask(self, "POST", DOWNLOAD.path, {"model": model})
            assert made.status == 200, made
            assert made.payload is not None
            self._simulation.adopt(model, made.payload)
            expected = self._simulation.download(model)
            assert expected is not None
        asked = len(self.server.requests)
        self.check_download(model, expected)
        if not any(about(entry.operation) == "model" for entry in self.server.requests[asked:]):
            advice = "for a client without such requests: has_downloads = False"
            raise NotAsked(f"check_download asked nothing; {advice}")

    @rule(by_ms=st.sampled_from([1_000, 500, 2_000, 10_000]) | st.integers(1, 40_000))
    def advance(self, by_ms: int) -> None:
        """Time passes."""
        self.server.clock.advance(by_ms)
        self._simulation.advance(by_ms)

    @precondition(lambda self: self._simulation.next_change_ms is not None)
    @rule()
    def advance_to_next_change(self) -> None:
        """Time passes until a job's step comes to its end."""
        by_ms = self._simulation.next_change_ms
        assert by_ms is not None
        self.advance(by_ms)

    @precondition(lambda self: self._simulation.events)
    @rule(
        event=_one_of(lambda self: self._simulation.events),
        job_id=_one_of(lambda self: [None, *self._ids()]),
    )
    def fire(self, event: str, job_id: str | None) -> None:
        """Something happens to one job, or to all."""
        struck = self.server.fire(event, job_id)
        assert list(struck) == self._simulation.fire(event, job_id)

    @precondition(lambda self: self.has_outages)
    @rule(operations=st.lists(st.sampled_from(_OPERATIONS), unique=True))
    def break_down(self, operations: list[str]) -> None:
        """These operations answer 503 from now on, and the others as they should."""
        self.server.clear_faults()
        for operation in operations:
            self.server.fault(operation=operation, reply={"status": 503})
        self._simulation.broken = set(operations)

    @precondition(lambda self: self._simulation.has_begun)
    @rule()
    def reset(self) -> None:
        """The timeline begins anew."""
        self.server.reset()
        self._simulation = Simulation(self._simulation.document, self.server.clock.now())

    def teardown(self) -> None:
        self._exits.close()
