"""`demo` as a real process, on a terminal and without one; more is in printed.txt."""

import re
import time

from support.process import DEADLINE_S, Run, on_a_terminal


def test_without_a_terminal_it_prints_plain_lines(run: Run) -> None:
    began = time.monotonic()
    done = run("demo")
    assert time.monotonic() - began < DEADLINE_S / 2
    assert (done.code, done.err) == (0, "")
    assert not {"\x1b", "\r"} & set(done.out)
    assert "downloading -> paused -> downloading -> completed" in done.out
    found = re.search(r"(\d+) replies checked against .* 2025-10: 0 violations", done.out)
    assert found is not None
    assert int(found[1]) > 10
    assert "mockserver serve paused-then-resumed" in done.out


def test_on_a_terminal_it_draws_a_bar() -> None:
    shown, done = on_a_terminal("demo")
    assert done.code == 0
    for piece in ("━", "\x1b[", "0 violations"):
        assert piece in shown
