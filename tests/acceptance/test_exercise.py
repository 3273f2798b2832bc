"""`mockserver exercise` as users call it: its options, its words, its exit codes, its reports."""

import json
import subprocess
from pathlib import Path

from junitparser import JUnitXml

from mockserver import resources
from support.exercising import client, exercise, script
from support.process import Run, command, environment

HEALTHY = ("--timeline", "healthy")
PAUSED = ("--timeline", "paused-then-resumed")
GOOD = (*client("good"), "--model", "{model}")
WRONG = client("takes_paused_for_failure")

OWN = Path(__file__).parent / "command_files" / "stuck"


def test_the_table_says_how_each_ended_and_then_what_was_wrong(run: Run) -> None:
    done = run("exercise", *HEALTHY, *PAUSED, "-j", "1", "--", *WRONG)
    assert done.code == 1
    head, first, second, *rest = done.out.splitlines()
    assert head.split() == ["incident", "ends", "time", "requests", "verdict"]
    assert first.split()[:3] == ["healthy", "success", "(exit"]
    assert first.split()[-2:] == ["21", "ok"]
    assert second.split()[-2:] == ["9", "wrong-failure"]
    text = "\n".join(rest)
    for piece in (
        "paused-then-resumed: failure (exit 1)",
        "error: wrong-failure [#9]",
        "gave up, with exit code 1, where a good client succeeds; it said: the download failed:",
        "> #9    +8 s  GET …/status/job_493c7c9ded  200 paused 40 %",
        "good client: says that it is paused, keeps polling more slowly",
        "standard error:\n    the download failed: paused",
    ):
        assert piece in text
    assert rest[-1] == "1 of 2 incidents failed"
    lines = done.err.splitlines()
    assert len(lines) == 2
    assert lines[0].startswith("1/2  healthy: ok (success, exit 0, ")
    assert lines[1].startswith("2/2  paused-then-resumed: wrong-failure (failure, exit 1, ")
    assert max(map(len, rest)) <= 100


def test_all_as_expected_is_short(run: Run) -> None:
    done = run("exercise", *HEALTHY, "--", *GOOD)
    assert done.code == 0
    assert len(done.out.splitlines()) == 4
    assert done.out.endswith("\n1 incident, all as expected\n")


def test_what_is_expected_can_be_said(run: Run) -> None:
    done = exercise(run, *PAUSED, "--expect", "paused-then-resumed=failure", "--", *WRONG)
    assert done.finished.code == 0
    assert done.incident["expected"] == "failure"
    done = exercise(run, *HEALTHY, "--expect", "healthy=failure", "--", *GOOD)
    assert done.found == {"healthy": ["wrong-success"]}
    done = exercise(run, *PAUSED, "--success-exit", "1", "--", *WRONG)
    assert done.found == {"paused-then-resumed": ["wrong-success"]}


def test_a_rule_can_be_allowed(run: Run) -> None:
    polling = client("polls_after_completion")
    done = exercise(run, *HEALTHY, "--allow", "poll-after-end", "--", *polling)
    assert done.finished.code == 0
    assert done.found == {"healthy": []}
    assert [finding["id"] for finding in done.incident["allowed"]] == ["poll-after-end"]


def test_a_warning_fails_only_when_it_is_to(run: Run, tmp_path: Path) -> None:
    asks = (
        "import os\nfrom urllib.request import urlopen\n"
        "url = os.environ['MOCKSERVER_URL'] + '/api/v1/models'\n"
        "urlopen(url, timeout=10).close()\n"
        "job = '/download/status/' + os.environ['MOCKSERVER_JOB_ID']\n"
        "urlopen(url + job, timeout=10).close()\n"
        "try:\n    urlopen(os.environ['MOCKSERVER_URL'] + '/v1/chat/completions', b'{}')\n"
        "except OSError:\n    pass\n"
    )
    call = ("--timeline", "already-downloaded", "--", *script(tmp_path, asks))
    for options, code in (((), 0), (("--fail-on", "warning"), 1)):
        done = exercise(run, *options, *call)
        assert (done.finished.code, done.found) == (code, {"already-downloaded": ["not-mocked"]})


def test_reports_are_written_and_say_the_same(run: Run, tmp_path: Path) -> None:
    names = ("new/out.json", "out.xml", "out.html")
    given = [word for name in names for word in ("--report", str(tmp_path / name))]
    done = exercise(run, *HEALTHY, *PAUSED, *given, "--", *WRONG)
    assert json.loads((tmp_path / "new/out.json").read_text("utf-8")) == done.report
    (suite,) = JUnitXml.fromfile(str(tmp_path / "out.xml"))
    assert [case.name for case in suite] == ["healthy", "paused-then-resumed"]
    assert suite.failures == 1
    assert "1</span> of 2 incidents failed" in (tmp_path / "out.html").read_text("utf-8")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["new", "out.html", "out.xml"]
    assert len(list((tmp_path / "new").iterdir())) == 1


