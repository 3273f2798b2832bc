"""The fixture `mock_server`: a mock of LM Studio's download API, and a verdict on its client.

One server runs for the whole session; each test finds it as new. Nothing heavy is imported before
a test asks for it.
"""

from __future__ import annotations

import threading
from collections.abc import Generator, Iterator
from typing import TYPE_CHECKING, Any

import pytest

from mockserver.errors import MockServerError
from mockserver.pytest_plugin.config import (
    VERDICTS,
    MockServerSettings,
    configured,
    over,
    with_folder,
)
from mockserver.server.config import CLOCKS

if TYPE_CHECKING:
    from mockserver.server.mock_server import MockServer

__all__ = ["MockServerSettings"]

_FIXTURE = "mock_server"
_SETTINGS = "mock_server_settings"
_INI = {
    "timeline": "what tests play that do not say so: a name, or a file from the rootdir "
    "(default: healthy)",
    "clock": "wall, manual or poll (default: wall)",
    "speed": "virtual seconds for each real one, on a wall clock",
    "step": "how far each status request moves a poll clock, such as 1s",
    "edition": "which documented API to answer as (default: the timeline's own)",
    "token": "the API token that requests must bear",
    "folder": "where your own timelines lie, from the rootdir",
    "verdict": "what fails a test: a client's errors (error, the default), its warnings too "
    "(warning), or nothing (off)",
}


class _Plays:
    """What is played for the test that runs now, and what there is to say of it."""

    def __init__(self) -> None:
        self.given = MockServerSettings()
        self.settings: MockServerSettings | None = None
        self.handle: MockServer | None = None
        self.item: pytest.Item | None = None
        self.current: MockServerSettings | None = None
        self.problem: str | None = None
        self.has_failed = self.is_told = self.is_used = self.is_called = False
        self._heard: MockServer | None = None
        self._origin: Any = None
        self._threads: set[threading.Thread] = set()
        self._left: dict[threading.Thread, str] = {}

    def expect(self, item: pytest.Item) -> None:
        """This test is next."""
        self.item, self.current, self.problem, self._heard = item, None, None, None
        self.has_failed = self.is_told = self.is_used = self.is_called = False

    def begin(self) -> None:
        """Make the server new for the test, as its markers say."""
        if self.handle is None or self.settings is None or self.item is None:
            return
        self._threads = set(threading.enumerate())
        item, wanted, is_named = self.item, self.settings, False
        try:
            self._check_origin(item)
            for marker in reversed(list(item.iter_markers(_FIXTURE))):
                said = dict(marker.kwargs)
                if len(marker.args) > 1:
                    raise ValueError(
                        "the marker takes one timeline; for several, parametrize the test with "
                        "pytest.param(..., marks=pytest.mark.mock_server(...))"
                    )
                if marker.args:
                    said["timeline"] = marker.args[0]
                is_named = is_named or "timeline" in said
                wanted = over(wanted, said, item.path.parent, "mark.mock_server")
            self.handle.play(
                wanted,
                expect=tuple(wanted.expect),
                limits=wanted.limits,
                strict=wanted.strict and is_named,
                breaks_off=wanted.verdict != "off",
            )
            self.handle.start()  # the test before may have stopped it
        except (MockServerError, ValueError, TypeError, OverflowError) as error:
            self.problem = f"mock_server: {error}"
        else:
            self.current, self._heard = wanted, self.handle

    def check(self) -> None:
        """Fail the test when what it wants cannot be played."""
        if self.problem is not None and not self.has_failed and _uses(self.item):
            pytest.fail(self.problem, pytrace=False)

    def judge(self) -> None:
        """Fail the test for what its client did, unless it has failed already."""
        self.check()
        self.is_used = self.is_used or _uses(self.item)
        one, heard = self.current, self._heard
        if one is None or heard is None or self.has_failed or not self.is_called:
            return
        verdict = heard.verdict()
        # A fixture of a wider scope may have asked for the server in an earlier test.
        self.is_used = self.is_used or (verdict.requests > 0 and not any(self._lingering()))
        if not self.is_used:
            return
        if one.verdict != "off" and (
            verdict.errors or (one.verdict == "warning" and verdict.warnings)
        ):
            self.is_told = True
            pytest.fail(self.text() or "", pytrace=False)

    def text(self) -> str | None:
        """The verdict, for a test that failed; None where none is wanted."""
        self.is_used = self.is_used or _uses(self.item)
        one, heard = self.current, self._heard
        if one is None or heard is None or not self.is_used or one.verdict == "off":
            return None
        if self.has_failed:  # by itself, maybe before its client was to ask
            heard.expect("not-observed")
        verdict = heard.verdict()
        if self.has_failed and not verdict.requests and not verdict.remarks:
            return None
        lines = [heard.text()]
        is_by_hypothesis = getattr(getattr(self.item, "obj", None), "is_hypothesis_test", False)
        if is_by_hypothesis and verdict.remarks and not heard.resets:
            lines.append(_EXAMPLES)
        for thread, test in self._lingering():
            lines.append(
                f"The thread {thread.name!r} of {test} still runs; it may have asked as well."
            )
        return "\n\n".join(lines)

    def _lingering(self) -> Iterator[tuple[threading.Thread, str]]:
        """The threads of earlier tests that still run, each with its test."""
        return ((one, test) for one, test in self._left.items() if one.is_alive())

    def end(self) -> None:
        """Remember which threads the test leaves behind."""
        self._left = dict(self._lingering())
        if self.current is None or self.item is None or not self.is_used:
            return
        for one in threading.enumerate():
            is_ours = one.name.startswith("mockserver")
            if one not in self._threads and not is_ours:
                self._left.setdefault(one, self.item.nodeid)

    def _check_origin(self, item: pytest.Item) -> None:
        """Raise ValueError where a folder has settings of its own: they could not take effect."""
        found = getattr(getattr(item, "_fixtureinfo", None), "name2fixturedefs", {}).get(_SETTINGS)
        if not found:
            return
        if self._origin is None:
            self._origin = found[-1]
        if found[-1] is not self._origin:
            raise ValueError(
                "two fixtures mock_server_settings are in use, and the server is one for all "
                "tests; keep one in the conftest.py of the rootdir, and use markers for the rest"
            )


