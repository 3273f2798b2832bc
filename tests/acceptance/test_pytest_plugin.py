"""The fixture as a user has it: options, what it says, and a server as new for each test."""

from __future__ import annotations

import pytest

from support.inner import run

CLEAN = """\
from helpers import *
import pathlib
import threading
import pytest

PORTS = pathlib.Path("ports")

def look(server):
    with PORTS.open("a") as file:
        file.write(f"{server.port}\\n")
    assert server.requests == ()
    assert server.clock.speed == 1
    assert server.run_until.__self__ is server
    assert get(server.url + "/_mock/faults")["faults"] == []
    assert get(server.url + "/_mock/sessions")["sessions"] == []
    assert status(server) == "downloading"
    assert [request.number for request in server.requests] == [1]

def change(server):
    server.run_until("completed")
    server.clock.pause()
    server.fault(operation="job_status", reply={"status": 503})
    server.expect("unknown-path")
    misbehave(server)
    request = urllib.request.Request(server.url + "/_mock/sessions", b"{}", method="POST")
    request.add_header("Content-Type", "application/json")
    urllib.request.urlopen(request, timeout=30).close()
    assert get(server.url + "/_mock/sessions")["sessions"]

def test_first(mock_server):
    look(mock_server)
    change(mock_server)

def test_that_fails(mock_server):
    look(mock_server)
    change(mock_server)
    raise AssertionError("on purpose")

@pytest.mark.mock_server("paused-for-ever", clock="manual", token="secret")
def test_another_timeline(mock_server):
    assert mock_server.timeline.name == "paused-for-ever"
    assert mock_server.verdict().requests == 0
    assert get(mock_server.url + STATUS)["error"]

def test_that_waits_for_a_reply_when_it_ends(mock_server):
    mock_server.fault(operation="job_status", delay="24h")

    def ask():
        try:
            status(mock_server)
        except Exception:
            pass

    thread = threading.Thread(target=ask, name="left behind")
    thread.start()
    while not mock_server.requests:
        pass

def test_last(mock_server):
    for thread in threading.enumerate():
        if thread.name == "left behind":
            thread.join(30)
            assert not thread.is_alive()
    look(mock_server)
    misbehave(mock_server)

def test_without_the_server(request):
    look(request.getfixturevalue("mock_server"))

def test_one_port():
    assert len(set(PORTS.read_text().split())) == 1
"""


def test_each_test_finds_the_server_as_new(pytester: pytest.Pytester) -> None:
    result = run(pytester, "-rA", test_clean=CLEAN)
    result.assert_outcomes(passed=6, failed=1, errors=2)
    # One asks without a token, the other one asks for what the API does not have.
    result.stdout.fnmatch_lines(["ERROR *::test_another_timeline*", "ERROR *::test_last*"])
    result.stdout.fnmatch_lines(["FAILED *::test_that_fails - AssertionError: on purpose"])


OPTIONS = """\
def test_it(mock_server):
    mock_server.expect("not-observed")
    print("PLAYS", mock_server.timeline.name, type(mock_server.clock).__name__)
"""


def test_the_command_line_goes_before_the_ini_file(pytester: pytest.Pytester) -> None:
    pytester.makeini("[pytest]\nmock_server_timeline = instant\nmock_server_speed = 3\n")
    result = run(pytester, "-s", test_it=OPTIONS)
    result.stdout.fnmatch_lines(["*PLAYS instant WallClock*"])
    typed = ("--mock-server-timeline", "flapping", "--mock-server-clock", "manual")
    result = run(pytester, "-s", *typed)
    result.stdout.fnmatch_lines(["*PLAYS flapping ManualClock*"])


CONFTEST = """\
import pytest
from mockserver import Job, MockServerSettings

@pytest.fixture(scope="session")
def mock_server_settings():
    return MockServerSettings(Job("job_mine").paused(), clock="manual", expect=["not-observed"])
"""


