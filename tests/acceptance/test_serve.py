"""`serve` as a real process: what it prints, each of its options, and what it refuses."""

import json
import re
import shlex
import socket
from contextlib import closing, suppress
from http.client import HTTPConnection, IncompleteRead
from pathlib import Path

import pytest

from support.process import DEADLINE_S, Run
from support.serving import DOWNLOAD, JOB, STATUS, Serving, ask, in_bash, serving

EVENT = "suspended-until-resumed"
ONE_JOB = "jobs: [{job_id: job_a, total_size_bytes: 9, script: [paused: {until: go}, failed]}]\n"


def status_at(base: str, **headers: str) -> str:
    code, data = ask(base + JOB, **headers)
    assert code == 200, data
    return str(data["status"])


def refuses_in_the_end(url: str) -> bool:
    """Asks until nobody can connect; the server's own deadline ends it."""
    while True:
        try:
            ask(f"{url}/_mock")
        except ConnectionRefusedError:
            return True
        except ConnectionResetError:
            continue


class TestWords:
    def test_says_where_it_is_and_what_to_try(self) -> None:
        with serving("spec-example") as server:
            assert in_bash(server.line("try: "))["status"] == "downloading"
            assert ask(f"{server.url}/api/v1/nonsense")[0] == 404
            done = server.stop()
        assert (done.code, done.err) == (0, "")
        job = "job_c0b7159ee6"
        assert f"200 GET {STATUS}/{job}  downloading" in done.out
        assert "404 GET /api/v1/nonsense  no such endpoint" in done.out
        summary = "1 x job_status, 1 x unknown path; replies: 1 x 200, 1 x 404"
        assert done.out.endswith(f"stopped after 2 requests: {summary}\n")

    def test_the_opening_in_full(self, tmp_path: Path) -> None:
        (tmp_path / "own.yaml").write_text(
            ONE_JOB.replace("9,", "9, model: a/b,") + "description: Pauses.\n"
            "faults: [{operation: job_status, reply: {status: 503}}]\n"
        )
        with serving(str(tmp_path / "own.yaml"), "--clock", "manual") as server:
            url = server.url
            lines = server.opening.splitlines()
        header = "-H 'Content-Type: application/json' -d"
        event = '{"name": "go"}'
        assert lines == [
            f"{url} plays own (edition 2025-10; for ever until go; time stands until it is moved)",
            "  Pauses.",
            "  job_a  9 B  a/b",
            f"  waits for go: curl {url}/_mock/events {header} '{event}'",
            "  fault: every job_status request: 503 Service Unavailable",
            f"steer it: curl {url}/_mock",
            f"""move its clock: curl {url}/_mock/clock {header} '{{"advance": "10s"}}'""",
            f"try: curl {url}{STATUS}/job_a",
        ]

    @pytest.mark.parametrize(
        ("arguments", "words"),
        [
            (["healthy"], "in real time"),
            (["healthy", "--speed", "60"], "at 60 times real time"),
            (["healthy", "--clock", "poll"], "1 s further with each poll"),
            (["healthy", "--clock", "manual"], "time stands until it is moved"),
            (["many-jobs"], "\n  and 995 jobs more\n"),
        ],
    )
    def test_the_clock_is_said_and_not_all_of_many_jobs(
        self, arguments: list[str], words: str
    ) -> None:
        with serving(*arguments) as server:
            assert words in server.opening
            assert ("move its clock" in server.opening) == ("manual" in arguments)

    def test_faults_are_named_where_they_strike(self, tmp_path: Path) -> None:
        own = tmp_path / "own.yaml"
        own.write_text(
            ONE_JOB + "faults:\n"
            "  - {when: {request: 1}, reply: {status: 503}}\n"
            "  - {when: {request: 2}, disconnect: {at: before headers, by: reset}}\n"
            "  - {when: {request: 3}, disconnect: in body}\n"
            "  - {when: {request: 4}, delay: 2s}\n"
            "  - {path: /x, reply: {status: 204}}\n"
            "  - {when: {after: 4h}, refuse: true}\n"
        )
        with serving(str(own), "--clock", "poll") as server:
            assert server.opening.count("  fault: ") == 5
            assert "and 1 fault more" in server.opening
            paths = [f"{STATUS}/job_a"] * 4 + ["/x"]
            for path in paths:
                with suppress(ConnectionError, IncompleteRead):
                    ask(server.url + path)
            done = server.stop()
        lines = [line.partition(" ")[2] for line in done.out.splitlines()]
        paused = "paused        0 %  0 B of 9 B"
        assert [re.sub(r"  fault: .*", "  fault", line) for line in lines[:5]] == [
            f"503 GET {paths[0]}  fault",
            f"--- GET {paths[0]}  fault",
            f"200 GET {paths[0]}  {paused}  fault",
            f"200 GET {paths[0]}  {paused}  fault",
            "204 GET /x  fault",
        ]
        assert "fault: 503 Service Unavailable" in lines[0]
        assert "fault: the connection is reset before the reply" in lines[1]
        assert "fault: answered 2 s late" in lines[3]
        assert lines[5].endswith("; a fault struck 5 times")

    def test_quiet_prints_no_requests(self) -> None:
        with serving("healthy", "--quiet") as server:
            assert status_at(server.url) == "downloading"
            done = server.stop()
        expected = "stopped after 1 request: 1 x job_status; replies: 1 x 200\n"
        assert (done.out, done.err) == (expected, "")

    def test_names_with_odd_characters_make_plain_urls(self, tmp_path: Path) -> None:
        (tmp_path / "my own (größe).yaml").write_text(ONE_JOB)
        with serving("healthy", str(tmp_path / "my own (größe).yaml")) as server:
            assert " plays my own (größe) (" in server.opening
            assert in_bash(server.line("waits for go: "))["changed"] == ["job_a"]


