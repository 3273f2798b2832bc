"""Weakens the validator and the rules, one change of weakenings.toml at a time: the suite notices.

`python tests/weakenings.py` makes each change in a copy of this checkout and runs the tests that
stand beside it until the first one fails. `--all` runs the whole of `tests/unit` instead. Exit code
1 when a change is not noticed.
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

__all__ = ["ROOT", "WEAKENINGS", "Weakening"]

ROOT = Path(__file__).parents[1]
TABLE = ROOT / "tests" / "weakenings.toml"
FOLDERS = ("mockserver", "schemas", "fixtures", "tests")
DEADLINE_S = 600
_FAILED = re.compile(r"^(?:FAILED|ERROR) (\S+)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Weakening:
    """`text` of a module of the package becomes `becomes`; `tests` are files below `tests/unit`."""

    what: str
    module: str
    text: str
    becomes: str
    tests: Sequence[str]


WEAKENINGS = tuple(
    Weakening(**entry) for entry in tomllib.loads(TABLE.read_text("utf-8"))["weakening"]
)


def noticed_by(weakening: Weakening, folder: Path, everything: bool) -> str | None:
    """The test that fails first once the change is made; None when none does."""
    copy = folder / weakening.what.replace(" ", "-")
    for name in FOLDERS:
        shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "setup.cfg", copy)
    module = copy / "mockserver" / weakening.module
    module.write_text(module.read_text("utf-8").replace(weakening.text, weakening.becomes), "utf-8")
    files = ["tests/unit"] if everything else [f"tests/unit/{name}" for name in weakening.tests]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", *files],
        cwd=copy,
        env={**os.environ, "PYTHONPATH": str(copy), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        timeout=DEADLINE_S,
        check=False,
    )
    shutil.rmtree(copy)
    found = _FAILED.search(done.stdout)
    if done.returncode not in (0, 1) and found is None:
        raise SystemExit(f"{weakening.what}: the tests cannot be run:\n{done.stdout[-2000:]}")
    return None if found is None else found[1]


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--all", action="store_true", help="run all of tests/unit for each")
    everything = parser.parse_args().all
    missed = 0
    with tempfile.TemporaryDirectory() as name, ThreadPoolExecutor(os.cpu_count()) as pool:
        notice = partial(noticed_by, folder=Path(name), everything=everything)
        runs = pool.map(notice, WEAKENINGS)
        for weakening, test in zip(WEAKENINGS, runs, strict=True):
            missed += test is None
            sys.stdout.write(f"{weakening.what:<50} {test or 'NOT NOTICED'}\n")
            sys.stdout.flush()
    sys.exit(1 if missed else 0)


if __name__ == "__main__":
    main()
