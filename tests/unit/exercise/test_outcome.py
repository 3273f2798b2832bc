"""How a command ended: exit codes, signals, and what uncaught errors look like."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.exercise.command import crash_in, outcome_of
from support.cases import data

CRASHES = data(__file__, "crashes")
PYTHON, NODE = CRASHES["Python"]["stderr"], CRASHES["Node"]["stderr"]


@pytest.mark.parametrize("language", CRASHES)
def test_an_uncaught_error_is_a_crash(language: str) -> None:
    outcome = outcome_of(1, CRASHES[language]["stderr"])
    assert (outcome.kind, outcome.why) == ("crash", CRASHES[language]["why"])


@pytest.mark.parametrize(
    "stderr",
    [
        "",
        "failed: HTTP 404\n",
        f"{PYTHON}giving up\n",
        "panic: the download failed\n",
        "TypeError: only said\n",
        "Traceback (most recent call last):\n",
        "Node.js v22 is needed, but this is v12\n",
    ],
)
def test_a_logged_error_is_none(stderr: str) -> None:
    assert crash_in(stderr) is None
    assert outcome_of(1, stderr).kind == "failure"


@pytest.mark.parametrize(
    ("code", "kind", "words"),
    [
        (0, "success", "success (exit 0)"),
        (1, "failure", "failure (exit 1)"),
        (127, "failure", "failure (exit 127)"),
        (139, "crash", "crash (exit 139)"),
        (-11, "crash", "crash (SIGSEGV)"),
        (-63, "crash", "crash (signal 63)"),
        (None, "hang", "hang"),
    ],
)
def test_an_exit_code_says_how_it_ended(code: int | None, kind: str, words: str) -> None:
    outcome = outcome_of(code)
    assert (outcome.kind, str(outcome)) == (kind, words)


def test_why_it_crashed() -> None:
    assert outcome_of(-11).why == "killed by SIGSEGV"
    assert outcome_of(139).why == "exit code 139, as after SIGSEGV"
    assert outcome_of(255).why == "exit code 255"


@pytest.mark.parametrize(("code", "stderr", "is_it"), [(1, NODE, True), (-11, "", False)])
def test_an_error_of_the_program_differs_from_a_signal(code: int, stderr: str, is_it: bool) -> None:
    assert outcome_of(code, stderr).is_uncaught is is_it


def test_other_codes_can_be_success() -> None:
    assert outcome_of(200, PYTHON, {0, 200}).kind == "success"
    assert outcome_of(0, "", {3}).kind == "failure"


@given(st.text(), st.integers(-64, 255))
def test_any_output_is_read(stderr: str, code: int) -> None:
    assert outcome_of(code, stderr).kind in ("success", "failure", "crash")
