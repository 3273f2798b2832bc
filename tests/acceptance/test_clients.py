"""Clients in three languages, as users write them, against `mockserver serve` and `exercise`."""

import re
import subprocess
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mockserver import resources
from support.exercising import exercise
from support.process import DEADLINE_S, Run
from support.serving import DOWNLOAD, ID, JOB, MODEL, Serving, serving
from support.tools import needed, node, python, sh

CLIENTS = Path(__file__).parent / "clients"


TOOLS: dict[str, tuple[Callable[[], str | None], str]] = {
    "download.py": (python, "the package requests"),
    "download.mjs": (node, "Node.js"),
    "download.sh": (sh, "sh and curl"),
}

NEVER_A_JOB = str(Path(__file__).with_name("never-a-job.yaml"))
Ask = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(params=TOOLS)
def ask(request: pytest.FixtureRequest) -> Ask:
    """Runs a client that polls without a pause."""
    script: str = request.param
    tool = needed(*TOOLS[script])

    def run(server: Serving, deadline_s: int = DEADLINE_S) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [tool, str(CLIENTS / script), server.url, MODEL, "0", str(deadline_s)],
            capture_output=True,
            text=True,
            timeout=2 * DEADLINE_S,
            check=False,
        )

    return run


def journal(server: Serving) -> Any:
    return server.control("/journal")["entries"]


def requests(server: Serving) -> Counter[tuple[str, str]]:
    return Counter((entry["method"], entry["path"]) for entry in journal(server))


def on_polls(timeline: str) -> tuple[str, ...]:
    return (timeline, "--with-download", "--clock", "poll", "--quiet")


@pytest.mark.parametrize(
    "arguments",
    [
        on_polls("healthy"),
        on_polls("paused-then-resumed"),
        on_polls("error-with-200"),
        on_polls("html-error-page"),
        on_polls("crash-mid-poll"),
        ("download-on-request", "--edition", "2026-01", "--clock", "poll", "--quiet"),
    ],
    ids=lambda arguments: arguments[0],
)
def test_a_download_completes(ask: Ask, arguments: tuple[str, ...]) -> None:
    with serving(*arguments) as server:
        done = ask(server)
        assert (done.returncode, done.stdout, done.stderr) == (0, f"completed: {ID}\n", "")
        first, *polls = journal(server)
    assert (first["method"], first["path"], first["job_id"]) == ("POST", DOWNLOAD, ID)
    assert first["body"]["text"].replace(" ", "") == f'{{"model":"{MODEL}"}}'
    assert len(polls) > 10
    assert {(poll["method"], poll["path"]) for poll in polls} == {("GET", JOB)}
    assert polls[-1]["jobs"][0]["status"] == "completed"


@pytest.mark.parametrize(
    ("timeline", "code", "words", "asked"),
    [
        ("failed-then-same-id-resumes", 0, f"completed: {ID}", 2),
        ("post-without-job-id", 0, f"completed: {ID}", 2),
        ("failed-midway", 1, f"failed: {ID} has failed, asked for 4 times", 4),
        ("already-downloaded", 0, "already downloaded", 1),
    ],
)
def test_it_is_asked_for_as_often_as_it_takes(
    ask: Ask, timeline: str, code: int, words: str, asked: int
) -> None:
    with serving(*on_polls(timeline)) as server:
        done = ask(server)
        printed = ("", f"{words}\n") if code else (f"{words}\n", "")
        assert (done.returncode, done.stdout, done.stderr) == (code, *printed)
        made = requests(server)
        happened = [event["name"] for event in server.control("/events")["happened"]]
    assert made["POST", DOWNLOAD] == asked
    is_polled = timeline != "already-downloaded"
    assert set(made) == {("POST", DOWNLOAD), *[("GET", JOB)] * is_polled}
    assert ("resume" in happened) is (timeline == "failed-then-same-id-resumes")


def test_one_that_is_forgotten_is_given_up(ask: Ask) -> None:
    with serving(*on_polls("forgotten-job")) as server:
        done = ask(server)
        statuses = [entry["status"] for entry in journal(server)]
    assert (done.returncode, done.stdout) == (1, "")
    assert re.fullmatch(r"failed: HTTP 404: .*\n", done.stderr)
    assert (statuses.count(404), statuses[-1]) == (1, 404)


def test_what_never_ends_ends_at_the_deadline(ask: Ask) -> None:
    with serving(*on_polls("paused-for-ever")) as server:
        done = ask(server, deadline_s=2)  # sh counts whole seconds, and may be slow to begin
        assert (done.returncode, done.stdout) == (1, "")
        assert done.stderr == "failed: no end in sight\n"
        assert sum(requests(server).values()) >= 1


def test_nobody_there_is_given_up_at_the_deadline(ask: Ask) -> None:
    with serving(*on_polls("healthy")) as server:
        server.stop()
        done = ask(server, deadline_s=1)
    assert (done.returncode, done.stdout, done.stderr) == (1, "", "failed: no end in sight\n")


@pytest.mark.parametrize(
    ("timeline", "words"),
    [
        ("old-server", "failed: this is no server that downloads: {"),
        (NEVER_A_JOB, "failed: the reply names no job, asked for 4 times"),
    ],
    ids=["old-server", "never a job"],
)
def test_a_reply_that_is_no_job_is_no_success(ask: Ask, timeline: str, words: str) -> None:
    with serving(*on_polls(timeline)) as server:
        done = ask(server)
        assert (done.returncode, done.stdout) == (1, "")
        assert done.stderr.startswith(words)
        assert sum(requests(server).values()) <= 10


def test_one_passes_every_incident_as_the_readme_calls_it(run: Run) -> None:
    """That is the one for Node, whose polls take the least."""
    tool = needed(*TOOLS["download.mjs"])
    readme = (Path(__file__).parents[2] / "README.md").read_text("utf-8")
    called = re.search(r"`mockserver (exercise .+) -- python \S+download\.py (.+)`", readme)
    assert called is not None
    options, arguments = (part.split() for part in called.groups())
    done = exercise(run, *options[1:], "--", tool, str(CLIENTS / "download.mjs"), *arguments)
    assert {name: ids for name, ids in done.found.items() if ids} == {}
    assert sorted(done.found) == sorted(resources.timeline_files())
