"""Measures the shape of the package: how many of its files each of some usual changes touches.

`python tests/change_sizes.py` makes each change of `tests/changes/` in a copy of this checkout, as
a developer would: a toy kind of fault, kind of step, operation, rule and report format. A patch
says in its first line what is added and how many files of `mockserver/` that may touch; its
`use.py` is a program that uses what was added. Exit code 1 when a change touches more files than
it may, or does not work.
"""

import filecmp
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
FOLDERS = ("mockserver", "schemas", "fixtures")
DEADLINE_S = 120


def files_touched(patch: Path, folder: Path) -> list[str]:
    """The files of the package that the change touches; SystemExit when it does not work."""
    for name in FOLDERS:
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    for command in (["git", "apply", str(patch)], [sys.executable, "use.py"]):
        done = subprocess.run(
            command,
            cwd=folder,
            env={**os.environ, "PYTHONPATH": str(folder), "PYTHONDONTWRITEBYTECODE": "1"},
            capture_output=True,
            text=True,
            timeout=DEADLINE_S,
            check=False,
        )
        if done.returncode:
            raise SystemExit(f"{patch.name} does not work:\n{done.stdout}{done.stderr}")
    return sorted(_differences(filecmp.dircmp(ROOT / "mockserver", folder / "mockserver"), ""))


def _differences(compared: filecmp.dircmp[str], prefix: str) -> Iterator[str]:
    yield from (prefix + name for name in (*compared.diff_files, *compared.right_only))
    for name, inside in compared.subdirs.items():
        yield from _differences(inside, f"{prefix}{name}/")


def main() -> None:
    failed = False
    for patch in sorted((ROOT / "tests/changes").glob("*.patch")):
        said = re.match(r"(.*): at most (\d+) files\n", patch.read_text("utf-8"))
        assert said is not None, patch
        with tempfile.TemporaryDirectory() as name:
            touched = files_touched(patch, Path(name))
        failed |= len(touched) > int(said[2])
        files = ", ".join(touched)
        sys.stdout.write(f"{said[1]:<30} {len(touched)} of at most {said[2]}: {files}\n")
        sys.stdout.flush()
    sys.exit(failed)


if __name__ == "__main__":
    main()
