"""How a command ended: exit codes, signals, and what uncaught errors look like."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.exercise.outcome import crash_in, outcome_of

PYTHON = """\
HTTP 503, trying again
Traceback (most recent call last):
  File "client.py", line 9, in <module>
    raise KeyError("progress")
          ^^^^^^^^^^^^^^^^^^^^
KeyError: 'progress'
"""
CHAINED = f"{PYTHON}\nDuring handling of the above exception, another exception occurred:\n\n" + (
    PYTHON.split("\n", 1)[1].replace("KeyError: 'progress'", "app.Broken")
)
PYDANTIC = """\
Traceback (most recent call last):
  File "client.py", line 9, in <module>
    Job(**data)
pydantic_core._pydantic_core.ValidationError: 1 validation error for Job
total_size_bytes
  Field required [type=missing, input_value={}, input_type=dict]
    For further information visit https://errors.pydantic.dev/2.11/v/missing
"""
NODE = """\
file:///client.mjs:3
  throw new TypeError("x");
        ^

TypeError: Cannot read properties of undefined (reading 'toFixed')
    at file:///client.mjs:3:9
    at ModuleJob.run (node:internal/modules/esm/module_job:271:25)

Node.js v22.14.0
"""
GO = """\
panic: runtime error: integer divide by zero
[signal SIGFPE: floating-point exception code=0x1 addr=0x0 pc=0x1]

goroutine 1 [running]:
main.main()
\t/client/main.go:9 +0x12
exit status 2
"""
RUST = """\
thread 'main' panicked at src/main.rs:9:5:
called `Option::unwrap()` on a `None` value
note: run with `RUST_BACKTRACE=1` environment variable to display a backtrace
"""
NEW_RUST = RUST.replace("'main' p", "'main' (1234) p")
JAVA = """\
Exception in thread "main" java.lang.NullPointerException: job is null
\tat Client.main(Client.java:9)
"""
DOT_NET = "Unhandled exception. System.Text.Json.JsonException: bad\n   at Client.Main()\n"
DENO = "error: Uncaught (in promise) TypeError: x\n    at file:///client.ts:3:9\n"

CRASHES = {
    PYTHON: "KeyError: 'progress'",
    CHAINED: "app.Broken",
    PYDANTIC: "pydantic_core._pydantic_core.ValidationError: 1 validation error for Job",
    NODE: "TypeError: Cannot read properties of undefined (reading 'toFixed')",
    GO: "panic: runtime error: integer divide by zero",
    RUST: "panicked: called `Option::unwrap()` on a `None` value",
    NEW_RUST: "panicked: called `Option::unwrap()` on a `None` value",
    JAVA: "java.lang.NullPointerException: job is null",
    DOT_NET: "System.Text.Json.JsonException: bad",
    DENO: "Uncaught (in promise) TypeError: x",
}


@pytest.mark.parametrize("stderr", CRASHES)
def test_an_uncaught_error_is_a_crash(stderr: str) -> None:
    outcome = outcome_of(1, stderr)
    assert (outcome.kind, outcome.why) == ("crash", CRASHES[stderr])


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
