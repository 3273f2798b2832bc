"""The README is true: its commands run as written, its code does what it says."""

import json
import re
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest

from mockserver import MockServer, resources
from mockserver.documents.source import Source
from mockserver.timeline.reader import load
from support.fork_server import Command
from support.process import DEADLINE_S, FORK_SERVER, Run, environment
from support.serving import in_bash, serving
from support.tools import needed, node, sh

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text("utf-8")

# These run until they are stopped, need a shell, or install: other tests and .ci/run run them.
ELSEWHERE = (
    "mockserver serve",
    "mockserver exercise --timeline",
    "mockserver exercise --report",
    "mockserver fuzz",
    "mockserver check",
    "mockserver validate --edition",
    "mockserver record",
    "mockserver proxy",
    "curl ",
    "eval ",
    "python3 -m venv",
)


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", README, re.DOTALL | re.MULTILINE)


LINES = [line for block in blocks("bash") for line in block.splitlines() if line.strip()]
COMMANDS = [line for line in LINES if not line.startswith(ELSEWHERE)]


def test_the_lines_for_a_fresh_machine_are_two() -> None:
    assert sum(line.startswith("python3 -m venv") for line in LINES) == 2


@pytest.mark.parametrize("line", COMMANDS)
def test_commands_run_as_written(run: Run, tmp_path: Path, line: str) -> None:
    for folder in ("schemas", "fixtures/timelines", "fixtures/payloads/valid"):
        shutil.copytree(ROOT / folder, tmp_path / folder)
    program, *arguments = line.split()
    assert program == "mockserver"
    done = run(*arguments)
    # A difference is a finding, and the README compares two editions that differ.
    assert done.code == (1 if "diff" in arguments else 0), done.err
    assert done.out or {"--svg", "lint", "openapi"} & set(arguments)


SERVED = [block.splitlines() for block in blocks("bash") if "\ncurl " in f"\n{block}"]


@pytest.mark.parametrize("lines", SERVED, ids=lambda lines: lines[0])
def test_what_is_asked_of_a_server_is_answered(lines: list[str]) -> None:
    needed(sh, "sh and curl")
    serve, *asked = lines
    assert "--port 1234" in serve
    arguments = shlex.split(serve.replace("--port 1234", ""))
    assert arguments[:2] == ["mockserver", "serve"]
    with serving(*arguments[2:]) as server:
        for line in asked:
            asking = line.replace("http://127.0.0.1:1234", server.url, 1)
            assert "error" not in in_bash(f"{asking} --fail"), line


def test_the_node_example_passes(tmp_path: Path) -> None:
    (example,) = blocks("js")
    (tmp_path / "example.test.mjs").write_text(example)
    with MockServer() as server:
        done = subprocess.run(
            [needed(node, "Node.js"), "--test", str(tmp_path / "example.test.mjs")],
            env=environment(MOCKSERVER=server.url),
            capture_output=True,
            text=True,
            timeout=DEADLINE_S,
            check=False,
        )
    assert "pass 1" in done.stdout, done.stdout + done.stderr


def test_the_pytest_examples_pass(tmp_path: Path) -> None:
    examples = [block for block in blocks("python") if "def test_" in block]
    assert len(examples) == 4
    for number, example in enumerate(examples):
        (tmp_path / f"test_example_{number}.py").write_text(example)
    assert "11 passed" in pytest_prints(tmp_path)


JUDGED = """\
from urllib.request import urlopen

import pytest

from mockserver import Job

job = Job("job_a").downloading("8s", to="40%").paused(until="resume")
job = job.downloading("5s", to="100%").completed()

@pytest.mark.mock_server(job, clock="manual")
def test_it(mock_server):
    mock_server.run_until("paused")
    urlopen(mock_server.job_url("job_a")).close()
    mock_server.fire("resume")
    mock_server.clock.advance("1m")
    for _ in range(5):
        urlopen(mock_server.job_url("job_a")).close()
"""


def test_the_verdict_shown_is_what_is_printed(tmp_path: Path) -> None:
    shown, _ = blocks("text")
    (tmp_path / "test_it.py").write_text(JUDGED)
    assert shown in pytest_prints(tmp_path)


PLAIN = ["-q", "-p", "no:cacheprovider", "-p", "mockserver.pytest_plugin"]


def pytest_prints(folder: Path) -> str:
    """What pytest says of the tests in a folder."""
    command = Command("pytest", PLAIN, str(folder), environment())
    done = FORK_SERVER.run(command, timeout_s=DEADLINE_S)
    return done.out + done.err


OTHERS = [block for block in blocks("python") if "def test_" not in block]


@pytest.mark.parametrize("example", OTHERS, ids=lambda block: block.split(" import ")[1][:12])
def test_the_other_python_holds(example: str) -> None:
    exec(compile(example, "README.md", "exec"), {})


def test_there_are_others() -> None:
    assert len(OTHERS) == 3


def test_the_timeline_in_full_is_one() -> None:
    (example,) = blocks("yaml")
    timeline = load(Source("README.yaml", example))
    assert [step.phase for step in timeline.jobs[0].steps] == [
        "downloading",
        "downloading",
        "paused",
        "failed",
        "downloading",
        "completed",
        "gone",
    ]


def test_the_violation_shown_is_what_is_printed(run: Run, tmp_path: Path) -> None:
    _, shown = blocks("text")
    payload = {"job_id": "job_493c7c9ded", "status": "progress"}
    (tmp_path / "reply.json").write_text(json.dumps(payload))
    assert run("validate", "reply.json").out == shown


def test_the_table_of_timelines_is_complete() -> None:
    rows = dict(re.findall(r"^\| `([a-z][a-z0-9-]+)` \| (.*) \|$", README, re.MULTILINE))
    bundled = {
        name: load(Source(path.name, path.read_text("utf-8"))).description
        for name, path in resources.timeline_files().items()
    }
    assert rows == bundled
