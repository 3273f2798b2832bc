"""Measures the shape of the package: how many of its files each of five usual changes touches.

`python tests/change_sizes.py` makes each change in a copy of this checkout, as a developer would:
a toy kind of fault, kind of step, operation, rule and report format. It runs a program that uses
what was added, and counts the files of `mockserver/` that differ. Exit code 1 when a change touches
more files than it may, or does not work.
"""

from __future__ import annotations

import filecmp
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

__all__ = ["CHANGES", "ROOT", "Change", "Edit", "files_touched"]

ROOT = Path(__file__).parents[1]
FOLDERS = ("mockserver", "schemas", "fixtures")
DEADLINE_S = 120


@dataclass(frozen=True, slots=True)
class Edit:
    """`new` goes in before `anchor` in a file, or is the whole of a new one (no anchor)."""

    path: str
    new: str
    anchor: str = ""

    def make(self, root: Path) -> None:
        """Make it below this folder; SystemExit where the anchor is not there exactly once."""
        file = root / self.path
        if not self.anchor:
            file.write_text(self.new, "utf-8")
            return
        text = file.read_text("utf-8")
        if text.count(self.anchor) != 1:
            raise SystemExit(f"{self.path} has {text.count(self.anchor)} times: {self.anchor!r}")
        file.write_text(text.replace(self.anchor, self.new + self.anchor), "utf-8")


@dataclass(frozen=True, slots=True)
class Change:
    """What is added, in how many files of the package at the most, and a program that uses it.

    `commands` run first, as `python -m mockserver …`.
    """

    what: str
    most: int
    edits: tuple[Edit, ...]
    program: str
    commands: tuple[tuple[str, ...], ...] = ()


FAULT = Change(
    "a kind of fault",
    2,
    (
        Edit(
            "mockserver/faults/shout.py",
            '''"""The body comes in capital letters."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

from mockserver.documents.fields import Field
from mockserver.documents.kinds import FLAG
from mockserver.faults.effect import Effect, Scope, read_as, with_body
from mockserver.http.message import Response


@dataclass(frozen=True, slots=True)
class Shout(Effect):
    """Each letter of the body is a capital one."""

    member = Field(read_as(FLAG, lambda _: Shout()), "Whether the body shouts.", key="shout")
    changes_reply: ClassVar[bool] = True

    def words(self) -> Iterable[str]:
        yield "the body shouts"

    def change(self, response: Response, scope: Scope) -> Response:
        return with_body(response, response.body.start.upper())
''',
        ),
        Edit(
            "mockserver/faults/reader.py",
            "from mockserver.faults.shout import Shout\n",
            "from mockserver.faults.truncate import",
        ),
        Edit("mockserver/faults/reader.py", "    Shout,\n", "    Truncate,\n"),
    ),
    """
from mockserver import Job, MockServer, timeline_of
from mockserver.timeline.fields import schema

fault = {"operation": "job_status", "shout": True}
timeline = timeline_of(Job("job_1").paused(), faults=[fault])
with MockServer(timeline) as server:
    assert b'"PAUSED"' in server.wsgi_client().get("/api/v1/models/download/status/job_1").data
assert "the body shouts" in timeline.faults[0].words()
assert 'shout' in str(schema())
""",
)

STEP = Change(
    "a kind of step",
    4,
    (
        Edit(
            "mockserver/timeline/steps.py",
            """        StepType(
            "queued",
            "The job waits for its turn, and says that it is paused.",
            "`queued` alone, or `queued: {for: 5s}`",
            add=lambda step, fields, script: script.add("paused", fields),
        ),
""",
            """        StepType(
            "completed",
""",
        ),
        Edit(
            "mockserver/timeline/builder.py",
            """    def queued(self, lasts: str | None = None, *, until: str | None = None) -> Job:
        \"\"\"The job waits for its turn.\"\"\"
        return self._with("queued", _ends(lasts, until))

""",
            "    def completed(\n",
        ),
    ),
    """
from mockserver import Job, timeline_of
from mockserver.timeline.fields import schema

timeline = timeline_of(Job().queued("5s").downloading("5s", to="100%").completed())
assert [step.phase for step in timeline.jobs[0].steps] == ["paused", "downloading", "completed"]
assert 'queued' in str(schema())
""",
)