def test_a_report_that_cannot_be_written_is_told_after_the_verdict(
    run: Run, tmp_path: Path
) -> None:
    makes = script(tmp_path, "import os\nos.mkdir('out.json')\n")
    done = run("exercise", *HEALTHY, "--report", "out.json", "--", *makes)
    assert done.code == 2
    assert "1 of 1 incident failed" in done.out
    assert "out.json: cannot be written" in done.err


def test_reports_are_written_though_nobody_reads_the_rest(tmp_path: Path) -> None:
    (tmp_path / "kept.json").write_text("before")
    (tmp_path / "kept.json").chmod(0o600)
    (tmp_path / "link.json").symlink_to("kept.json")
    words = ("exercise", *HEALTHY, "--report", "link.json", "--", *GOOD)
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            command(*words), stdout=full, stderr=full, cwd=tmp_path, env=environment(), check=False
        )
    assert done.returncode == 2
    assert (tmp_path / "link.json").is_symlink()
    assert (tmp_path / "kept.json").stat().st_mode & 0o777 == 0o600
    assert json.loads((tmp_path / "kept.json").read_text("utf-8"))["passed"] == 1


def test_a_token_that_was_cut_in_two_is_not_shown(run: Run, tmp_path: Path) -> None:
    token = "SECRETTOKEN-abcdefghijklmnopqrstuvwxyz"
    lines = "import os\nfor size in range(1000):\n"
    lines += "    print(size % 7 * '.', os.environ['MOCKSERVER_TOKEN'])\n"
    for shift in range(0, 38, 5):
        cut = script(tmp_path, f"{lines}raise SystemExit({shift * 'x'!r})\n")
        shown = run("exercise", *HEALTHY, "--token", token, "--show-output", "--", *cut).out
        assert "[hidden]" in shown
        assert "vwxyz" not in shown


def test_a_progress_line_says_nothing_twice(run: Run, tmp_path: Path) -> None:
    text = (
        "import os, signal\n"
        "if os.environ['MOCKSERVER_INCIDENT'] == 'healthy':\n    raise KeyError('status')\n"
        "signal.pause()\n"
    )
    given = (*HEALTHY, *PAUSED, "-j", "1", "--deadline", "1s")
    done = run("exercise", *given, "--", *script(tmp_path, text))
    first, second = done.err.splitlines()
    assert first.startswith("1/2  healthy: crash, not-observed (exit 1, ")
    assert second.startswith("2/2  paused-then-resumed: hang, not-observed (1.")


def test_one_mistake_in_many_incidents_is_told_as_one(run: Run, tmp_path: Path) -> None:
    text = "import os\nif os.environ['MOCKSERVER_INCIDENT'] != 'instant':\n    {}['status']\n"
    raises = script(tmp_path, f"{text}raise ValueError('other')\n")
    done = run("exercise", *HEALTHY, "--timeline", "instant", *PAUSED, "--", *raises)
    assert done.code == 1
    *_, head, first, second, _, last = done.out.splitlines()
    assert head == "seen in several incidents:"
    assert first == "  not-observed: 3 incidents: healthy, instant, paused-then-resumed"
    assert second == "  crash, KeyError: 'status': 2 incidents: healthy, paused-then-resumed"
    assert last == "3 of 3 incidents failed"
    assert "seen in several" not in run("exercise", *HEALTHY, "--", *raises).out


def test_own_timelines_are_incidents(run: Run) -> None:
    given = ("--folder", str(OWN))
    done = exercise(run, *given, "--timeline", "stuck", "--", *client("no_deadline"))
    assert done.found == {"stuck": []}
    listed = run("exercise", *given, "--list", "--json")
    entries = {entry["incident"]: entry for entry in json.loads(listed.out)}
    assert sorted(entries) == sorted({*resources.timeline_files(), "stuck"})
    assert entries["healthy"]["good_client"] == "gives up at once."


def test_what_it_printed_is_shown_on_demand(run: Run, tmp_path: Path) -> None:
    prints = script(tmp_path, "print('a\\tb\\x1b[31m')\nraise SystemExit('bad')\n")
    call = (*HEALTHY, "--", *prints)
    assert "a       b" not in run("exercise", *call).out
    shown = run("exercise", "--show-output", *call).out
    assert "  standard output:\n    a       b\\x1b[31m\n  standard error:\n    bad\n" in shown
