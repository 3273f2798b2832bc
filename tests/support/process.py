"""The command as users run it: a process of its own."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

DEADLINE_S = 60


@dataclass(frozen=True)
class Finished:
    """A finished command: its exit code and what it printed."""

    code: int
    out: str
    err: str


Run = Callable[..., Finished]


def command(*arguments: str) -> Sequence[str]:
    """The command line that runs this checkout's `mockserver` with this Python."""
    return (sys.executable, "-m", "mockserver", *arguments)


def environment(**more: str) -> dict[str, str]:
    """An environment in which this checkout is found, colours off, from whatever folder."""
    root = str(Path(__file__).parents[2])
    return {**os.environ, "PYTHONPATH": root, "PYTHONIOENCODING": "utf-8", **more}
