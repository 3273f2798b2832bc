"""The fixture `mock_server`: a mock of LM Studio's download API, and a verdict on its client.

One server runs for the whole session; each test finds it as new. Nothing heavy is imported before
a test asks for it.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from typing import TYPE_CHECKING, Any

import pytest

from mockserver.pytest_plugin.current_test import CURRENT, CurrentTest

if TYPE_CHECKING:
    from mockserver.server.mock_server import MockServer
    from mockserver.server.pytest_settings import MockServerSettings

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


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("mockserver", "the mock of LM Studio's download API")
    group.addoption(
        "--mock-server-verdict",
        choices=("error", "warning", "off"),
        help="What about a client fails a test: its errors (error, the usual), its warnings too "
        "(warning), or nothing (off).",
    )
    group.addoption(
        "--mock-server-clock",
        choices=("wall", "manual", "poll"),
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
    config.stash[CURRENT] = CurrentTest()
    if any(_said(config)):
        _configured(config)  # a mistake is told at once; other runs need not load what checks it


def _said(config: pytest.Config) -> tuple[dict[str, Any], dict[str, str]]:
    """What the ini-file and the command line say."""
    names = {name: f"mock_server_{name}" for name in _INI}
    ini: dict[str, Any] = {name: text for name in names if (text := config.getini(names[name]))}
    try:
        if not config.getini("mock_server_strict"):
            ini["strict"] = False
    except ValueError as error:
        raise pytest.UsageError(f"mock_server: {error}") from None
    return ini, {name: text for name in names if (text := config.getoption(names[name], None))}


def _configured(config: pytest.Config) -> MockServerSettings:
    from mockserver.errors import MockServerError
    from mockserver.server.pytest_settings import configured

    rootdir, here = config.rootpath, config.invocation_params.dir
    try:
        return configured(*_said(config), rootdir=rootdir, here=here)
    except (MockServerError, ValueError) as error:
        raise pytest.UsageError(f"mock_server: {error}") from None


@pytest.fixture(scope="session")
def mock_server_settings(pytestconfig: pytest.Config) -> MockServerSettings:
    """What tests play unless they say otherwise; override it in conftest.py to say so in Python."""
    return _configured(pytestconfig)


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
    from mockserver.errors import MockServerError
    from mockserver.server.mock_server import MockServer
    from mockserver.server.pytest_settings import MockServerSettings, with_folder

    settings, problem = mock_server_settings, ""
    if not isinstance(settings, MockServerSettings):
        pytest.fail(
            f"mock_server: the fixture mock_server_settings gives {settings!r}: "
            "expected mockserver.MockServerSettings(...)",
            pytrace=False,
        )
    where = {name: getattr(settings, name) for name in ("host", "port", "control_token")}
    try:
        server = MockServer(**where)
        server.start()
    except MockServerError as error:
        problem = str(error)
    if problem:
        pytest.fail(f"mock_server: {problem}", pytrace=False)
    current = request.config.stash[CURRENT]
    with server:
        current.settings = with_folder(settings, request.config.rootpath)
        current.server = server
        current.play()
        yield server
        current.server = None


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> Generator[None, object, object]:
    """What is wrong about a marker is told after setup: a test may be skipped meanwhile."""
    current = item.config.stash[CURRENT]
    current.start(item)
    try:
        result = yield
    except (Exception, pytest.fail.Exception):
        current.check()
        raise
    current.check()
    return result


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, object, object]:
    """A test that is expected to fail may do so by its verdict."""
    item.config.stash[CURRENT].is_called = True
    result = yield
    if item.get_closest_marker("xfail") and not item.config.getoption("runxfail", False):
        item.config.stash[CURRENT].judge()
    return result


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_teardown(item: pytest.Item) -> Generator[None, object, object]:
    """The verdict comes after the test's own fixtures, which may still stop its client."""
    current = item.config.stash[CURRENT]
    current.note_use()
    try:
        result = yield
        current.judge()
        return result
    finally:
        current.end()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A test that fails by itself shows what its client did."""
    report = yield
    current = item.config.stash[CURRENT]
    if not report.passed:
        current.has_failed = True
    if report.failed and not current.is_reported:
        text = current.text()
        if text is not None:
            current.is_reported = True
            report.sections.append(("mock_server", text))
    return report