class TestTimelines:
    def test_each_has_a_base_url_of_its_own(self) -> None:
        names = ("healthy", EVENT, "failed-at-once", "healthy")
        with serving(*names, "--clock", "manual") as server:
            bases = re.findall(r"^(http\S+) plays ", server.opening, re.MULTILINE)
            assert bases == [
                server.url,
                f"{server.url}/_session/{EVENT}",
                f"{server.url}/_session/failed-at-once",
                f"{server.url}/_session/healthy",
            ]
            statuses = [status_at(base) for base in bases]
            assert statuses == ["downloading", "downloading", "failed", "downloading"]
            assert ask(f"{bases[3]}/_mock/clock", "POST", {"run_until": "completed"})[0] == 200
            assert [status_at(base) for base in bases] == [*statuses[:3], "completed"]
            journals = [ask(f"{base}/_mock/journal")[1]["requests"] for base in bases]
            assert journals == [2, 2, 2, 2]
            done = server.stop()
        assert done.out.count(f" {EVENT} 200 GET {JOB}  ") == 2
        assert done.out.count(f" 200 GET {JOB}  ") == 8

    def test_those_of_ones_own_folder_have_names(self, tmp_path: Path) -> None:
        (tmp_path / "mine.yaml").write_text("jobs: [{total_size_bytes: 9, script: [failed]}]\n")
        with serving("mine", "--folder", str(tmp_path)) as server:
            assert " plays mine (" in server.opening

    def test_they_do_not_expire(self) -> None:
        with serving("healthy", "flapping") as server:
            (opened,) = server.control("/sessions")["sessions"]
            assert opened["expires_in_s"] is None


