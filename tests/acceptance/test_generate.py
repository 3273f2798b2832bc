"""`mockserver generate` as a process: what it prints, and how it ends."""

import json
import signal
import sys
from pathlib import Path

import pytest

from mockserver.contract import Validator, validator
from mockserver.documents import json_text
from mockserver.files import read_source
from mockserver.pages.compiler import compile_pages
from mockserver.resources import edition_pages
from support.process import DEADLINE_S, Run, started, without_output

POSIX = pytest.mark.skipif(sys.platform == "win32", reason="signals and pipes are POSIX's")
PAGE = edition_pages("2025-10")[0]
OWN = Path(__file__).parent / "command_files" / "own.md"


def test_valid_payloads_line_by_line(run: Run, tmp_path: Path) -> None:
    done = run("generate", "list_status", "--count", "700")
    assert (done.code, done.err) == (0, "")
    lines = done.out.splitlines()
    assert len(lines) == 700
    assert all(validator("list_status").is_valid(json_text.loads(line)) for line in lines)
    assert [*tmp_path.iterdir()] == []


def test_surprising_ones_are_written_as_no_one_expects(run: Run) -> None:
    done = run("generate", "download", "--edition", "2026-01", "--surprising", "-n", "600")
    lines = done.out.split("\n")
    assert lines.pop() == ""
    check = validator("download", "2026-01")
    assert len(lines) == 600
    assert all(check.is_valid(json_text.loads(line)) for line in lines)
    assert any(line != json.dumps(json.loads(line)) for line in lines)


def test_invalid_ones_say_what_they_break(run: Run) -> None:
    done = run("generate", "job_status", "--invalid", "-n", "600")
    found = [json.loads(line) for line in done.out.splitlines()]
    check = validator("job_status")
    for mutant in found:
        assert check.broken_rules(mutant["payload"]) == [(mutant["rule"], mutant["pointer"])]
        assert mutant["reason"].endswith(".")
        assert ("was" in mutant) is (mutant["rule"] != "absent")
        assert ("became" in mutant) is (mutant["rule"] != "required")
    assert {mutant["rule"] for mutant in found} == {"required", "absent", "type", "enum", "format"}


@pytest.mark.parametrize("kind", [[], ["--surprising"], ["--invalid"]])
def test_the_same_seed_gives_the_same_lines(run: Run, kind: list[str]) -> None:
    words = ["generate", "job_status", *kind, "-n", "300", "--seed"]
    # Both are started: a forked one has imported more, in which Hypothesis finds more to draw.
    first, again = (run(*words, "5", env={"PYTHONHASHSEED": seed}).out for seed in "12")
    assert first == again
    assert first.startswith(run(*words, "5", "-n", "4").out)
    assert not first.startswith(run(*words, "6", "-n", "4").out)


def test_a_page_of_ones_own(run: Run) -> None:
    done = run("generate", "get_things_id", "--page", str(OWN), "-n", "300")
    (schema,) = compile_pages([read_source(OWN)], "own").values()
    payloads = [json.loads(line) for line in done.out.splitlines()]
    assert len(payloads) == 300
    assert all(Validator(schema).is_valid(payload) for payload in payloads)
    assert {payload["kind"] for payload in payloads} == {"big", "small"}


@POSIX
@pytest.mark.parametrize(
    ("ending", "is_read", "expected"),
    [
        (None, False, (141, "")),
        ("SIGINT", True, (130, "interrupted")),
        ("SIGTERM", True, (130, "interrupted")),
        ("SIGHUP", True, (130, "interrupted")),
        ("SIGINT", False, (130, "interrupted")),
    ],
)
def test_a_million_lines_are_not_waited_for(
    tmp_path: Path, ending: str | None, is_read: bool, expected: tuple[int, str]
) -> None:
    """Its end comes by a signal, whether its output is still read or not, or by a closed pipe."""
    words = ("generate", "job_status", "--count", "1000000")
    with started(*words, cwd=tmp_path, env={"TMPDIR": str(tmp_path)}) as running:
        assert json.loads(running.out.readline())["status"]
        if ending is not None:
            running.process.send_signal(getattr(signal, ending))
        if is_read:
            running.out.read()
        elif ending is None:
            running.out.close()
        said = running.err.read()
        code = running.process.wait(DEADLINE_S)
    assert (code, said.strip()) == expected
    assert [*tmp_path.iterdir()] == []


@POSIX
def test_an_output_that_is_closed_is_told(tmp_path: Path) -> None:
    done = without_output("generate", "job_status", cwd=tmp_path)
    said = "error: standard output: cannot be written: it is closed\n"
    assert (done.returncode, done.stderr) == (2, said)
