"""Medians and a table: how the benchmarks measure and print."""

import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence


def per_call(function: Callable[[], object], *, seconds: float = 0.3) -> float:
    """Seconds a call, as the median of five rounds that last `seconds` together."""
    calls = 1
    while (once := _round(function, calls)) < seconds / 10 and calls < 1_000_000:
        calls = max(calls + 1, int(calls * min(100, seconds / 5 / max(once, 1e-9))))
    return statistics.median(_round(function, calls) / calls for _ in range(5))


def _round(function: Callable[[], object], calls: int) -> float:
    began = time.perf_counter()
    for _ in range(calls):
        function()
    return time.perf_counter() - began


def interleaved(commands: Sequence[Sequence[str]], rounds: int = 15) -> list[float]:
    """Median seconds of each command, run in turn so that a busy machine strikes all alike."""
    times: list[list[float]] = [[] for _ in commands]
    for _ in range(rounds):
        for command, measured in zip(commands, times, strict=True):
            began = time.perf_counter()
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
            measured.append(time.perf_counter() - began)
    return [statistics.median(measured) for measured in times]


def line(what: str, value: str, against: str = "") -> None:
    """One figure, and what to hold it against."""
    sys.stdout.write(f"{what:<58} {value:>12}  {against}\n")