class TestSteering:
    def test_the_printed_event_happens(self) -> None:
        with serving(EVENT, "--clock", "manual") as server:
            server.control("/clock", {"run_until": "paused"})
            assert status_at(server.url) == "paused"
            assert in_bash(server.line("waits for resume: "))["changed"] == ["job_493c7c9ded"]
            assert status_at(server.url) == "downloading"

    def test_the_printed_move_moves_a_manual_clock(self) -> None:
        with serving("healthy", "--clock", "manual") as server:
            before = server.control("/clock")["now_ms"]
            moved = in_bash(server.line("move its clock: "))
            assert moved["now_ms"] == before + 10_000 == server.control("/clock")["now_ms"]

    def test_on_a_poll_clock_every_run_is_the_same(self) -> None:
        runs = []
        for _ in range(2):
            with serving("healthy", "--clock", "poll", "--step", "2500ms", "--quiet") as server:
                assert "2.5 s further with each poll" in server.opening
                runs.append([ask(server.url + JOB) for _ in range(10)])
        assert runs[0] == runs[1]
        statuses = [data["status"] for _, data in runs[0]]
        assert statuses == ["downloading"] * 8 + ["completed"] * 2

    def test_a_download_is_asked_for_as_printed(self) -> None:
        with serving("download-on-request", "--clock", "manual") as server:
            assert f"curl {server.url}{DOWNLOAD} -H" in server.line("try: ")
            assert in_bash(server.line("try: "))["status"] == "downloading"

    def test_with_download_answers_post_in_an_edition_without_it(self) -> None:
        body = {"model": "ibm/granite-4-micro"}
        with serving("healthy") as server:
            assert "error" in ask(server.url + DOWNLOAD, "POST", body)[1]
            assert "--with-download answers it" in server.stop().out
        with serving("healthy", "--with-download") as server:
            status, answer = ask(server.url + DOWNLOAD, "POST", body)
        assert (status, answer["job_id"]) == (200, "job_493c7c9ded")

    def test_what_only_a_download_would_begin_is_said(self) -> None:
        with serving("download-on-request", "--edition", "2025-10") as server:
            assert "which only --with-download answers" in server.opening
        with serving("download-on-request", "--with-download") as server:
            assert "which only --with-download answers" not in server.opening


class TestTokens:
    @pytest.mark.parametrize("by", ["option", "environment"])
    def test_the_api_token_is_asked_for_and_never_shown(self, by: str) -> None:
        token = "sk-lm-abcdefgh:0123456789ABCDEFGHIJ"
        arguments = ["--token", token] if by == "option" else []
        env = {} if by == "option" else {"MOCKSERVER_TOKEN": token}
        with serving("healthy", "--log-json", *arguments, env=env) as server:
            assert ask(server.url + JOB)[0] == 401
            assert ask(server.url + JOB, Authorization="Bearer sk-lm-abcdefgh:0")[0] == 401
            assert ask(f"{server.url}{JOB}?t={token}", Authorization=f"Bearer {token}")[0] == 200
            assert server.control("/state")["requests"] == 3
            journal = json.dumps(server.control("/journal"))
            done = server.stop()
        with serving("healthy", *arguments, env=env) as server:
            words = server.opening
            assert in_bash(server.line("try: "), MOCKSERVER_TOKEN=token)["status"] == "downloading"
            words += server.stop().out
        assert "needs the token, below $MOCKSERVER_TOKEN" in words
        for text in (journal, done.out, done.err, words):
            assert token not in text
            assert token[-20:] not in text

    def test_a_control_token_of_ones_own(self) -> None:
        token = "control-0123456789"
        with serving(EVENT, "--clock", "manual", "--control-token", token) as server:
            assert ask(f"{server.url}/_mock")[0] == 401
            assert ask(f"{server.url}/_mock", Authorization=f"Bearer {token}")[0] == 200
            assert status_at(server.url) == "downloading"
            control = {"MOCKSERVER_CONTROL_TOKEN": token}
            assert in_bash(server.line("waits for resume: "), **control)["changed"] == []
            done = server.stop()
        assert "needs the control token, below $MOCKSERVER_CONTROL_TOKEN" in server.opening
        assert token not in server.opening + done.out + done.err

    def test_one_is_made_where_others_can_reach_it(self) -> None:
        with serving("healthy", "flapping", "--host", "0.0.0.0") as server:
            opening = server.opening
            (token,) = re.findall(r"export MOCKSERVER_CONTROL_TOKEN=(\S+)$", opening, re.MULTILINE)
            assert opening.count(token) == 1
            assert f"others reach it at port {server.port}\n" in opening
            assert status_at(server.url) == "downloading"
            for base in (server.url, f"{server.url}/_session/flapping"):
                assert ask(f"{base}/_mock/state")[0] == 401
                assert ask(f"{base}/_mock/state", Authorization=f"Bearer {token}")[0] == 200
            control = {"MOCKSERVER_CONTROL_TOKEN": token}
            assert "endpoints" in in_bash(server.line("steer it: "), **control)
            done = server.stop()
        assert token not in done.out + done.err
        with serving("healthy", "--host", "0.0.0.0") as server:
            assert token not in server.opening

    def test_none_is_wanted_on_a_loopback_address(self) -> None:
        with serving("healthy", "--host", "localhost") as server:
            assert "TOKEN" not in server.opening
            assert ask(f"{server.url}/_mock")[0] == 200

    def test_cors_is_for_the_api_and_not_for_the_control_api(self) -> None:
        page = {"Origin": "http://example.test"}
        for arguments, allowed in ((["--cors"], "*"), ([], None)):
            with serving("healthy", *arguments) as server:
                with closing(
                    HTTPConnection("127.0.0.1", server.port, timeout=DEADLINE_S)
                ) as client:
                    client.request("GET", JOB, headers=page)
                    headers = client.getresponse().headers
                assert headers["Access-Control-Allow-Origin"] == allowed
                assert ask(f"{server.url}/_mock", **page)[0] == 403


