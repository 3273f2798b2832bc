"""Figures for generated payloads, against schemathesis: `python tests/bench/generation.py`."""

import statistics
import subprocess
import sys
import time
import warnings
from typing import Any

import hypothesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

import figures
from mockserver.contract import edition, mutants, validator
from mockserver.strategies import invalid, surprising, valid
from mockserver.strategies.search import samples

ROUNDS = 3
OURS, THEIRS = 400, 40
PEAK = """
import resource, sys
from mockserver.cli import main
sys.argv = ["mockserver", "generate", "job_status", "--count", "{}"]
try:
    main()
finally:
    sys.stderr.write(str(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss))
"""


def seconds_each(strategy: st.SearchStrategy[Any], examples: int, seed: int) -> float:
    """Seconds an example, in a run of Hypothesis's own with an empty test."""
    drawn = 0

    @hypothesis.seed(seed)
    @settings(
        max_examples=examples,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(strategy)
    def draw(_: Any) -> None:
        nonlocal drawn
        drawn += 1

    began = time.perf_counter()
    draw()
    return (time.perf_counter() - began) / drawn


def peer(operation: str, mode: str) -> st.SearchStrategy[Any]:
    """Bodies as schemathesis draws them for an OpenAPI operation that takes our schema."""
    import schemathesis
    from schemathesis import GenerationMode

    notes = ("$schema", "$id", "x-source", "x-operation")
    schema = {
        key: value
        for key, value in edition().operation(operation).schema("response").items()
        if key not in notes
    }
    body = {"required": True, "content": {"application/json": {"schema": schema}}}
    post = {"requestBody": body, "responses": {"200": {"description": "ok"}}}
    document = {
        "openapi": "3.1.0",
        "info": {"title": "bench", "version": "1"},
        "paths": {"/x": {"post": post}},
    }
    found = schemathesis.openapi.from_dict(document)["/x"]["POST"]
    strategy: st.SearchStrategy[Any] = found.as_strategy(generation_mode=GenerationMode(mode)).map(
        lambda case: case.body
    )
    return strategy


def compare(
    what: str, ours: st.SearchStrategy[Any], theirs: st.SearchStrategy[Any], limit: float
) -> float:
    """The ratio of the medians of rounds in turn, so that a busy machine strikes both alike."""
    times: tuple[list[float], list[float]] = [], []
    seconds_each(ours, 20, 99)
    seconds_each(theirs, 3, 99)
    for seed in range(ROUNDS):
        times[0].append(seconds_each(ours, OURS, seed))
        times[1].append(seconds_each(theirs, THEIRS, seed))
    mine, other = map(statistics.median, times)
    ratio = f"{other / mine:.1f} x schemathesis ({1 / other:,.0f}/s), limit {limit}"
    figures.line(what, f"{1 / mine:,.0f}/s", ratio)
    return other / mine


def jobs_each(strategy: st.SearchStrategy[Any], examples: int) -> float:
    """Jobs in a reply of the list operation, on average."""
    numbers: list[int] = []
    lists = ("downloading", "completed", "failed", "paused")
    count = strategy.map(lambda reply: numbers.append(sum(len(reply[name]) for name in lists)))
    seconds_each(count, examples, 7)
    return statistics.mean(numbers)


def proof_share() -> float:
    """How much of the time for an invalid job goes to its proof, of a run's whole time."""
    check = validator("job_status")
    drawn = next(samples(invalid("job_status"), 0))
    proofs = figures.per_call(lambda: [check.broken_rules(m.payload) for m in drawn])
    return proofs / len(drawn) / seconds_each(invalid("job_status"), OURS, 1)


def generated(count: int) -> tuple[float, float]:
    """Seconds for so many lines of the command, and its peak memory in MB."""
    began = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-c", PEAK.format(count)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        check=True,
    )
    unit = 2**20 if sys.platform == "darwin" else 2**10
    return time.perf_counter() - began, int(done.stderr) / unit


def memory(short: int, long: int) -> None:
    (brief, at_first), (lasted, later) = generated(short), generated(long)
    rate = f"{(long - short) / (lasted - brief):,.0f}/s"
    figures.line("mockserver generate job_status, lines", rate)
    figures.line(f"  peak memory after {short:,} lines", f"{at_first:.0f} MB")
    figures.line(f"  after {long:,}", f"{later:.0f} MB", f"{later / at_first:.2f} x, limit 1.1")


def main() -> None:
    warnings.simplefilter("ignore")
    positive, negative = "positive", "negative"
    compare("valid jobs", valid("job_status"), peer("job_status", positive), 2.5)
    lists, theirs = valid("list_status"), peer("list_status", positive)
    ratio = compare("valid lists", lists, theirs, 4)
    mine, other = jobs_each(lists, OURS), jobs_each(theirs, THEIRS)
    figures.line("  jobs in one of ours", f"{mine:.1f}", f"{other:.1f} in one of theirs")
    figures.line("  by the job", f"{ratio * mine / other:.1f} x", "of schemathesis")
    compare("invalid jobs", invalid("job_status"), peer("job_status", negative), 4)
    figures.line("  of which proof", f"{proof_share():.1%}", "limit 15 %")
    seconds = seconds_each(surprising("job_status"), OURS, 1)
    figures.line("surprising jobs", f"{1 / seconds:,.0f}/s")
    listed = figures.per_call(lambda: mutants("list_status"))
    found = len(mutants("list_status"))
    figures.line(f"mutants('list_status'), all {found}", f"{listed * 1e3:.0f} ms")
    memory(10_000, 100_000 if "--long" in sys.argv else 30_000)


if __name__ == "__main__":
    main()
