"""`mockserver validate` over recorded traffic: HAR files, and journals of a running mock."""

from __future__ import annotations

import json
from pathlib import Path
from urllib.request import urlopen

import pytest

from mockserver import MockServer
from support.process import Run
from support.recordings import STATUS, entry, har, job, polls

TOKEN = "sk-lm-Vq3xR8tK:w7Zp"
GOOD = har(*polls(job(), job(downloaded_bytes=2_000)), entry("/v1/models", {"data": []}))
BAD = har(
    *polls(
        job(),
        job(downloaded_bytes="many"),
        job(downloaded_bytes=500),
        sent={"Authorization": f"Bearer {TOKEN}", "Cookie": f"session={TOKEN}"},
    )
)
ELSEWHERE = har(entry("/api/v1/models/download", {"status": "already_downloaded"}, method="POST"))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, payload in (("good", GOOD), ("bad", BAD), ("elsewhere", ELSEWHERE)):
        (tmp_path / f"{name}.har").write_text(json.dumps(payload), "utf-8")
    return tmp_path


def test_a_good_recording(run: Run, folder: Path) -> None:
    done = run("validate", "good.har")
    assert done.code == 0
    assert done.out == (
        "note: 1 request for no operation of edition 2025-10: GET /v1/models\n"
        "good.har (http://127.0.0.1:1234), held to edition 2025-10: nothing found; 2 requests "
        "(job_status 2)\nin 1 s\n"
    )
    assert done.err == "1 document, 0 invalid\n"


def test_findings_are_those_of_the_check_and_show_no_secret(run: Run, folder: Path) -> None:
    done = run("validate", "bad.har")
    assert (done.code, done.err) == (1, "1 document, 1 invalid\n")
    assert "type:/downloaded_bytes" in done.out
    assert "bytes-never-fall:/downloaded_bytes" in done.out
    assert "in request 3 at 2025-10-03T15:33:25." in done.out
    assert "mockserver explain bytes-never-fall" in done.out
    assert TOKEN[:6] not in done.out


def test_recordings_and_payloads_together(run: Run, folder: Path) -> None:
    (folder / "reply.json").write_text(json.dumps(job()))
    done = run("validate", "reply.json", "good.har", "bad.har", "--quiet")
    assert done.code == 1
    assert "good.har" not in done.out
    assert "reply.json" not in done.out
    assert done.out.startswith("bad.har (http://127.0.0.1:1234), held to edition 2025-10\n")
    assert run("validate", "reply.json", "good.har").err == "2 documents, 0 invalid\n"


def test_json(run: Run, folder: Path) -> None:
    done = run("validate", "bad.har", "good.har", "--json")
    found = json.loads(done.out)
    assert (done.code, found["valid"], found["invalid"]) == (1, 1, 1)
    (report,) = found["documents"][0]["reports"]
    assert report["counts"]["error"] == 2
    assert found["documents"][1]["reports"][0]["findings"] == []
    assert TOKEN[:6] not in done.out


def test_a_recording_in_which_nothing_can_be_checked_is_no_success(run: Run, folder: Path) -> None:
    done = run("validate", "elsewhere.har")
    assert done.code == 1
    assert done.out.startswith("invalid  elsewhere.har\n  the whole document: unrecognised")
    assert "would be for an operation of edition 2026-01" in done.out
    assert run("validate", "elsewhere.har", "--edition", "2026-01").code == 0


def test_a_byte_order_mark_is_no_fault_of_a_recording(run: Run, folder: Path) -> None:
    (folder / "bom.har").write_bytes(b"\xef\xbb\xbf" + json.dumps(GOOD).encode())
    (folder / "bom.json").write_bytes(b"\xef\xbb\xbf" + json.dumps(job()).encode())
    assert run("validate", "bom.har").code == 0
    assert "json:bom" in run("validate", "bom.json").out


def test_the_journal_of_a_mock_by_a_pipe(run: Run) -> None:
    with MockServer("failed-midway", clock="poll") as server:
        for _ in range(12):
            urlopen(f"{server.url}{STATUS}").read()
        journal = urlopen(f"{server.url}/_mock/journal").read()
    done = run("validate", "-", stdin=journal)
    assert (done.code, done.err) == (0, "1 document, 0 invalid\n")
    assert "<stdin>, held to edition 2025-10: nothing found; 12 requests" in done.out
