"""How a client is to end: as the user, the timeline or its script says."""

from typing import Any

import pytest

from mockserver import resources
from mockserver.exercise.incident import Incident
from mockserver.exercise.runner import ExercisePlan
from mockserver.strategies.scripts import Document
from mockserver.timeline.find import find
from mockserver.timeline.model import Ends
from mockserver.timeline.reader import load
from support.timelines import loaded

BUNDLED = tuple(resources.timeline_files())
DOWN: Document = {"downloading": {"for": "8s", "to": "100%"}}
REFUSED: Document = {"refuse": True, "when": {"for": "2s"}}


def incident(*script: Any, faults: list[Document] | None = None, **job: Any) -> Incident:
    rest: Document = {"faults": faults} if faults else {}
    return Incident(loaded({"total_size_bytes": 1000, "script": list(script), **job}, **rest))


@pytest.mark.parametrize("name", BUNDLED)
def test_each_bundled_timeline_says_what_a_good_client_does(name: str) -> None:
    good = load(find(name)).good_client
    assert good is not None
    assert good.does.endswith(".")
    assert good.does[0].islower()
    assert len(f"  good client: {good.does}") <= 100
    assert "A good client" not in find(name).text


@pytest.mark.parametrize("name", BUNDLED)
def test_a_bundled_timeline_ends_as_its_script_lets_it(name: str) -> None:
    played = Incident(load(find(name)))
    phases = {step.phase for step in played.job.steps}
    if played.ends == "success":
        assert "completed" in phases
    if "completed" not in phases:
        assert played.ends == ("either" if "gone" in phases else "failure")


@pytest.mark.parametrize(
    ("played", "ends"),
    [
        (incident(DOWN, "completed"), "success"),
        (incident(DOWN, "completed", faults=[REFUSED]), "either"),
        (incident({"paused": {"until": "resume"}}, DOWN, "completed"), "either"),
        (incident("paused"), "failure"),
        (incident({"failed": {"for": "1s"}}, "paused"), "failure"),
        (incident("gone"), "either"),
    ],
)
def test_a_script_alone_says_how_it_ends(played: Incident, ends: Ends) -> None:
    assert played.ends == ends
    assert played.does is None


def test_who_never_asks_cannot_succeed_where_one_must() -> None:
    played = incident(DOWN, "completed", begins="on request")
    assert played.expected(has_asked=True) == "either"
    assert played.expected(has_asked=False) == "failure"
    demanded = Incident(played.timeline, "success")
    assert demanded.expected(has_asked=False) == "success"
    by_itself = incident(DOWN, "completed")
    assert by_itself.expected(has_asked=False) == "success"


@pytest.mark.parametrize(
    ("played", "step_ms"),
    [
        (incident(DOWN, "completed"), 1_000),
        (incident({"downloading": {"for": "30s", "to": "100%"}}, "completed"), 1_000),
        (incident({"downloading": {"for": "10m", "to": "100%"}}, "completed"), 20_000),
        (incident({"downloading": {"for": "10m", "to": "100%"}}, "paused"), 20_000),
        (incident("paused"), 1_000),
        (incident({"paused": {"for": "5m"}}, {"paused": {"until": "resume"}}, "gone"), 10_000),
        (incident({"paused": {"for": "1m"}}, "gone", begins="on request"), 2_000),
        (incident(DOWN, "completed", begins="52s"), 2_000),
        (incident({"paused": {"for": "10m"}}, DOWN, "completed"), 4_000),
        (incident({"paused": {"for": "10m"}}, {"failed": {"for": "20ms"}}, "gone"), 20_001),
        (incident({"paused": {"for": "10m"}}, "gone", faults=[REFUSED]), 1_000),
        (incident({"paused": {"for": "10m"}}, "gone", faults=[{"delay": "1s"}]), 20_000),
    ],
)
def test_a_long_one_is_played_in_some_30_polls_and_nothing_of_it_is_skipped(
    played: Incident, step_ms: int
) -> None:
    assert played.step_ms == step_ms


def test_the_step_is_that_of_the_model_whichever_job_brings_it() -> None:
    short = {"total_size_bytes": 1, "model": "a", "script": [{"paused": {"for": "500ms"}}, "gone"]}
    late = {"total_size_bytes": 1, "script": [{"paused": {"for": "1h"}}, "gone"]}
    assert Incident(loaded(short, late)).step_ms == 1_000
    assert Incident(loaded(short, {**late, "model": "a", "begins": "on request"})).step_ms > 60_000


def test_a_plan_takes_the_incidents_step_unless_it_has_one() -> None:
    played = incident({"paused": {"for": "10m"}}, "gone")
    assert ExercisePlan(()).config(played).step == 20_000
    assert ExercisePlan((), step="2s").config(played).step == "2s"
    assert ExercisePlan((), clock="wall").config(played).step is None


def test_the_job_is_the_first_that_can_be_asked_for() -> None:
    assert Incident(load(find("spec-example"))).job.job_id == "job_493c7c9ded"
    nameless = Incident(loaded({"total_size_bytes": 1, "script": ["paused"]}))
    assert nameless.job is nameless.timeline.jobs[0]