_EXAMPLES = (
    "All examples of a Hypothesis test are judged as one client. To have each judged by itself, "
    "call mock_server.reset() where it begins."
)
_PLAYS = pytest.StashKey[_Plays]()


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("mockserver", "the mock of LM Studio's download API")
    group.addoption(
        "--mock-server-verdict",
        choices=VERDICTS,
        help="What about a client fails a test: its errors (error, the usual), its warnings too "
        "(warning), or nothing (off).",
    )
    group.addoption(
        "--mock-server-clock",
        choices=CLOCKS,
        help="Which clock tests have that do not say so themselves.",
    )
    group.addoption(
        "--mock-server-timeline",
        metavar="NAME",
        help="What tests play that do not say so themselves: a timeline's name or its file.",
    )
    for name, help_ in _INI.items():
        parser.addini(f"mock_server_{name}", f"mock_server: {help_}")
    parser.addini(
        "mock_server_strict",
        "mock_server: whether a test fails that names a timeline and never asks (default: true)",
        type="bool",
        default=True,
    )


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line(
        "markers",
        "mock_server(timeline=None, *, clock, speed, step, edition, token, cors, with_download, "
        "folder, verdict, expect, strict, limits): what the fixture mock_server plays for a test, "
        "and how its client is judged. A path counts from the test's own folder.",
    )
    plays = config.stash[_PLAYS] = _Plays()
    names = {name: f"mock_server_{name}" for name in _INI}
    typed = {name: text for name in names if (text := config.getoption(names[name], None))}
    try:
        ini = {name: text for name in names if (text := config.getini(names[name]))}
        given = configured(ini, typed, rootdir=config.rootpath, here=config.invocation_params.dir)
        plays.given = given.changed(strict=config.getini("mock_server_strict"))
    except (MockServerError, ValueError) as error:
        raise pytest.UsageError(f"mock_server: {error}") from None


@pytest.fixture(scope="session")
def mock_server_settings(pytestconfig: pytest.Config) -> MockServerSettings:
    """What tests play unless they say otherwise; override it in conftest.py to say so in Python."""
    return pytestconfig.stash[_PLAYS].given


@pytest.fixture(scope="session")
def mock_server(
    request: pytest.FixtureRequest, mock_server_settings: MockServerSettings
) -> Iterator[MockServer]:
    """A mock of LM Studio's download API, as new for each test: give its `url` to the client.

    It plays the timeline `healthy`, or what the marker `mock_server` says. Its port is the same in
    every test of the session; jobs, clock, events, faults, requests and sessions are not. So a
    fixture of a wider scope can hold the address, but what it asks or sets up lasts for one test.

    After the test and its fixtures, its requests are judged: what a client must not do fails the
    test, unless `mock_server.expect` allows it. Connections end with the test. A client that lives
    on and connects again asks the next test's server, and is judged with it.
    """
    if not isinstance(mock_server_settings, MockServerSettings):
        pytest.fail(
            f"mock_server: the fixture mock_server_settings gives {mock_server_settings!r}: "
            "expected mockserver.MockServerSettings(...)",
            pytrace=False,
        )
    from mockserver.server.mock_server import MockServer

    plays = request.config.stash[_PLAYS]
    problem = None
    try:
        handle = MockServer(host=mock_server_settings.host, port=mock_server_settings.port)
        handle.start()
    except MockServerError as error:
        problem = str(error)
    if problem is not None:
        pytest.fail(f"mock_server: {problem}", pytrace=False)
    with handle:
        plays.settings = with_folder(mock_server_settings, request.config.rootpath)
        plays.handle = handle
        plays.begin()
        yield handle
        plays.handle = None


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> Generator[None, object, object]:
    """What is wrong about a marker is told after setup: a test may be skipped meanwhile."""
    plays = item.config.stash[_PLAYS]
    plays.expect(item)
    plays.begin()
    try:
        result = yield
    except (Exception, pytest.fail.Exception):
        plays.check()
        raise
    plays.check()
    return result


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, object, object]:
    """A test that is expected to fail may do so by its verdict."""
    item.config.stash[_PLAYS].is_called = True
    result = yield
    if item.get_closest_marker("xfail") and not item.config.getoption("runxfail", False):
        item.config.stash[_PLAYS].judge()
    return result


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_teardown(item: pytest.Item) -> Generator[None, object, object]:
    """The verdict comes after the test's own fixtures, which may still stop its client."""
    plays = item.config.stash[_PLAYS]
    plays.is_used = plays.is_used or _uses(item)
    try:
        result = yield
        plays.judge()
        return result
    finally:
        plays.end()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A test that fails by itself shows what its client did."""
    report = yield
    plays = item.config.stash[_PLAYS]
    if not report.passed:
        plays.has_failed = True
    if report.failed and not plays.is_told:
        text = plays.text()
        if text is not None:
            plays.is_told = True
            report.sections.append(("mock_server", text))
    return report


def _uses(item: pytest.Item | None) -> bool:
    """Whether the test asks for the fixture, by name or while it runs."""
    asked = getattr(getattr(item, "_request", None), "fixturenames", ())
    return _FIXTURE in getattr(item, "fixturenames", ()) or _FIXTURE in asked
