"""The fixture `mock_server`: a mock of LM Studio's download API, and a verdict on its client.

One server runs for the whole session; each test finds it as new. Nothing heavy is imported before
a test asks for it.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from mockserver.conduct.judge import Limits
    from mockserver.server.handle import MockServer
    from mockserver.server.settings import ClockKind, Playable

__all__ = ["MockServerSettings"]

_MARKER = "mock_server"
_VERDICTS = ("error", "warning", "off")
_CLOCKS = ("wall", "manual", "poll")
_INI = {
    "timeline": "which timeline tests play unless they say otherwise (default: healthy)",
    "clock": "wall, manual or poll (default: wall)",
    "speed": "virtual seconds for each real one, on a wall clock",
    "step": "how far each status request moves a poll clock, such as 1s",
    "edition": "which documented API to answer as (default: the timeline's own)",
    "token": "the API token that requests must bear",
    "folder": "where your own timelines lie, from the rootdir",
    "verdict": "what fails a test: error (default), warning as well, or nothing: off",
}


@dataclass(frozen=True)
class MockServerSettings:
    """What tests play, and how their clients are judged, unless a marker says otherwise.

    Override the fixture `mock_server_settings` to give others for a whole session. `timeline`,
    `clock`, `speed`, `step`, `edition`, `token`, `cors` and `with_download` are those of
    `MockServer`; names of timelines are also looked up in `folder`. `verdict` says which remarks
    about the client fail a test: `"error"`, `"warning"` (both kinds) or `"off"`. `expect` are the
    ids of rules that clients may break. `strict`: a test fails that names a timeline and never asks
    for it. `limits` are where habits become mistakes; None is the usual ones.
    """

    timeline: Playable | None = None
    clock: ClockKind = "wall"
    speed: float | None = None
    step: str | int | None = None
    edition: str | None = None
    token: str | None = None
    cors: bool = False
    with_download: bool = True
    folder: str | Path | None = None
    verdict: str = "error"
    expect: tuple[str, ...] = ()
    strict: bool = True
    limits: Limits | None = None
    host: str = "127.0.0.1"
    port: int = 0


_SERVERS = ("host", "port")
_OF_A_TEST = tuple(one.name for one in fields(MockServerSettings) if one.name not in _SERVERS)


class _Plays:
    """What is played for the test that runs now."""

    def __init__(self) -> None:
        self.settings: MockServerSettings | None = None
        self.handle: MockServer | None = None
        self.current: MockServerSettings | None = None
        self.item: pytest.Item | None = None
        self._loaded: dict[str, Any] = {}

    def begin(self, item: pytest.Item) -> None:
        """Make the server new for a test, as its markers say."""
        if self.handle is None or self.settings is None:
            return
        from mockserver.errors import MockServerError

        given = _marked(item)
        one = self.current = replace(self.settings, **given)
        problem = None
        try:
            self._play(self.handle, one, is_asked_for=given.get("timeline") is not None)
        except (MockServerError, ValueError) as error:
            problem = str(error)
        if problem is not None:
            self.current = None
            pytest.fail(f"mock_server: {problem}", pytrace=False)

    def _play(self, handle: MockServer, one: MockServerSettings, is_asked_for: bool) -> None:
        from mockserver.server.settings import Settings

        settings = Settings.of(
            self._timeline(one),
            one.edition,
            one.clock,
            speed=one.speed,
            step=one.step,
            token=one.token,
            cors=one.cors,
            with_download=one.with_download,
        )
        handle.play(
            settings, expect=one.expect, limits=one.limits, strict=one.strict and is_asked_for
        )

    def _timeline(self, one: MockServerSettings) -> Any:
        from pathlib import Path

        if not isinstance(one.timeline, str | Path):
            return one.timeline
        from mockserver.timeline.load import find, load

        key = f"{one.folder}\n{one.timeline}"
        if key not in self._loaded:
            self._loaded[key] = load(find(one.timeline, one.folder))
        return self._loaded[key]


_PLAYS = pytest.StashKey[_Plays]()
_HAS_FAILED = pytest.StashKey[bool]()


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("mockserver", "the mock of LM Studio's download API")
    group.addoption(
        "--mock-server-verdict",
        choices=_VERDICTS,
        help="What about a client fails a test: its errors (the usual), warnings too, or nothing.",
    )
    group.addoption(
        "--mock-server-clock",
        choices=_CLOCKS,
        help="Which clock tests have that do not say so themselves.",
    )
    group.addoption(
        "--mock-server-timeline",
        metavar="NAME",
        help="Which timeline tests play that do not say so themselves: a name or a file.",
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
    config.stash[_PLAYS] = _Plays()
    _one_of("mock_server_clock", config.getini("mock_server_clock"), _CLOCKS)
    _one_of("mock_server_verdict", config.getini("mock_server_verdict"), _VERDICTS)
    _number(config.getini("mock_server_speed") or "1")
    config.addinivalue_line(
        "markers",
        "mock_server(timeline=None, *, clock=, speed=, step=, edition=, token=, cors=, "
        "with_download=, verdict=, expect=, strict=, limits=): what mock_server plays for a test, "
        "and how its client is judged.",
    )


@pytest.fixture(scope="session")
def mock_server_settings(pytestconfig: pytest.Config) -> MockServerSettings:
    """What tests play unless they say otherwise; override it to say so in Python."""
    given: dict[str, Any] = {"strict": pytestconfig.getini("mock_server_strict")}
    for name in _INI:
        value = pytestconfig.getini(f"mock_server_{name}")
        option = pytestconfig.getoption(f"mock_server_{name}", None)
        if option or value:
            given[name] = option or value
    if "folder" in given:
        given["folder"] = pytestconfig.rootpath / given["folder"]
    if "speed" in given:
        given["speed"] = _number(given["speed"])
    return MockServerSettings(**given)


@pytest.fixture(scope="session")
def mock_server(
    request: pytest.FixtureRequest, mock_server_settings: MockServerSettings
) -> Iterator[MockServer]:
    """A mock server, as new for each test: `mock_server.url` is the base URL for the client.

    It plays `healthy`, or what the marker `mock_server` says. After the test, its requests are
    judged: what a client must not do fails the test, unless `mock_server.expect` allows it.
    """
    from mockserver.server.handle import MockServer

    plays = request.config.stash[_PLAYS]
    with MockServer(host=mock_server_settings.host, port=mock_server_settings.port) as handle:
        plays.settings, plays.handle = mock_server_settings, handle
        if plays.item is not None:
            plays.begin(plays.item)
        yield handle
        plays.handle = plays.current = None


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    plays = item.config.stash[_PLAYS]
    plays.item, plays.current = item, None
    if _uses(item):
        plays.begin(item)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A test that fails by itself shows what its client did."""
    report = yield
    if call.when != "teardown" and not report.passed:
        item.stash[_HAS_FAILED] = True
        handle = item.config.stash[_PLAYS].handle
        if call.when == "call" and report.failed and _uses(item) and handle is not None:
            report.sections.append(("mock_server", handle.text()))
    return report


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item: pytest.Item) -> Generator[None, None, None]:
    """The verdict comes after the test's own fixtures, which may still stop its client."""
    plays = item.config.stash[_PLAYS]
    one, handle = plays.current, plays.handle
    yield
    if one is None or handle is None or one.verdict == "off" or _HAS_FAILED in item.stash:
        return
    verdict = handle.verdict()
    if verdict.errors or (one.verdict == "warning" and verdict.warnings):
        pytest.fail(handle.text(), pytrace=False)


def _uses(item: pytest.Item) -> bool:
    return _MARKER in getattr(item, "fixturenames", ())


def _marked(item: pytest.Item) -> dict[str, Any]:
    """What the test's markers say, those nearest to it before others."""
    given: dict[str, Any] = {}
    for marker in item.iter_markers(_MARKER):
        said = dict(marker.kwargs)
        if len(marker.args) > 1:
            pytest.fail("mark.mock_server takes one timeline; all else is named", pytrace=False)
        if marker.args:
            said["timeline"] = marker.args[0]
        _check_names(said)
        given = {**said, **given}
    if isinstance(given.get("expect"), str):
        given["expect"] = (given["expect"],)
    return given


def _check_names(said: Mapping[str, Any]) -> None:
    for name in said:
        if name not in _OF_A_TEST:
            from mockserver.errors import UnknownName

            sentence = str(UnknownName("argument", name, _OF_A_TEST, "mark.mock_server"))
            pytest.fail(sentence, pytrace=False)


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise pytest.UsageError(f"mock_server_speed is {text!r}: expected a number") from None


def _one_of(name: str, value: str, known: tuple[str, ...]) -> None:
    if value and value not in known:
        raise pytest.UsageError(f"{name} is {value!r}: expected {', '.join(known)}")
