"""`mockserver timelines`: what is listed, shown, checked and drawn, and the exit codes."""

import json
from pathlib import Path
from xml.etree import ElementTree

import click
import pytest

from mockserver import resources
from support.process import Run, on_a_terminal

OWN = """\
description: Mine alone.
jobs:
  - job_id: job_mine
    total_size_bytes: 1000
    script:
      - downloading: {for: 8s, to: 40%}
      - paused: {until: go-on}
      - downloading: {for: 2s, to: 100%}
      - completed
faults:
  - {operation: job_status, when: {request: 3}, reply: {status: 503}}
"""
MISSPELT = OWN.replace("paused", "pausd")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """`./timelines` with one timeline of the user's own, in the folder where commands run."""
    made = tmp_path / "timelines"
    made.mkdir()
    (made / "mine.yaml").write_text(OWN)
    return made


class TestHelp:
    def test_the_group_says_where_own_timelines_lie(self, run: Run) -> None:
        out = " ".join(run("timelines", "--help").out.split())
        assert "$MOCKSERVER_TIMELINES" in out
        assert "./timelines" in out


class TestList:
    def test_bundled_ones(self, run: Run) -> None:
        done = run("timelines", "list")
        assert (done.code, done.err) == (0, "")
        lines = done.out.splitlines()
        at = next(i for i, line in enumerate(lines) if line.startswith("paused-then-resumed "))
        assert lines[at].split("  ")[-1].strip() == "25 s, 1 job, edition 2025-10"
        assert lines[at + 1] == "  Pauses at 40 %, resumes after five seconds, completes."
        names = {line.split()[0] for line in lines if not line.startswith(" ")}
        assert set(resources.timeline_files()) <= names

    def test_an_own_one_wins_over_a_bundled_one_and_the_list_says_so(
        self, run: Run, folder: Path
    ) -> None:
        (folder / "healthy.yml").write_text(OWN)
        out = run("timelines", "list").out
        assert f"{Path('timelines', 'healthy.yml')}, in place of the bundled one" in out
        assert [line for line in out.splitlines() if line.startswith("healthy ")] != []
        assert out.count("\nhealthy ") == 1
        assert run("timelines", "show", "healthy").out == OWN

    def test_json(self, run: Run, folder: Path) -> None:
        (folder / "bad.yaml").write_text(MISSPELT)
        (folder / "healthy.yaml").write_text(OWN)
        done = run("timelines", "list", "--json")
        assert done.code == 1
        found = {entry["name"]: entry for entry in json.loads(done.out)}
        mine = found["mine"]
        assert (mine["own"], mine["verdict"], mine["description"]) == (True, "ok", "Mine alone.")
        assert (mine["jobs"], mine["faults"], mine["edition"]) == (1, 1, "2025-10")
        assert (mine["length_ms"], mine["waits_for"]) == (8_000, ["go-on"])
        assert found["healthy"]["hides_bundled"]
        assert found["bad"]["verdict"] == "refused"
        assert (found["bad"]["error"]["line"], found["bad"]["error"]["suggestion"]) == (7, "paused")
        assert not found["failed-midway"]["own"]


class TestFolder:
    def test_the_option_wins_over_the_variable_and_that_over_the_current_folder(
        self, run: Run, folder: Path, tmp_path: Path
    ) -> None:
        for name in ("first", "second"):
            (tmp_path / name).mkdir()
            (tmp_path / name / "mine.yaml").write_text(OWN.replace("Mine", name))
        variable = {"MOCKSERVER_TIMELINES": "second"}
        show = ("timelines", "show", "mine")
        assert "first alone" in run(*show, "--folder", "first", env=variable).out
        assert "second alone" in run(*show, env=variable).out
        assert "Mine alone" in run(*show, env={"MOCKSERVER_TIMELINES": ""}).out


class TestShow:
    def test_the_file_as_it_is(self, run: Run, tmp_path: Path) -> None:
        done = run("timelines", "show", "healthy")
        assert (done.code, done.err) == (0, "")
        assert done.out == resources.timeline_files()["healthy"].read_text("utf-8")
        (tmp_path / "copy.yaml").write_text(done.out, "utf-8")
        assert run("timelines", "check", "copy.yaml").code == 0

    def test_text_that_the_locale_cannot_write(self, run: Run, folder: Path) -> None:
        (folder / "mine.yaml").write_text(OWN.replace("Mine", "日本"), "utf-8")
        done = run("timelines", "show", "mine", env={"PYTHONIOENCODING": "ascii"})
        assert done.code == 0
        assert "日本" in done.out

    def test_a_broken_file_is_shown_all_the_same(self, run: Run, folder: Path) -> None:
        (folder / "mine.yaml").write_text(MISSPELT)
        assert run("timelines", "show", "mine").out == MISSPELT
        assert run("timelines", "show", "mine", "--json").code == 2

    def test_json(self, run: Run, folder: Path) -> None:
        facts = json.loads(run("timelines", "show", "mine", "--json").out)
        (job,) = facts["jobs"]
        assert (job["job_id"], job["waits_for"]) == ("job_mine", "go-on")
        steps = [(step["status"], step["begins_ms"], step["ends_ms"]) for step in job["steps"]]
        assert steps == [
            ("downloading", 0, 8_000),
            ("paused", 8_000, None),
            ("downloading", None, None),
            ("completed", None, None),
        ]
        assert facts["faults"] == ["3rd job_status request: 503 Service Unavailable"]
        assert facts["good_client"] is None
        facts = json.loads(run("timelines", "show", "healthy", "--json").out)
        assert facts["good_client"]["ends"] == "success"


