"""The command as users run it: a process of its own."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from support.process import DEADLINE_S, Finished, Run, command, environment


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
