"""What commands print and what they cannot do, by the tables in the text files beside."""

import json
import re
import shlex
import shutil
from fnmatch import fnmatchcase
from pathlib import Path
from urllib.request import urlopen

import pytest

from mockserver import MockServer
from mockserver.resources import edition_pages
from support.process import Run
from support.recordings import STATUS, entry, har, job, polls

PAGE = edition_pages("2025-10")[0]
TEXT = PAGE.read_text("utf-8")
TOKEN = "sk-lm-Vq3xR8tK:w7Zp"
GOOD_HAR = json.dumps(
    har(*polls(job(), job(downloaded_bytes=2_000)), entry("/v1/models", {"data": []}))
)
SENT = {"Authorization": f"Bearer {TOKEN}", "Cookie": f"session={TOKEN}"}
BAD_HAR = har(*polls(job(), job(downloaded_bytes="many"), job(downloaded_bytes=500), sent=SENT))
REPLY = {"status": "already_downloaded"}
MADE = {
    "schema.json": (PAGE.parent / "job_status.response.schema.json").read_text("utf-8"),
    "good.har": GOOD_HAR,
    "bad.har": json.dumps(BAD_HAR),
    "bom.har": f"\ufeff{GOOD_HAR}",
    "bom.json": f"\ufeff{json.dumps(job())}",
    "elsewhere.har": json.dumps(har(entry("/api/v1/models/download", REPLY, method="POST"))),
    "page.md": TEXT,
    "resting.md": TEXT.replace('"status": "paused"', '"status": "resting"'),
}
SECRETS = ("Vq3xR8tK", "w7Zp")


def table(name: str) -> list[str]:
    lines = Path(__file__).with_name(name).read_text("utf-8").splitlines(keepends=True)
    return "".join(line for line in lines if not line.startswith("#")).strip("\n").split("\n")


USAGE_ERRORS = [line.split(" => ") for line in table("usage_errors.txt") if line]
PRINTED = [block.split("\n") for block in "\n".join(table("printed.txt")).split("\n\n")]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    shutil.copytree(Path(__file__).with_name("command_files"), tmp_path, dirs_exist_ok=True)
    for name, text in MADE.items():
        (tmp_path / name).write_text(text, "utf-8")
    (tmp_path / "latin.md").write_bytes(b"\xff\xfe")
    with (tmp_path / "large.har").open("wb") as file:
        file.truncate(200 * 1024 * 1024)
    return tmp_path


@pytest.mark.parametrize(("line", "pieces"), USAGE_ERRORS, ids=[line for line, _ in USAGE_ERRORS])
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


@pytest.mark.parametrize("block", PRINTED, ids=[name for name, *_ in PRINTED])
def test_what_is_printed(run: Run, folder: Path, block: list[str]) -> None:
    _, command, *lines = block
    held: dict[str, list[str]] = {mark: [] for mark in "<=^>!?-["}
    for line in lines:
        held[line[0]].append(line[2:])
    done = run(*shlex.split(command[2:]), stdin="".join(f"{line}\n" for line in held["<"]))
    assert done.code == int(next((line for line in lines if line[0] == "["), "[0]")[1]), done
    if held["="]:
        printed = done.out.splitlines()
        assert len(printed) == len(held["="])
        for line, pattern in zip(printed, held["="], strict=True):
            assert fnmatchcase(line, pattern.replace("[", "[[]")), line
    if held["!"]:
        assert done.err.splitlines() == [line for line in held["!"] if line]
    assert done.out.startswith(tuple(text.replace("\\n", "\n") for text in held["^"]) or "")
    for stream, mark in ((done.out, ">"), (done.err, "?")):
        assert [piece for piece in held[mark] if piece.replace("\\n", "\n") not in stream] == []
    for piece in [*held["-"], "\x1b"]:
        assert piece not in done.out + done.err


def test_the_journal_of_a_mock_by_a_pipe(run: Run) -> None:
    with MockServer("failed-midway", clock="poll") as server:
        for _ in range(12):
            urlopen(f"{server.url}{STATUS}").read()
        journal = urlopen(f"{server.url}/_mock/journal").read()
    done = run("validate", "-", stdin=journal)
    assert (done.code, done.err) == (0, "1 document, 0 invalid\n")
    assert "<stdin>, held to edition 2025-10: nothing found; 12 requests" in done.out