OPERATION = Change(
    "an operation from a new page",
    3,
    (
        Edit(
            "schemas/2026-01/version.md",
            """# The version

`GET /api/v1/version`

This endpoint has no request parameters.

**Response fields**

```lms_params
- name: version
  type: string
  description: The version of the app.
```

```json title="Response"
{"version": "0.4.0"}
```
""",
        ),
        Edit(
            "mockserver/api/operations.py",
            """VERSION = Operation(
    id="version", method="GET", path="/api/v1/version", editions=("2026-01",)
)
""",
            "# No page of ours documents these two",
        ),
        Edit("mockserver/api/operations.py", "VERSION, ", "MODELS, OPENAI_MODELS)\n"),
        Edit(
            "mockserver/server/handlers.py",
            """def version(call: RequestContext) -> OperationReply:
    return OperationReply(200, {"version": "0.4.0"})


""",
            "HANDLERS: dict",
        ),
        Edit("mockserver/server/handlers.py", '    "version": version,\n', "    MODELS.id:"),
    ),
    """
from mockserver import MockServer, is_valid, violations
from mockserver.strategies import valid

with MockServer(edition="2026-01") as server:
    assert server.wsgi_client().get("/api/v1/version").get_json() == {"version": "0.4.0"}
    assert "version" in server.schemas
assert is_valid({"version": "1"}, "version", "2026-01")
assert [one.rule for one in violations({}, "version", "2026-01")] == ["required"]
valid("version", "2026-01").validate()
""",
    (("schemas", "build", "schemas/2026-01/version.md", "--output", "schemas/2026-01"),),
)

RULE = Change(
    "a rule",
    2,
    (
        Edit(
            "mockserver/client_rules/poll_rate.py",
            '''@described_rule("warning", "G")
def polls_on_the_hour(entries: Entries, context: SessionContext) -> Iterator[Finding]:
    """A client polls at least once.

    Why: A toy.
    Advice: Nothing.
    """
    yield finding(polls_on_the_hour, "asked", list(entries))


''',
            "def timed_requests(",
        ),
    ),
    """
from mockserver import MockServer
from mockserver.client_rules.rules import RULES

assert RULES["polls-on-the-hour"].severity == "warning"
with MockServer() as server:
    server.wsgi_client().get("/api/v1/models/download/status")
    assert [found.rule.id for found in server.verdict().warnings] == ["polls-on-the-hour"]
""",
)

FORMAT = Change(
    "a report format",
    2,
    (
        Edit(
            "mockserver/report/csv.py",
            '''"""Reports as comma-separated values, a line for each finding."""

from __future__ import annotations

from mockserver.findings.report import ExerciseReport
from mockserver.findings.rule import Severity
from mockserver.report.formats import AnyReport


def render(report: AnyReport, fails_on: Severity = "error") -> str:
    if isinstance(report, ExerciseReport):
        findings = [finding for case in report.cases for finding in case.findings]
    else:
        findings = list(report.findings)
    return "rule,severity\\n" + "".join(f"{each.rule.id},{each.severity}\\n" for each in findings)
''',
        ),
        Edit(
            "mockserver/report/formats.py",
            '        ReportFormat("csv", ".csv", ".csv"),\n',
            '        ReportFormat("html"',
        ),
    ),
    """
import subprocess, sys
from pathlib import Path
from mockserver import MockServer

with MockServer(clock="manual") as server:
    line = [sys.executable, "-m", "mockserver", "check", server.url, "--report", "found.csv"]
    subprocess.run(line, check=False)
assert Path("found.csv").read_text().startswith("rule,severity")
""",
)

CHANGES = (FAULT, STEP, OPERATION, RULE, FORMAT)


def files_touched(change: Change, folder: Path) -> list[str]:
    """The files of the package that the change touches; SystemExit when it does not work."""
    for name in FOLDERS:
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    for edit in change.edits:
        edit.make(folder)
    for command in change.commands:
        _run("-m", "mockserver", *command, folder=folder, what=change.what)
    _run("-c", change.program, folder=folder, what=change.what)
    return sorted(_differences(filecmp.dircmp(ROOT / "mockserver", folder / "mockserver"), ""))


def _run(*arguments: str, folder: Path, what: str) -> None:
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(folder), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        timeout=DEADLINE_S,
        check=False,
    )
    if done.returncode:
        raise SystemExit(f"{what} does not work:\n{done.stdout}{done.stderr}")


def _differences(compared: filecmp.dircmp[str], prefix: str) -> Iterator[str]:
    for name in (*compared.diff_files, *compared.right_only):
        if name != "__pycache__":
            yield prefix + name
    for name, inside in compared.subdirs.items():
        if name != "__pycache__":
            yield from _differences(inside, f"{prefix}{name}/")


def main() -> None:
    failed = False
    for change in CHANGES:
        with tempfile.TemporaryDirectory() as name:
            touched = files_touched(change, Path(name))
        failed |= len(touched) > change.most
        sys.stdout.write(
            f"{change.what:<30} {len(touched)} of at most {change.most}: {', '.join(touched)}\n"
        )
        sys.stdout.flush()
    sys.exit(failed)


if __name__ == "__main__":
    main()
