"""The command as users run it: a process of its own."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from support.beacon import Beacon
from support.fork_server import Command, Finished
from support.process import DEADLINE_S, FORK_SERVER, Run, environment


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Runs `mockserver …` in an empty folder; a traceback fails the test whatever it asserts."""

    def run_(
        *arguments: str, stdin: str | bytes = b"", env: dict[str, str] | None = None
    ) -> Finished:
        command = Command("mockserver", [*arguments], str(tmp_path), environment(**(env or {})))
        given = stdin.encode() if isinstance(stdin, str) else stdin
        finished = FORK_SERVER.run(command, given, DEADLINE_S)
        assert "Traceback" not in finished.err, finished.err
        return finished

    return run_


@pytest.fixture
def beacon() -> Iterator[Beacon]:
    found = Beacon()
    yield found
    found.close()