class TestCheck:
    def test_bytes_on_standard_input_that_are_no_text(self, run: Run) -> None:
        assert run("timelines", "check", "-", stdin=b"\xff").code == 2

    def test_json(self, run: Run, folder: Path) -> None:
        done = run("timelines", "check", "-", "mine", "nope.yaml", "--json", stdin=MISSPELT)
        assert (done.code, done.err) == (2, "")
        refused, fine, missing = json.loads(done.out)
        assert refused["verdict"] == "refused"
        error = refused["error"]
        assert (error["line"], error["column"], error["suggestion"]) == (7, 9, "paused")
        assert error["source_line"] == "      - pausd: {until: go-on}"
        assert (fine["verdict"], fine["jobs"]) == ("ok", 1)
        assert missing["verdict"] == "unreadable"


class TestPlot:
    def test_it_fits_into_80_columns_and_has_no_colour_in_a_pipe(
        self, run: Run, folder: Path
    ) -> None:
        done = run("timelines", "plot", "mine", env={"COLUMNS": "80"})
        assert (done.code, done.err) == (0, "")
        assert max(map(len, done.out.splitlines())) <= 80
        assert "█" in done.out
        assert "\x1b" not in done.out
        assert "waits for go-on from 8 s on" in done.out
        assert "3rd job_status request: 503 Service Unavailable" in done.out

    def test_width(self, run: Run) -> None:
        done = run("timelines", "plot", "healthy", "--width", "120")
        assert 110 < max(map(len, done.out.splitlines())) <= 120

    @pytest.mark.parametrize(
        ("options", "env"),
        [
            (["--ascii"], {}),
            ([], {"PYTHONIOENCODING": "ascii"}),
            ([], {"PYTHONIOENCODING": "", "LC_ALL": "C"}),
        ],
    )
    def test_plain_characters(self, run: Run, options: list[str], env: dict[str, str]) -> None:
        done = run("timelines", "plot", "paused-then-resumed", *options, env=env)
        assert done.code == 0
        assert done.out.isascii()
        assert "|downloading" in done.out

    def test_an_event_lets_it_go_on(self, run: Run) -> None:
        before = run("timelines", "plot", "suspended-until-resumed").out
        after = run("timelines", "plot", "suspended-until-resumed", "--event", "resume@20s").out
        assert "completed" not in before.partition("\n0")[0].partition("100 %")[2]
        assert "│completed" in after
        assert "▾ resume" in after

    def test_events_in_any_order(self, run: Run) -> None:
        events = ("--event", "resume@30s", "--event", "resume@10s")
        done = run("timelines", "plot", "keeps-failing", *events)
        assert done.code == 0
        assert done.out.count("│failed") == 3

    def test_up_to_a_time(self, run: Run) -> None:
        out = run("timelines", "plot", "healthy", "--to", "5s").out
        assert "completed" not in out.partition("100 %")[2]

    def test_a_picture(self, run: Run, tmp_path: Path) -> None:
        done = run("timelines", "plot", "crash-mid-poll", "--svg", "out.svg")
        assert (done.code, done.out) == (0, "written  out.svg\n")
        text = (tmp_path / "out.svg").read_text("utf-8")
        title = ElementTree.fromstring(text).findtext("{http://www.w3.org/2000/svg}title")
        assert title == "Timeline crash-mid-poll"
        assert run("timelines", "plot", "crash-mid-poll", "--svg", "-").out == text

    def test_colour_on_a_terminal_unless_it_is_unwanted(self) -> None:
        coloured, _ = on_a_terminal("timelines", "plot", "healthy", NO_COLOR="")
        assert "\x1b[34m" in coloured
        assert max(map(len, click.unstyle(coloured).splitlines())) <= 100
        plain, done = on_a_terminal("timelines", "plot", "healthy", NO_COLOR="1")
        assert done.code == 0
        assert "\x1b" not in plain
        assert "█" in plain
