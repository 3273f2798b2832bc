"""`mockserver fuzz` with real processes: what breaks them, what it saves, and how it ends."""

import json
import re
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver import resources
from mockserver.cli import fuzz
from mockserver.cli.options.groups import filled
from mockserver.cli.views.fuzzing import options_of
from mockserver.documents.source import Source
from mockserver.exercise.fuzz import FuzzPlan
from mockserver.timeline.reader import load
from support.beacon import Beacon
from support.exercising import PYTHON, client, script
from support.process import DEADLINE_S, Run, environment, started
from support.serving import ID, JOB, ask, serving

GOOD = (*client("good"), "--job", "{job_id}", "--patience", "3")
CARELESS = """\
import json, os
from urllib.request import urlopen

url = os.environ["MOCKSERVER_URL"] + "/api/v1/models/download/status/"
with urlopen(url + os.environ["MOCKSERVER_JOB_ID"], timeout=10) as reply:
    job = json.load(reply)
print(job["status"])
"""


@pytest.fixture(scope="module", autouse=True)
def _shared_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Hypothesis reads this checkout's source for numbers to draw; once is enough."""
    with pytest.MonkeyPatch.context() as patch:
        folder = tmp_path_factory.mktemp("hypothesis")
        patch.setenv("HYPOTHESIS_STORAGE_DIRECTORY", str(folder))
        yield


def facts(run: Run, *arguments: str, code: int = 1) -> dict[str, Any]:
    done = run("fuzz", "--json", *arguments)
    assert done.code == code, done.err
    found = json.loads(done.out)
    assert isinstance(found, dict)
    return found


def test_a_good_client_survives_and_no_file_is_left(run: Run, tmp_path: Path) -> None:
    elsewhere = {"HYPOTHESIS_STORAGE_DIRECTORY": str(tmp_path / "nowhere")}
    done = run("fuzz", "--examples", "25", "--seed", "1", "--", *GOOD, env=elsewhere)
    assert (done.code, done.err) == (0, "")
    said = r"survived 2\d different replies of job_status, of 25 drawn \(seed 1\)\n"
    assert re.fullmatch(said, done.out)
    assert list(tmp_path.iterdir()) == []


def test_a_careless_one_is_shown_the_smallest_reply_and_how_to_get_it_again(
    run: Run, tmp_path: Path
) -> None:
    done = run("fuzz", "--seed", "5", "--", *script(tmp_path, CARELESS))
    assert done.code == 1
    lines = done.out.splitlines()
    assert lines[0] == "broken: crash: KeyError: 'status'"
    assert "(seed 5); the smallest that does:" in lines[1]
    for line in (
        "A good client ends without a crash, with another exit code than 0.",
        "the end of its standard error:",
        "  KeyError: 'status'",
        "saved as broken-reply.yaml",
        "  serve it:   mockserver serve broken-reply.yaml --with-download",
        f"  look at it: curl -i http://127.0.0.1:1234{JOB}",
    ):
        assert line in lines
    assert max(map(len, lines[:-1])) <= 100
    with serving(str(tmp_path / "broken-reply.yaml")) as server:
        status, shown = ask(server.url + JOB)
        again = subprocess.run(
            (*PYTHON, str(tmp_path / "client.py")),
            env=environment(MOCKSERVER_URL=server.url, MOCKSERVER_JOB_ID=ID),
            capture_output=True,
            text=True,
            timeout=DEADLINE_S,
            check=False,
        )
    assert status == 200
    assert json.dumps(shown, indent=2) in done.out.replace("\n  ", "\n")
    assert again.stderr.endswith("KeyError: 'status'\n")


def test_the_seed_decides_and_not_how_many_run_at_a_time(run: Run, tmp_path: Path) -> None:
    careless = script(tmp_path, CARELESS.replace('job["status"]', 'job.get("started_at")[:10]'))
    found = []
    for jobs in ("1", "4"):
        told = facts(run, "--seed", "3", "-j", jobs, "-o", f"{jobs}.yaml", "--", *careless)
        assert told["broken"].pop("timeline") == f"{jobs}.yaml"
        del told["broken"]["stderr"]  # it names a line of the same file, but in its own words
        found.append((told, (tmp_path / f"{jobs}.yaml").read_text("utf-8")))
    assert found[0] == found[1]
    assert found[0][0]["broken"]["kind"] == "crash"
    assert load(Source("1.yaml", found[0][1])).faults[0].operation == "job_status"


def test_what_it_does_not_read_is_no_mistake_unless_it_is_strict(run: Run, tmp_path: Path) -> None:
    careful = (
        "import json, os, sys\nfrom urllib.request import urlopen\n"
        "url = os.environ['MOCKSERVER_URL'] + '/api/v1/models/download/status/'\n"
        "try:\n"
        "    with urlopen(url + os.environ['MOCKSERVER_JOB_ID'], timeout=10) as reply:\n"
        "        status = json.load(reply)['status']\n"
        "except (OSError, ValueError, KeyError, TypeError) as error:\n    sys.exit(str(error))\n"
        "known = ('downloading', 'paused', 'completed', 'failed')\n"
        "sys.exit(None if status in known else 'unknown')\n"
    )
    options = ("--seed", "1", "--examples", "40")
    assert facts(run, *options, "--", *script(tmp_path, careful), code=0)["has_survived"]
    found = facts(run, *options, "--strict", "--", *script(tmp_path, careful))
    assert found["broken"]["kind"] == "made-up success"
    assert found["broken"]["wanted"] == "error"
    assert found["broken"]["reasons"]


