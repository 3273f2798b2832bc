"""Commands as a user meets them: what is printed, and the exit code."""

import json
import os
import shutil
from pathlib import Path

import pytest

from mockserver import __version__
from support.process import Run, started

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "schemas" / "2025-10" / "download-status.md"
VALID = '{"job_id": "job_493c7c9ded", "status": "paused"}'
INVALID = '{"job_id": "job_493c7c9ded", "status": "resting"}'

COMMANDS = [
    *("demo", "serve", "validate", "lint", "exercise", "fuzz", "check", "generate", "behaviours"),
    *("explain", "schemas list", "schemas show", "schemas build", "schemas diff"),
    *("timelines list", "timelines show", "timelines check", "timelines plot"),
]


def files(folder: Path, pattern: str = "*") -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.glob(pattern)}


class TestHelp:
    @pytest.mark.parametrize("command", COMMANDS)
    def test_every_command_has_help_with_an_example_of_itself(self, run: Run, command: str) -> None:
        done = run(*command.split(), "--help")
        assert done.code == 0
        _, _, examples = done.out.partition("Examples:")
        assert f"mockserver {command}" in examples
        assert max(map(len, done.out.splitlines())) <= 100

    def test_overview_names_every_command(self, run: Run) -> None:
        out = run("--help").out
        assert all(f"\n  {command.split()[0]} " in out for command in COMMANDS)

    def test_version(self, run: Run) -> None:
        assert run("--version").out == f"mockserver {__version__}\n"

    @pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
    def test_completion_script(self, run: Run, shell: str) -> None:
        done = run(env={"_MOCKSERVER_COMPLETE": f"{shell}_source"})
        assert done.code == 0
        assert "_MOCKSERVER_COMPLETE" in done.out

    @pytest.mark.parametrize(
        ("typed", "expected"),
        [
            ("va", "validate"),
            ("serve paused-t", "paused-then-resumed"),
            ("schemas show --edition 2026-01 down", "download"),
            ("schemas diff 2026", "2026-01"),
            ("timelines sh", "show"),
            ("timelines show failed-m", "failed-midway"),
            ("timelines plot min", "mine minimal-fields"),
            ("timelines plot several-jobs --job job_b", "job_b94e17c052"),
            ("timelines plot mine --event g", "go-on@"),
            ("explain poll-after", "poll-after-end"),
        ],
    )
    def test_completion_of_names(self, run: Run, tmp_path: Path, typed: str, expected: str) -> None:
        (tmp_path / "timelines").mkdir()
        mine = "jobs: [{job_id: j, total_size_bytes: 9, script: [paused: {until: go-on}, gone]}]"
        (tmp_path / "timelines" / "mine.yaml").write_text(mine)
        line = f"mockserver {typed}"
        env = {"COMP_WORDS": line, "COMP_CWORD": str(line.count(" "))}
        done = run(env={"_MOCKSERVER_COMPLETE": "bash_complete", **env})
        assert done.out.split() == [f"plain,{name}" for name in expected.split()]


class TestValidate:
    def test_a_schema_of_the_users_own(self, run: Run, tmp_path: Path) -> None:
        page = PAGE.read_text("utf-8").replace('"paused" | ', '"paused" | "resting" | ')
        (tmp_path / "page.md").write_text(page, "utf-8")
        assert run("schemas", "build", "page.md", "-o", "out").code == 0
        schema = ("validate", "-", "--schema", "out/job_status.response.schema.json")
        assert run(*schema, stdin=INVALID).code == 0


class TestSchemas:
    def test_show_is_the_file(self, run: Run) -> None:
        shown = run("schemas", "show", "job_status").out
        assert shown == (PAGE.parent / "job_status.response.schema.json").read_text("utf-8")

    def test_build_writes_what_is_bundled(self, run: Run, tmp_path: Path) -> None:
        done = run("schemas", "build", str(PAGE), "-o", "out/2025-10")
        assert done.code == 0
        assert files(tmp_path / "out/2025-10") == files(PAGE.parent, "*.json")

    def test_build_check_tells_and_writes_nothing(self, run: Run, tmp_path: Path) -> None:
        shutil.copy(PAGE, tmp_path / "page.md")
        done = run("schemas", "build", "page.md", "--check")
        assert done.code == 1
        assert "would change" in done.out
        assert [path.name for path in tmp_path.iterdir()] == ["page.md"]

    def test_a_bad_page_leaves_everything_as_it_was(self, run: Run, tmp_path: Path) -> None:
        shutil.copy(PAGE, tmp_path / "a.md")
        assert run("schemas", "build", ".").code == 0
        before = files(tmp_path)
        bad = PAGE.read_text("utf-8").replace("/status", "/state")
        (tmp_path / "b.md").write_text(bad.replace("type: number", "type: numbr", 1), "utf-8")
        done = run("schemas", "build", ".")
        assert done.code == 2
        assert "b.md:" in done.err
        assert "did you mean number?" in done.err
        (tmp_path / "b.md").unlink()
        assert files(tmp_path) == before

    def test_a_file_that_cannot_be_written_leaves_the_others(
        self, run: Run, tmp_path: Path
    ) -> None:
        shutil.copy(PAGE, tmp_path / "page.md")
        (tmp_path / "job_status.response.schema.json").mkdir()
        done = run("schemas", "build", "page.md")
        assert done.code == 2
        assert "cannot be written" in done.err
        left = {path.name for path in tmp_path.iterdir()}
        assert left == {"job_status.response.schema.json", "page.md"}

    def test_diff_of_a_changed_page(self, run: Run, tmp_path: Path) -> None:
        text = PAGE.read_text("utf-8")
        at = text.rindex("type: number")
        changed = text[:at] + "type: integer" + text[at + len("type: number") :]
        (tmp_path / "new.md").write_text(changed, "utf-8")
        done = run("schemas", "diff", "2025-10", "new.md", "--json")
        difference = {
            "name": "job_status.response",
            "pointer": "/properties/downloaded_bytes/type",
            "before": '"number"',
            "after": '"integer"',
        }
        assert json.loads(done.out) == [difference]
        same = run("schemas", "diff", "2025-10", str(PAGE))
        assert (same.code, same.out) == (0, "")


class TestOutput:
    def test_a_reader_that_goes_away_is_no_finding(self) -> None:
        reading, writing = os.pipe()
        os.close(reading)
        shows = ("schemas", "show", "job_status")
        with os.fdopen(writing, "wb") as gone, started(*shows, out=gone.fileno()) as running:
            done = running.stop()
        assert (done.code, done.err) == (141, "")

    @pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
    def test_a_full_disk_is_one_sentence(self) -> None:
        lists = ("schemas", "list")
        with Path("/dev/full").open("wb") as full, started(*lists, out=full.fileno()) as running:
            done = running.stop()
        said = "error: the output cannot be written: no space left on device\n"
        assert (done.code, done.err) == (2, said)


class TestLint:
    def test_our_pages_have_no_findings(self, run: Run) -> None:
        pages = sorted(str(page) for page in (ROOT / "schemas").glob("*/*.md"))
        done = run("lint", *pages)
        assert (done.code, done.out) == (0, "")