def test_settings_in_python(pytester: pytest.Pytester) -> None:
    uses = "def test_it(mock_server): assert mock_server.timeline.jobs[0].job_id == 'job_mine'"
    run(pytester, conftest=CONFTEST, test_it=uses).assert_outcomes(passed=1)
    pytester.mkpydir("sub")
    (pytester.path / "sub" / "conftest.py").write_text(CONFTEST, encoding="utf-8")
    (pytester.path / "sub" / "test_other.py").write_text(uses, encoding="utf-8")
    result = run(pytester, "test_it.py", "sub")
    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines(["*two fixtures mock_server_settings are in use*"])
    no_settings = CONFTEST.replace("MockServerSettings(J", "dict(timeline=J")
    result = run(pytester, "test_it.py", conftest=no_settings)
    result.stdout.fnmatch_lines(["mock_server: the fixture mock_server_settings gives {*"])


def test_a_port_that_is_taken(pytester: pytest.Pytester) -> None:
    code = "MockServerSettings(port=SOCKET.getsockname()[1])"
    taken = "import socket\nSOCKET = socket.create_server(('127.0.0.1', 0))\n"
    close = "\ndef pytest_unconfigure():\n    SOCKET.close()\n"
    conftest = f"{taken}{CONFTEST}{close}".replace(CONFTEST.split("return ")[1].strip(), code)
    result = run(pytester, conftest=conftest, test_it=OPTIONS)
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["mock_server: cannot listen on 127.0.0.1:*: the port is in use*"])
    result.stdout.no_fnmatch_line("*Traceback*")


def test_what_it_says_about_itself(pytester: pytest.Pytester) -> None:
    shown = run(pytester, "--fixtures")
    shown.stdout.fnmatch_lines(
        ["mock_server_settings*", "*What tests play unless they say otherwise*"]
    )
    shown.stdout.fnmatch_lines(["mock_server ?session scope?*", "*as new for each test*"])
    run(pytester, "--markers").stdout.fnmatch_lines(["@pytest.mark.mock_server(timeline=None,*"])
    words = " ".join(run(pytester, "--help").stdout.str().split())
    assert "--mock-server-verdict={error,warning,off} What about a client fails a test" in words
    assert "mock_server_folder (string): mock_server: where your own timelines lie" in words


ODD = """\
from helpers import *
import pytest

@pytest.fixture(scope="module")
def client(mock_server):
    misbehave(mock_server)
    yield lambda: status(mock_server)

def test_first(client, mock_server):
    mock_server.expect("unknown-path")
    assert len(mock_server.requests) == 1
    client()

def test_between():
    pass

def test_second(client, mock_server):
    assert mock_server.requests == ()
    client()
"""


def test_a_fixture_of_a_wider_scope_acts_for_one_test(pytester: pytest.Pytester) -> None:
    run(pytester, test_odd=ODD).assert_outcomes(passed=3)


STAYS = """\
from helpers import *
import threading

def test_leaves_a_client_behind(mock_server):
    url, stop = mock_server.url, threading.Event()
    threading.polls = stop

    def poll():
        while not stop.wait(0.01):
            get(url + STATUS)

    threading.Thread(target=poll, name="poller", daemon=True).start()
    while not mock_server.requests:
        pass

def test_next(mock_server):
    misbehave(mock_server)
    while len(mock_server.requests) < 3:
        pass
    assert mock_server.requests[0].number == 1
    threading.polls.set()
    next(thread for thread in threading.enumerate() if thread.name == "poller").join(30)
    threading.Thread(target=threading.Event().wait, name="poller", daemon=True).start()

def test_after(mock_server):
    misbehave(mock_server)
"""


def test_a_client_that_lives_on_is_named(pytester: pytest.Pytester) -> None:
    result = run(pytester, test_stays=STAYS)
    result.assert_outcomes(passed=3, errors=2)
    result.stdout.fnmatch_lines(["*'poller' of test_stays.py::test_next still runs*"])
    result.stdout.no_fnmatch_line("*'poller' of test_stays.py::test_leaves*")
