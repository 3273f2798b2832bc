"""Figures for the fixture `mock_server` and its plugin: `python tests/bench/fixture.py`."""

import http.client
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path

import figures
from mockserver.server.mock_server import MockServer

ROOT = Path(__file__).parents[2]
TESTS = 1000
RUNS = 200
PLUGIN = "mockserver.pytest_plugin"
JOB = "/api/v1/models/download/status/job_493c7c9ded"


def pytest(*arguments: str) -> list[str]:
    quiet = ("-q", "-p", "no:cacheprovider", "--no-header", "--no-summary")
    return [sys.executable, "-m", "pytest", *quiet, *arguments]


def module(folder: Path, name: str, count: int, argument: str) -> str:
    path = folder / f"test_{name}.py"
    tests = (f"def test_{number}({argument}):\n    pass\n" for number in range(count))
    path.write_text("\n\n".join(tests), encoding="utf-8")
    return str(path)


def a_test(folder: Path) -> None:
    """The difference of many tests and one, so that what happens once does not count."""
    commands = [
        pytest("-p", PLUGIN, module(folder, f"{argument or 'bare'}_{count}", count, argument))
        for argument in ("mock_server", "")
        for count in (TESTS, 1)
    ]
    many, single, bare_many, bare_single = figures.interleaved(commands, 5)
    cost_s = ((many - single) - (bare_many - bare_single)) / (TESTS - 1)
    figures.line("the fixture, for each test", f"{cost_s * 1e3:.3f} ms", "limit 0.3 ms")
    figures.line("  and once a session", f"{(single - bare_single) * 1e3:.0f} ms")


def whole_server() -> None:
    times = []
    for _ in range(RUNS):
        began = time.perf_counter()
        with MockServer() as server:
            connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
            connection.request("GET", JOB)
            assert connection.getresponse().read()
            connection.close()
        times.append(time.perf_counter() - began)
    median_ms, worst_ms = statistics.median(times) * 1e3, max(times[1:]) * 1e3
    figures.line("a server: start, one GET, stop", f"{median_ms:.1f} ms", "limit 5 ms")
    figures.line(f"  the worst of {RUNS}, after the first", f"{worst_ms:.1f} ms", "limit 25 ms")
    figures.line("  the first", f"{times[0] * 1e3:.0f} ms")


def loading(folder: Path) -> None:
    tests = module(folder, "collected", 20, "")
    commands = [
        pytest("--collect-only", "-p", f"no:{PLUGIN}", tests),
        pytest("--collect-only", "-p", PLUGIN, tests),
        [sys.executable, "-c", "import pytest"],
        [sys.executable, "-c", f"import pytest, {PLUGIN}"],
    ]
    without, with_it, bare, imported = (1e3 * s for s in figures.interleaved(commands))
    figures.line(
        "the plugin, in pytest --collect-only", f"{with_it - without:.1f} ms", "limit 10 ms"
    )
    figures.line("  its import alone", f"{imported - bare:.1f} ms")


def main() -> None:
    # Other plugins would be measured, too; and a plugin's compiled code is kept where it can be.
    os.environ |= {"PYTHONPATH": str(ROOT), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        os.environ["PYTHONPYCACHEPREFIX"] = str(folder / "compiled")
        (folder / "pytest.ini").write_text("[pytest]\n", encoding="utf-8")
        a_test(folder)
        loading(folder)
    whole_server()


if __name__ == "__main__":
    main()
