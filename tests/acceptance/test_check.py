"""`mockserver check` as users run it."""

import json
import signal
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from mockserver import MockServer
from support.hostile import echoing, hostile, replying
from support.process import DEADLINE_S, Run, on_a_terminal, started

TOKEN = "sk-lm-Vq3xR8tK:w7Zp"
SECRETS = ("Vq3xR8tK", "w7Zp", "bWU6VnEzeFI4dEstdzdacA")


@pytest.fixture(scope="module")
def server() -> Iterator[MockServer]:
    with MockServer(clock="poll", step="5s") as server:
        yield server


@pytest.fixture(scope="module")
def newer() -> Iterator[MockServer]:
    """One that breaks the older pages: it has not got the list."""
    with MockServer(edition="2026-01", clock="poll", step="5s") as server:
        yield server


def test_a_server_that_conforms(run: Run, server: MockServer) -> None:
    done = run("check", server.url)
    assert done.code == 0
    assert "held to edition 2025-10: nothing found" in done.out
    assert done.err == ""


def test_findings_are_told_and_fail_it(run: Run, newer: MockServer) -> None:
    given = ("check", newer.url, "--edition", "2025-10")
    done = run(*given)
    assert done.code == 0
    assert "list-missing:/error" in done.out
    assert f"curl {newer.url}/api/v1/models/download/status" in done.out
    assert run(*given, "--fail-on", "drift").code == 1


def test_a_job_is_followed(run: Run, newer: MockServer) -> None:
    given = ("--job", "job_493c7c9ded", "--follow", "--interval", "1ms", "--json")
    done = run("check", newer.url, *given)
    assert done.code == 0
    data = json.loads(done.out)
    assert data["has_passed"] is True
    assert data["tracks"][0]["points"][-1]["status"] == "completed"
    assert "job_493c7c9ded  completed  2.28 GB of 2.28 GB" in done.err


def test_a_baseline_is_written_and_held_against(
    run: Run, newer: MockServer, tmp_path: Path
) -> None:
    held = ("--edition", "2025-10", "--fail-on", "info")
    given = ("check", newer.url, *held, "--baseline", "b.json")
    missing = run(*given)
    assert missing.code == 2
    assert "b.json: no such file" in missing.err
    assert run(*given, "--update-baseline").code == 0
    assert "list-missing" in (tmp_path / "b.json").read_text("utf-8")
    known = run(*given)
    assert known.code == 0
    assert "accepted by the baseline: 1 finding" in known.out


def test_reports_and_annotations(run: Run, newer: MockServer, tmp_path: Path) -> None:
    files = [word for name in ("r.json", "r.xml", "r.html") for word in ("--report", f"out/{name}")]
    done = run("check", newer.url, "--edition", "2025-10", "--format", "github", *files)
    assert done.code == 0
    assert "\n::notice title=list-missing" in done.out
    assert json.loads((tmp_path / "out/r.json").read_text("utf-8"))["counts"]["drift"] == 1
    assert ET.parse(tmp_path / "out/r.xml").getroot().tag == "testsuites"
    assert "list-missing" in (tmp_path / "out/r.html").read_text("utf-8")
    assert done.err.splitlines() == [f"wrote out/{name}" for name in ("r.json", "r.xml", "r.html")]


def test_nobody_listens(run: Run) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    done = run("check", f"http://me:{TOKEN}@127.0.0.1:{port}", "--report", "out.html")
    assert (done.code, done.out) == (3, "")
    assert f"no reply from http://127.0.0.1:{port}: nobody listens there" in done.err
    assert len(done.err.splitlines()) == 1


@pytest.mark.parametrize(
    ("login", "token", "way"),
    [
        ("", TOKEN, ["--header", "X-Api-Key: Vq3xR8tK", "--header", "Cookie: a=w7Zp; b=Vq3xR8tK"]),
        ("", TOKEN, ["--json", "--baseline", "b.json", "--update-baseline"]),
        ("", "", ["--header", f"Authorization: Basic {TOKEN}"]),
        ("me:Vq3xR8tK-w7Zp@", "", []),
    ],
    ids=["headers", "a token", "a header", "the URL"],
)
def test_no_secret_is_in_any_output(
    run: Run, tmp_path: Path, login: str, token: str, way: list[str]
) -> None:
    reports = ["--report", "r.json", "--report", "r.xml", "--report", "r.html"]
    given = ["--follow", "--job", "job_1", "--format", "text", *reports, *way]
    with hostile(echoing) as server:
        url = server.url.replace("//", f"//{login}")
        done = run("check", url, *given, env={"LM_API_TOKEN": token})
    assert done.code in (0, 1)
    (tmp_path / "printed").write_text(done.out + done.err, "utf-8")
    for path in tmp_path.iterdir():
        assert not any(secret in path.read_text("utf-8") for secret in SECRETS), path
    assert any(secret.encode() in sent for sent in server.requests for secret in SECRETS)


def test_an_interrupt_prints_the_report_so_far(tmp_path: Path) -> None:
    reply = replying({"job_id": "job_0123456789", "status": "paused"})
    polled = threading.Semaphore(0)

    def handle(connection: socket.socket, over: threading.Event, request: bytes) -> None:
        reply(connection, over, request)
        polled.release()

    given = ("--edition", "2026-01", "--job", "job_0123456789", "--follow", "--interval", "10ms")
    with hostile(handle) as server:
        asked = ("check", server.url, *given, "--report", "out.json")
        with started(*asked, cwd=tmp_path) as running:
            for _ in range(6):
                assert polled.acquire(timeout=DEADLINE_S)
            done = running.stop(signal.SIGINT)
    assert done.code == 130
    assert "; interrupted" in " ".join(done.out.split())
    assert done.err == "wrote out.json\ninterrupted\n"
    assert json.loads((tmp_path / "out.json").read_text("utf-8"))["is_whole"] is False


def test_on_a_terminal_jobs_are_shown_as_bars(newer: MockServer) -> None:
    newer.reset()
    given = ("--job", "job_493c7c9ded", "--follow", "--interval", "1ms")
    shown, done = on_a_terminal("check", newer.url, *given, is_all=False)
    assert done.code == 0
    assert "━" in shown
    assert "job_493c7c9ded  completed  2.28 GB of 2.28 GB" in shown
    assert "nothing found" in done.out
    assert "\x1b" not in done.out
