"""`demo` as a real process, on a terminal and without one."""

from __future__ import annotations

import re
import time
from pathlib import Path

from support.process import DEADLINE_S, Run, on_a_terminal


class TestDemo:
    def test_without_a_terminal_it_prints_plain_lines(self, run: Run) -> None:
        began = time.monotonic()
        done = run("demo")
        assert time.monotonic() - began < DEADLINE_S / 2
        assert (done.code, done.err) == (0, "")
        assert "\x1b" not in done.out
        assert "\r" not in done.out
        assert "downloading -> paused -> downloading -> completed" in done.out
        found = re.search(r"(\d+) replies checked against .* 2025-10: 0 violations", done.out)
        assert found is not None
        assert int(found[1]) > 10
        assert "mockserver serve paused-then-resumed" in done.out

    def test_on_a_terminal_it_draws_a_bar(self) -> None:
        shown, done = on_a_terminal("demo")
        assert done.code == 0
        assert "━" in shown
        assert "\x1b[" in shown
        assert "0 violations" in shown

    def test_another_timeline(self, run: Run) -> None:
        done = run("demo", "failed-midway")
        assert done.code == 0
        assert "-> failed\n" in done.out

    def test_what_is_no_reply_is_shown_and_not_checked(self, run: Run, tmp_path: Path) -> None:
        (tmp_path / "own.yaml").write_text(
            "jobs:\n  - total_size_bytes: 9\n"
            "    script: [downloading: {for: 60s, to: 100%}, completed]\n"
            "faults:\n"
            "  - {when: {after: 10s, for: 10s}, reply: {status: 503}}\n"
            "  - {when: {after: 20s, for: 10s}, disconnect: in body}\n"
            "  - {when: {after: 30s, for: 10s}, disconnect: {at: before headers, by: reset}}\n"
            "  - {when: {after: 40s, for: 10s}, refuse: true}\n"
        )
        done = run("demo", "own.yaml")
        seen = "503 -> half a reply -> no reply -> connection refused -> downloading -> completed"
        assert f"The client saw: downloading -> {seen}\n" in done.out
        assert "0 violations" in done.out
        assert done.code == 0

    def test_a_violation_is_an_exit_code_of_1(self, run: Run, tmp_path: Path) -> None:
        (tmp_path / "own.yaml").write_text(
            "jobs:\n  - total_size_bytes: 9\n"
            "    script: [failed: {report: {status: broken}, off_contract: true}]\n"
        )
        done = run("demo", "own.yaml")
        assert "The client saw: violation\n" in done.out
        assert "/status" in done.out
        assert done.code == 1
