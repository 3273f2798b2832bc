"""The plugin as users have it: sessions of pytest, and what they say, by `pytest_cases/*.md`.

Below a heading stand files and, in a console block, what is typed and what is held of its output:
    = passed=1        the outcomes
    > line            a line of it, and those that follow at once come after it; `*` is anything
    - line            no line of it
    ~ words           are in it, however it is broken into lines
Files that stand above the first heading are there in each case.
"""

import os
import re
import shlex
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

import pytest

from support.inner import run

FENCE = re.compile(r"^```\w+(?: (\S+))?\n(.*?)^```$", re.DOTALL | re.MULTILINE)


def blocks(text: str) -> dict[str, str]:
    """Files by their names; what is typed has none."""
    return dict(FENCE.findall(text))


def cases() -> Iterator[tuple[str, dict[str, str]]]:
    for path in sorted(Path(__file__).with_name("pytest_cases").glob("*.md")):
        shared, *sections = re.split(r"^## ", path.read_text("utf-8"), flags=re.MULTILINE)
        for section in sections:
            title = section.partition("\n")[0]
            yield f"{path.stem}: {title}", {**blocks(shared), **blocks(section)}


def said_by(pytester: pytest.Pytester, line: str) -> pytest.RunResult:
    program, *arguments = shlex.split(line)
    if program == "cat":
        return pytest.RunResult(0, Path(arguments[0]).read_text("utf-8").splitlines(), [], 0)
    assert program == "pytest"
    return run(pytester, *arguments)


def held(result: pytest.RunResult, lines: list[str]) -> None:
    for mark, group in groupby(lines, lambda line: line[:2]):
        patterns = [line[2:] for line in group]
        match mark:
            case "= ":
                outcomes = dict(pair.split("=") for pair in patterns[0].split())
                result.assert_outcomes(**{name: int(number) for name, number in outcomes.items()})
            case "> ":
                result.stdout.fnmatch_lines(patterns)
            case "- ":
                for pattern in patterns:
                    result.stdout.no_fnmatch_line(pattern)
            case "~ ":
                words = " ".join(result.stdout.str().split())
                assert [pattern for pattern in patterns if pattern not in words] == []
            case _:
                assert mark == "", f"{mark}is no mark"


CASES = dict(cases())


@pytest.mark.parametrize("files", CASES.values(), ids=CASES)
def test_a_session(pytester: pytest.Pytester, files: dict[str, str]) -> None:
    typed = files[""]
    for name in files.keys() - {""}:
        path = pytester.path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(files[name], "utf-8")
    for command in re.split(r"^\$ ", typed, flags=re.MULTILINE)[1:]:
        line, *lines = command.splitlines()
        if line.startswith("cd "):
            os.chdir(line.removeprefix("cd "))
        else:
            held(said_by(pytester, line), lines)
