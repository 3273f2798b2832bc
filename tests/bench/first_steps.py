"""Figures for starting, compiling and validating: `python tests/bench/first_steps.py`."""

import sys
from pathlib import Path

import jsonschema
import jsonschema_rs

import figures
from mockserver.contract import validator
from mockserver.files import read_source
from mockserver.pages.compiler import compile_pages

PAGE = Path(__file__).parents[2] / "schemas" / "2025-10" / "download-status.md"
JOB = {
    "job_id": "job_493c7c9ded",
    "status": "completed",
    "total_size_bytes": 2279145003,
    "downloaded_bytes": 2279145003,
    "started_at": "2025-10-03T15:33:23.496Z",
    "completed_at": "2025-10-03T15:43:12.102Z",
}


def main() -> None:
    python = sys.executable
    commands = [
        [python, "-c", "pass"],
        [python, "-m", "mockserver", "--version"],
        [python, "-c", "import mockserver"],
        [python, "-c", "import pytest"],
        [python, "-c", "import pytest, mockserver.pytest_plugin"],
    ]
    bare, version, package, pytest, plugin = (1e3 * s for s in figures.interleaved(commands))
    figures.line("bare Python", f"{bare:.0f} ms")
    figures.line("mockserver --version, above it", f"{version - bare:.0f} ms", "limit 100 ms")
    figures.line("import mockserver, above it", f"{package - bare:.1f} ms")
    figures.line("the plugin module, above import pytest", f"{plugin - pytest:.1f} ms")

    seconds = figures.per_call(lambda: compile_pages([read_source(PAGE)], "bench"))
    figures.line("the 2025-10 page, read and compiled", f"{seconds * 1e3:.1f} ms", "limit 200 ms")

    check = validator("job_status")
    ours = figures.per_call(lambda: check.is_valid(JOB))
    rust = jsonschema_rs.Draft202012Validator(check.schema, validate_formats=True)
    theirs = figures.per_call(lambda: rust.is_valid(JOB))
    plain = jsonschema.Draft202012Validator(check.schema)
    slow = figures.per_call(lambda: plain.is_valid(JOB))
    figures.line("is_valid, one job", f"{ours * 1e6:.1f} µs")
    figures.line("  jsonschema-rs alone, its own formats", f"{theirs * 1e6:.1f} µs", "peer")
    figures.line("  jsonschema, no formats", f"{slow * 1e6:.0f} µs", f"{slow / ours:.0f} x ours")
    broken = {**JOB, "status": "resting"}
    explained = figures.per_call(lambda: check.violations(broken))
    figures.line("violations, one job with one of them", f"{explained * 1e6:.0f} µs")


if __name__ == "__main__":
    main()
