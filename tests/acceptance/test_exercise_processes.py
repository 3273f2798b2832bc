"""`mockserver exercise` and hostile commands: none holds it up, and none outlives it."""

import json
import signal
import sys
from pathlib import Path

import pytest

from support.beacon import Beacon
from support.exercising import exercise, script
from support.process import DEADLINE_S, Run, started
from support.serving import serving

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals and sessions of Unix")

HEALTHY = ("--timeline", "healthy")


def test_what_it_prints_is_read_and_its_end_is_kept(run: Run, tmp_path: Path) -> None:
    text = (
        "import os\n"
        "for _ in range(400):\n"
        "    os.write(1, b'o' * 65536)\n"
        "    os.write(2, b'e' * 65536)\n"
        "os.write(1, b'last')\n"
    )
    done = exercise(run, *HEALTHY, "--", *script(tmp_path, text))
    assert done.incident["outcome"] == "success"
    assert done.incident["stdout"] == "o" * (8 * 1024 - 4) + "last"
    assert done.incident["stderr"] == "e" * (8 * 1024)


def test_its_output_may_be_closed_and_its_input_is_empty(run: Run, tmp_path: Path) -> None:
    text = (
        "import os, sys\nread = sys.stdin.read()\nos.close(1)\nos.close(2)\nos._exit(3 + len(read))"
    )
    done = exercise(run, *HEALTHY, "--success-exit", "0,3", "--", *script(tmp_path, text))
    assert (done.incident["outcome"], done.incident["exit_code"]) == ("success", 3)


def test_one_that_ignores_the_signal_is_killed(run: Run, tmp_path: Path, beacon: Beacon) -> None:
    text = beacon.lines + "signal.signal(signal.SIGTERM, signal.SIG_IGN)\nsignal.pause()"
    done = exercise(run, *HEALTHY, "--deadline", "1s", "--", *script(tmp_path, text))
    assert done.found == {"healthy": ["hang", "not-observed"]}
    assert done.incident["exit_code"] is None
    beacon.wait()
    assert beacon.are_gone()


A_CHILD = "if os.fork() == 0:\n    signal.pause()\n"
A_DAEMON = "if os.fork() == 0:\n    os.setsid()\n    if os.fork() == 0:\n        signal.pause()\n"
HAS_PROC = pytest.mark.skipif(not Path("/proc").is_dir(), reason="found by /proc")


@pytest.mark.parametrize("leaves", [A_CHILD, pytest.param(A_DAEMON, marks=HAS_PROC)])
def test_nothing_that_it_started_is_left(
    run: Run, tmp_path: Path, beacon: Beacon, leaves: str
) -> None:
    """What stays behind also has its output, which therefore does not end by itself."""
    done = exercise(run, *HEALTHY, "--", *script(tmp_path, beacon.lines + leaves))
    assert done.incident["outcome"] == "success"
    assert done.incident["seconds"] < DEADLINE_S / 2
    beacon.wait()
    assert beacon.are_gone()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_what_it_started_and_nothing_else(
    tmp_path: Path, beacon: Beacon, number: signal.Signals
) -> None:
    """The second of two runs hangs; with one at a time, the first has ended by then."""
    text = (
        "import os, sys\n"
        "if os.environ['MOCKSERVER_INCIDENT'] == 'healthy':\n    sys.exit(1)\n"
        + beacon.lines
        + "if os.fork() == 0:\n    os.setsid()\n"
        "signal.signal(signal.SIGINT, signal.SIG_IGN)\n"
        "signal.pause()\n"
    )
    incidents = ("--timeline", "healthy", "--timeline", "instant", "-j", "1")
    reports = [word for name in ("json", "xml") for word in ("--report", f"{tmp_path}/out.{name}")]
    asked = ("exercise", *incidents, *reports, "--", *script(tmp_path, text))
    with serving("--quiet") as bystander, started(*asked) as running:
        beacon.wait()
        done = running.stop(number)
        assert bystander.control("/journal")["entries"] == []
    assert done.code == 130, done.err
    assert "not-observed" in done.out
    assert done.out.splitlines()[-1] == (
        "interrupted: 1 of 2 incidents ran to its end, and failed; not run: instant"
    )
    assert done.err.endswith("interrupted\n")
    assert json.loads((tmp_path / "out.json").read_text("utf-8"))["not_run"] == ["instant"]
    assert 'type="interrupted"' in (tmp_path / "out.xml").read_text("utf-8")
    assert beacon.are_gone()


def test_the_token_is_hidden_in_what_it_prints(run: Run, tmp_path: Path) -> None:
    text = (
        "import os, sys\nt = os.environ['MOCKSERVER_TOKEN']\n"
        "print(sys.argv[1] == t, t, 'x' * (8 * 1024 - 30), t)\n"
    )
    token = "a-token-of-some-length"
    options = ("--token", token, *HEALTHY)
    done = exercise(run, *options, "--", *script(tmp_path, text), "{token}", token)
    assert done.incident["stdout"].endswith("x [hidden]\n")
    assert done.report["command"].endswith("'{token}' [hidden]")
    for piece in (token, token[-10:], token[:10]):
        assert piece not in done.finished.out + done.finished.err


def test_each_has_its_own_server_and_is_told_where(run: Run, tmp_path: Path) -> None:
    text = (
        "import json, os, sys\n"
        "env = [os.environ.get('MOCKSERVER_' + name) for name in "
        "('URL', 'JOB_ID', 'MODEL', 'TOKEN', 'INCIDENT')]\n"
        "print(json.dumps([sys.argv[1:], env, os.environ['no_proxy']]))\n"
    )
    names = ("healthy", "several-jobs", "spec-example")
    asked = [word for name in names for word in ("--timeline", name)]
    given = ("{url}", "{host}", "{port}", "{job_id}", "{model}", "{token}", "{{url}}", "a{port}b")
    env = {"HTTP_PROXY": "http://127.0.0.1:9", "no_proxy": "example.org"}
    done = exercise(run, *asked, "--", *script(tmp_path, text), *given, env=env)
    urls = set()
    job = ["job_493c7c9ded", "ibm/granite-4-micro"]
    for name, case in zip(names, done.report["incidents"], strict=True):
        arguments, (url, *told), no_proxy = json.loads(case["stdout"])
        port = url.rpartition(":")[2]
        assert arguments == [url, "127.0.0.1", port, *job, "", "{url}", f"a{port}b"]
        assert told == [*job, None, name]
        assert no_proxy == "example.org,127.0.0.1,localhost,::1"
        urls.add(url)
    assert len(urls) == 3
