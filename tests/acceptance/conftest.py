"""The command as users run it: a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

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


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Runs `mockserver …` in an empty folder; a traceback fails the test whatever it asserts."""

    def run_(
        *arguments: str, stdin: str | bytes = b"", env: dict[str, str] | None = None
    ) -> Finished:
        done = subprocess.run(
            command(*arguments),
            input=stdin.encode() if isinstance(stdin, str) else stdin,
            capture_output=True,
            cwd=tmp_path,
            env=environment(**(env or {})),
            timeout=DEADLINE_S,
            check=False,
        )
        finished = Finished(
            done.returncode,
            done.stdout.decode().replace("\r\n", "\n"),
            done.stderr.decode().replace("\r\n", "\n"),
        )
        assert "Traceback" not in finished.err, finished.err
        return finished

    return run_