class TestJson:
    def test_each_line_is_an_event(self) -> None:
        with serving("healthy", EVENT, "--log-json") as server:
            assert status_at(server.url) == "downloading"
            assert status_at(f"{server.url}/_session/{EVENT}") == "downloading"
            ask(f"{server.url}/%C3%A9?x=%22")
            ask(f"{server.url}/_mock/state")
            done = server.stop()
        assert (done.code, done.err) == (0, "")
        events = [json.loads(line) for line in (server.opening + done.out).splitlines()]
        kinds = [event["event"] for event in events]
        assert kinds == ["listening", "request", "request", "request", "stopped"]
        listening, first, second, third, stopped = events
        assert listening["control"] == f"{server.url}/_mock"
        own, other = listening["sessions"]
        assert (own["id"], own["events"]) == (None, [])
        assert (other["id"], other["events"]) == (EVENT, ["resume"])
        assert other["url"] == f"{server.url}/_session/{EVENT}"
        assert "control_token" not in listening
        assert (first["session"], first["number"], first["path"]) == (None, 1, JOB)
        assert first["jobs"][0]["status"] == "downloading"
        assert (second["session"], second["number"], second["path"]) == (EVENT, 1, JOB)
        assert (third["path"], third["query"]) == ("/%C3%A9", "x=%22")
        assert stopped["requests"] == 3
        assert stopped["operations"] == {"job_status": 2, "unknown path": 1}

    def test_quiet_leaves_the_two_ends(self) -> None:
        with serving("healthy", "--log-json", "--quiet", "--host", "0.0.0.0") as server:
            token = json.loads(server.opening)["control_token"]
            headers = {"Authorization": f"Bearer {token}"}
            assert ask(f"{server.url}/_mock/state", **headers)[0] == 200
            assert status_at(server.url) == "downloading"
            done = server.stop()
        (stopped,) = (json.loads(line) for line in done.out.splitlines())
        assert (stopped["event"], stopped["requests"]) == ("stopped", 1)

    def test_it_is_ascii_whatever_the_output_takes(self) -> None:
        with serving("healthy", "--log-json", env={"PYTHONIOENCODING": "ascii"}) as server:
            ask(f"{server.url}/x", X_Name="größe".encode())
            done = server.stop()
        event = json.loads(done.out.splitlines()[0])
        assert event["event"] == "request"


