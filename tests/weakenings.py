"""Weakens the validator and the rules, one change at a time, and shows that the suite notices.

`python tests/weakenings.py` makes each change in a copy of this checkout and runs the tests that
stand beside it until the first one fails. `--all` runs the whole of `tests/unit` instead. Exit code
1 when a change is not noticed.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

__all__ = ["ROOT", "WEAKENINGS", "Weakening"]

ROOT = Path(__file__).parents[1]
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
    tests: tuple[str, ...]


_VALIDATOR = ("contract/test_validator.py", "contract/test_payload_examples.py")
_RULES = ("server_rules/test_rules.py",)
_CLIENTS = ("client_rules/test_bad.py", "client_rules/test_judge.py")

WEAKENINGS = (
    Weakening(
        "a required member may miss",
        "contract/validator.py",
        "        self.schema = schema\n",
        '        self.schema = schema = {k: v for k, v in schema.items() if k != "required"}\n',
        _VALIDATOR,
    ),
    Weakening(
        "conditions are not looked at",
        "contract/validator.py",
        "        self.schema = schema\n",
        '        self.schema = schema = {k: v for k, v in schema.items() if k != "allOf"}\n',
        _VALIDATOR,
    ),
    Weakening(
        "the compiled engine takes any text for a time",
        "contract/validator.py",
        'formats={"date-time": rfc3339.is_date_time}',
        'formats={"date-time": lambda text: True}',
        _VALIDATOR,
    ),
    Weakening(
        "a day may be impossible",
        "documents/rfc3339.py",
        "    except ValueError:  # there is no such day\n        return False\n",
        "    except ValueError:  # there is no such day\n        return True\n",
        ("documents/test_rfc3339.py",),
    ),
    Weakening(
        "a time may have a tail",
        "documents/rfc3339.py",
        "    match = _DATE_TIME.fullmatch(text)\n    if match is None:\n",
        "    match = _DATE_TIME.match(text)\n    if match is None:\n",
        ("documents/test_rfc3339.py",),
    ),
    Weakening(
        "a key may be there twice",
        "documents/json_text.py",
        "    if len(members) != len(pairs):\n",
        "    if not members and pairs:\n",
        ("documents/test_json_text.py",),
    ),
    Weakening(
        "an absent member is named by its parent",
        "contract/explanation.py",
        "pointer(place if member is None else (*place, member))\n",
        "pointer(place)\n",
        ("strategies/test_mutants.py",),
    ),
    Weakening(
        "no mutant lacks a member",
        "contract/mutations.py",
        '    "required": _drop_required,\n',
        '    "required": _add_forbidden,\n',
        ("contract/test_mutants.py", "strategies/test_mutants.py"),
    ),
    Weakening(
        "a sentence on absence is read as one on presence",
        "pages/conditions.py",
        "found.append(_condition(name, match, sentence))",
        'found.append(_condition(name.replace("absent", "present"), match, sentence))',
        ("pages/test_conditions.py", "pages/test_compiler.py"),
    ),
    Weakening(
        "more bytes than there are",
        "server_rules/job_rules.py",
        "done > total >= 0:\n",
        "done > 2 * total >= 0:\n",
        _RULES,
    ),
    Weakening(
        "completed with a byte missing",
        "server_rules/job_rules.py",
        'done < total and job.get("status") == "completed":\n',
        'done < total and job.get("status") == "complete":\n',
        _RULES,
    ),
    Weakening(
        "times in any order",
        "server_rules/time_rules.py",
        "last < first:\n",
        "last < first - 86_400_000_000:\n",
        _RULES,
    ),
    Weakening(
        "bytes may fall",
        "server_rules/history_rules.py",
        "now < before:\n",
        "now < 0:\n",
        _RULES,
    ),
    Weakening(
        "a client may poll on after failed",
        "client_rules/job_end.py",
        "        if run.end in _ENDS and (late",
        '        if run.end == "completed" and (late',
        _CLIENTS,
    ),
    Weakening(
        "a 404 is taken for news",
        "client_rules/job_end.py",
        "job_id is not None and poll.status == 404:",
        "job_id is not None and poll.status == 410:",
        _CLIENTS,
    ),
    Weakening(
        "patience without an end",
        "client_rules/deadlines.py",
        "        is_long = passed_ms > limits.patience_ms and place >= limits.still_polls\n",
        "        is_long = False\n",
        _CLIENTS,
    ),
)


def noticed_by(weakening: Weakening, folder: Path, everything: bool) -> str | None:
    """The test that fails first once the change is made; None when none does."""
    copy = folder / weakening.what.replace(" ", "-")
    for name in FOLDERS:
        shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "setup.cfg", copy)
    module = copy / "mockserver" / weakening.module
    module.write_text(module.read_text("utf-8").replace(weakening.text, weakening.becomes), "utf-8")
    files = ["tests/unit"] if everything else [f"tests/unit/{one}" for one in weakening.tests]
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
        runs = pool.map(lambda one: noticed_by(one, Path(name), everything), WEAKENINGS)
        for weakening, test in zip(WEAKENINGS, runs, strict=True):
            missed += test is None
            sys.stdout.write(f"{weakening.what:<50} {test or 'NOT NOTICED'}\n")
            sys.stdout.flush()
    sys.exit(1 if missed else 0)


if __name__ == "__main__":
    main()
