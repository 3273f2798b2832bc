"""`mockserver exercise` for tests: a call, and what its JSON says."""

import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from support.fork_server import Finished
from support.process import Run

CLIENTS = Path(__file__).parents[1] / "acceptance" / "broken_clients"
PYTHON = (sys.executable, "-S", "-E")


@dataclass(frozen=True)
class Exercised:
    """A finished call with `--json`."""

    finished: Finished
    report: dict[str, Any]

    @property
    def found(self) -> dict[str, list[str]]:
        """The ids of what was found, by incident."""
        return {
            case["incident"]: [finding["id"] for finding in case["findings"]]
            for case in self.report["incidents"]
        }

    @property
    def incident(self) -> dict[str, Any]:
        """The only incident."""
        (found,) = self.report["incidents"]
        assert isinstance(found, dict)
        return found


def exercise(run: Run, *arguments: str, env: dict[str, str] | None = None) -> Exercised:
    finished = run("exercise", "--json", *arguments, env=env)
    assert finished.code in (0, 1), finished.err
    return Exercised(finished, json.loads(finished.out))


def client(name: str) -> tuple[str, ...]:
    """The command of one of the sample clients."""
    return (*PYTHON, str(CLIENTS / f"{name}.py"))


def script(folder: Path, text: str) -> tuple[str, ...]:
    """The command of a client with this text."""
    path = folder / "client.py"
    path.write_text(text)
    return (*PYTHON, str(path))