class TestRefusal:
    def refusing(self, tmp_path: Path, window: str = "for: 1h") -> str:
        faults = f"faults: [{{when: {{{window}}}, refuse: true}}]\n"
        (tmp_path / "own.yaml").write_text(ONE_JOB + faults)
        return str(tmp_path / "own.yaml")

    def test_a_window_on_a_wall_clock_is_real_and_ends(self, tmp_path: Path) -> None:
        own = self.refusing(tmp_path, "for: 20s")
        with serving(own, "--speed", "20") as server:
            assert "connections are refused, until 20 s\n" in server.opening
            seen = set()
            while "reply" not in seen:  # the server's own deadline ends it
                try:
                    seen.add("reply" if ask(f"{server.url}{STATUS}/job_a")[0] == 200 else "error")
                except ConnectionRefusedError:
                    seen.add("refused")
                except ConnectionError:
                    seen.add("reset")  # just when the port opens
            assert {"refused", "reply"} <= seen
            assert "error" not in seen

    @pytest.mark.parametrize(
        ("more", "reason"),
        [
            (["--clock", "manual"], "the control API must be there to move this clock"),
            (["--clock", "poll"], "polls must come in to move this clock"),
            (["healthy"], "the port serves other timelines, too"),
        ],
    )
    def test_elsewhere_requests_are_reset(
        self, tmp_path: Path, more: list[str], reason: str
    ) -> None:
        with serving(self.refusing(tmp_path), *more) as server:
            assert (
                f"connections are refused, until 1 h (accepted and reset, in fact: {reason})"
                in (server.opening)
            )
            self.is_reset_and_steered(server)

    def test_one_for_ever_is_reset(self, tmp_path: Path) -> None:
        (tmp_path / "own.yaml").write_text(ONE_JOB + "faults: [{refuse: true}]\n")
        with serving(str(tmp_path / "own.yaml")) as server:
            assert "in fact: the control API must be there to end it)" in server.opening
            self.is_reset_and_steered(server)
            server.control("/faults", method="DELETE")
            assert ask(f"{server.url}{STATUS}/job_a")[0] == 200

    def test_a_session_that_is_open_keeps_the_port_open(self, tmp_path: Path) -> None:
        own = self.refusing(tmp_path, "after: 1h, for: 1h")
        with serving(own) as server:
            opened = server.control("/sessions", {"name": "healthy", "clock": {"kind": "manual"}})
            server.control("/clock", {"advance": "1h"})
            self.is_reset_and_steered(server)
            assert status_at(opened["url"]) == "downloading"
            ask(f"{server.url}/_mock/sessions/{opened['id']}", "DELETE")
            assert refuses_in_the_end(server.url)

    def is_reset_and_steered(self, server: Serving) -> None:
        with pytest.raises(ConnectionResetError):
            ask(f"{server.url}{STATUS}/job_a")
        state = server.control("/state")
        assert state["refusing"] is True
        entries = server.control("/journal")["entries"]
        assert [entry["status"] for entry in entries] == [None]


class TestRefusedArguments:
    def test_a_port_in_use(self, run: Run) -> None:
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            port = str(taken.getsockname()[1])
            done = run("serve", "--port", port)
        assert (done.code, done.out) == (2, "")
        assert f"cannot listen on 127.0.0.1:{port}: the port is in use" in done.err
        assert "port 0" in done.err


def test_help_has_an_example_for_what_it_can(run: Run) -> None:
    done = run("serve", "--help")
    examples = re.findall(r"^ +mockserver (serve.*)$", done.out, re.MULTILINE)
    assert len(examples) >= 5
    bundled = [shlex.split(line) for line in examples if "own.yaml" not in line]
    for _, *arguments in bundled:
        with serving(*arguments) as server:  # the port that an example names comes too late
            assert server.stop().code == 0
