"""What commands cannot do is one sentence, and exit code 2; the cases are in usage_errors.txt."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path

import pytest

from mockserver.resources import edition_pages
from support.process import Run
from support.recordings import entry, har, job, polls

PAGE = edition_pages("2025-10")[0]
TABLE = "`GET /x`\n\n**Response fields**\n```lms_params\n- %s\n```\n"
FILES = {
    "client.py": "print('ran')\n",
    "no-shebang": "echo ran\n",
    "empty.json": "{}",
    "half.json": "[",
    "type-5.json": '{"x-operation": {"id": "a", "part": "b"}, "type": 5}',
    "schema.json": (PAGE.parent / "job_status.response.schema.json").read_text("utf-8"),
    "good.har": json.dumps(har(*polls(job()), entry("/v1/models", {"data": []}))),
    "entries.har": json.dumps({"log": {"entries": {}}}),
    "request.har": json.dumps(har({"request": {}})),
    "page.md": PAGE.read_text("utf-8"),
    "plain.md": "nothing here",
    "alias.md": TABLE % "&a [*a, *a]",
    "tag.md": TABLE % "!!python/object:os.x {}",
    "timelines/mine.yaml": "jobs: [{job_id: job_mine, total_size_bytes: 9, script: [paused]}]\n",
}
SECRETS = ("Vq3xR8tK", "w7Zp")
CASES = [
    line.split(" => ")
    for line in Path(__file__).with_name("usage_errors.txt").read_text("utf-8").splitlines()
    if line and not line.startswith("#")
]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "timelines").mkdir()
    for name, text in FILES.items():
        (tmp_path / name).write_text(text, "utf-8")
    (tmp_path / "no-shebang").chmod(0o755)
    (tmp_path / "latin.md").write_bytes(b"\xff\xfe")
    with (tmp_path / "large.har").open("wb") as file:
        file.truncate(200 * 1024 * 1024)
    return tmp_path


@pytest.mark.parametrize(("line", "pieces"), CASES, ids=[line for line, _ in CASES])
def test_what_cannot_be_done_is_told_once(run: Run, folder: Path, line: str, pieces: str) -> None:
    before = sorted(folder.rglob("*"))
    variables = re.match(r"(?:[A-Z_]+=\S+ )*", line)
    assert variables is not None
    env = dict(variable.split("=") for variable in variables[0].split())
    done = run(*shlex.split(line[variables.end() :]), env={"LM_API_TOKEN": "", **env})
    assert (done.code, done.out) == (2, ""), done.err
    for piece in pieces.split(" && "):
        assert done.err.count(piece) == 1, done.err
    assert not any(secret in done.err for secret in SECRETS)
    assert sorted(folder.rglob("*")) == before