def test_one_that_hangs_is_ended(run: Run, tmp_path: Path, beacon: Beacon) -> None:
    hangs = beacon.lines + "signal.pause()\n"
    options = ("--examples", "3", "-j", "1", "--deadline", "500ms", "--seed", "1")
    found = facts(run, *options, "--", *script(tmp_path, hangs))
    assert found["broken"]["message"] == "hang: no end after 0.5 s"
    beacon.wait()
    assert beacon.are_gone()


def test_one_that_never_asks_made_its_success_up(run: Run) -> None:
    found = facts(run, "--examples", "2", "--", *client("never_asks"))
    assert found["broken"]["message"].endswith("without asking for a documented operation")


def test_a_download_is_tried_with_its_own_edition(run: Run) -> None:
    found = facts(run, "--operation", "download", "--seed", "1", "--", *client("reads_lines"))
    assert (found["operation"], found["edition"]) == ("download", "2026-01")
    assert "JSONDecodeError" in found["broken"]["message"]


CODES = st.lists(st.integers(0, 255).map(str), min_size=1).map(",".join)
OPTIONS: dict[str, st.SearchStrategy[str | None]] = {
    "--operation": st.sampled_from(["job_status", "list_status"]),
    "--edition": st.sampled_from(resources.edition_names()),
    "--examples": st.integers(1, 100_000).map(str),
    "--seed": st.integers(0, 2**32 - 1).map(str),
    "--deadline": st.integers(1, 10**7).map("{}ms".format) | st.just("1.5s"),
    "--success-exit": CODES,
    "--strict": st.just(None),
}


@given(st.fixed_dictionaries({}, optional=OPTIONS))
def test_the_options_that_find_it_again_are_the_same(options: dict[str, str | None]) -> None:
    words = [word for pair in options.items() for word in pair if word is not None]
    plan = plan_of(*words)
    assert plan_of(*options_of(plan)) == plan


def test_options_that_are_as_without_them_are_left_out() -> None:
    assert options_of(plan_of("--seed=7", "--deadline", "10000ms")) == ["--seed=7"]
    words = ["--seed=7", "--operation=download", "--deadline=2.5s", "--success-exit=0,3"]
    assert options_of(plan_of(*words)) == words


def plan_of(*options: str) -> FuzzPlan:
    context = fuzz.command.make_context("fuzz", [*options, "--", "client", "{url}"])
    return filled(fuzz.FuzzOptions, context.params).plan(context.params["client"])


@pytest.mark.skipif(sys.platform == "win32", reason="signals of Unix")
@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP"])
def test_a_signal_while_replies_are_drawn_ends_it_and_leaves_nothing(
    tmp_path: Path, name: str
) -> None:
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    words = ("fuzz", "--examples", "100000", "--", sys.executable)
    env = {"TMPDIR": str(temporary), "HYPOTHESIS_STORAGE_DIRECTORY": "none"}
    with started(*words, cwd=tmp_path, env=env) as running:
        deadline = time.monotonic() + DEADLINE_S
        while not any(temporary.iterdir()):  # says nothing, and goes on
            assert time.monotonic() < deadline
            assert select.select([running.err], [], [], 0.02)[0] == []
        done = running.stop(getattr(signal, name))
    assert (done.code, done.out, done.err.strip()) == (130, "", "interrupted")
    assert [*temporary.iterdir()] == []


@pytest.mark.skipif(sys.platform == "win32", reason="signals of Unix")
def test_a_signal_ends_what_it_started_and_says_what_it_found(
    tmp_path: Path, beacon: Beacon
) -> None:
    """The second run breaks, and the next, which could make the reply smaller, hangs."""
    hangs = (
        f"import os, sys\nfolder = {str(tmp_path)!r}\n"
        "run = len(os.listdir(folder))\nopen(f'{folder}/{run}', 'w').close()\n"
        f"if run == 1:\n    exec({CARELESS!r})\n    sys.exit()\n"
        "if run == 2:\n    raise KeyError('status')\n"
        + beacon.lines
        + "signal.signal(signal.SIGINT, signal.SIG_IGN)\nsignal.pause()\n"
    )
    words = ("fuzz", "--seed", "6", "-j", "1", "--", *script(tmp_path, hangs))
    with serving("--quiet") as bystander, started(*words, cwd=tmp_path) as running:
        beacon.wait()
        done = running.stop(signal.SIGINT)
        assert bystander.control("/journal")["entries"] == []
    assert done.code == 130, done.err
    assert done.out.startswith("broken: crash: KeyError: 'status'\n")
    assert "the smallest that does so far:" in done.out
    assert done.err.endswith("interrupted\n")
    assert load(Source("t.yaml", (tmp_path / "broken-reply.yaml").read_text("utf-8"))).faults
    assert beacon.are_gone()


def test_nothing_is_overwritten(run: Run, tmp_path: Path) -> None:
    (tmp_path / "broken-reply.yaml").write_text("mine")
    (tmp_path / "mine.yaml").write_text("mine")
    options = ("--examples", "2", "--", *client("never_asks"))
    assert facts(run, *options)["broken"]["timeline"] == "broken-reply-2.yaml"
    assert (tmp_path / "broken-reply.yaml").read_text() == "mine"
    done = run("fuzz", "-o", "mine.yaml", *options)
    assert done.code == 2
    assert "mine.yaml exists already; name another file, or remove it" in done.err
