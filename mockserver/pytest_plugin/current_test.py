"""What is played for the test that runs now, and what there is to say of its client."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from mockserver.server.mock_server import MockServer
    from mockserver.server.pytest_settings import MockServerSettings

FIXTURE = "mock_server"
_SETTINGS = "mock_server_settings"
_EXAMPLES = (
    "All examples of a Hypothesis test are judged as one client. To have each judged by itself, "
    "call mock_server.reset() where it begins."
)


class CurrentTest:
    """One for a whole session: `start` makes it new for each test.

    `server` is the fixture's, once a test has asked for it, and `settings` what it plays unless a
    marker says otherwise.
    """

    def __init__(self) -> None:
        self.settings: MockServerSettings | None = None
        self.server: MockServer | None = None
        self._fixture_definition: Any = None
        self._left_threads: dict[threading.Thread, str] = {}
        self._reset(None)

    def _reset(self, item: pytest.Item | None) -> None:
        self.item = item
        self.problem: str | None = None
        self.has_failed = self.is_reported = self.is_used = self.is_called = False
        self._played: tuple[MockServerSettings, MockServer] | None = None
        self._threads: set[threading.Thread] = set()

    def start(self, item: pytest.Item) -> None:
        """This test is next."""
        self._reset(item)
        self.play()

    def play(self) -> None:
        """Make the server new for the test, as its markers say."""
        if self.server is None or self.settings is None or self.item is None:
            return
        from mockserver.errors import MockServerError

        self._threads = set(threading.enumerate())
        try:
            self._check_definition(self.item)
            settings, is_named = self._marked(self.item, self.settings)
            self.server.play(
                settings,
                expect=tuple(settings.expect),
                limits=settings.limits,
                strict=settings.strict and is_named,
                breaks_off=settings.verdict != "off",
            )
            self.server.start()  # the test before may have stopped it
        except (MockServerError, ValueError, TypeError, OverflowError) as error:
            self.problem = f"mock_server: {error}"
        else:
            self._played = settings, self.server

    def _marked(
        self, item: pytest.Item, settings: MockServerSettings
    ) -> tuple[MockServerSettings, bool]:
        """The settings as the markers say, the outermost first; whether one names a timeline."""
        from mockserver.server.pytest_settings import over

        is_named = False
        for marker in reversed(list(item.iter_markers(FIXTURE))):
            said = dict(marker.kwargs)
            if len(marker.args) > 1:
                raise ValueError(
                    "the marker takes one timeline; for several, parametrize the test with "
                    "pytest.param(..., marks=pytest.mark.mock_server(...))"
                )
            if marker.args:
                said["timeline"] = marker.args[0]
            is_named = is_named or "timeline" in said
            settings = over(settings, said, item.path.parent, "mark.mock_server")
        return settings, is_named

    def check(self) -> None:
        """Fail the test when what it wants cannot be played."""
        if self.problem is not None and not self.has_failed and self.uses_fixture():
            pytest.fail(self.problem, pytrace=False)

    def judge(self) -> None:
        """Fail the test for what its client did, unless it has failed already."""
        self.check()
        self.note_use()
        if self._played is None or self.has_failed or not self.is_called:
            return
        settings, server = self._played
        verdict = server.verdict()
        # A fixture of a wider scope may have asked for the server in an earlier test.
        self.is_used = self.is_used or (verdict.requests > 0 and not any(self._lingering()))
        if not self.is_used or settings.verdict == "off":
            return
        if verdict.errors or (settings.verdict == "warning" and verdict.warnings):
            self.is_reported = True
            pytest.fail(self.text() or "", pytrace=False)

    def text(self) -> str | None:
        """The verdict, for a test that failed; None where none is wanted."""
        self.note_use()
        if self._played is None or not self.is_used or self._played[0].verdict == "off":
            return None
        _, server = self._played
        if self.has_failed:  # by itself, maybe before its client was to ask
            server.expect("not-observed")
        verdict = server.verdict()
        if self.has_failed and not verdict.requests and not verdict.remarks:
            return None
        lines = [server.text()]
        is_by_hypothesis = getattr(getattr(self.item, "obj", None), "is_hypothesis_test", False)
        if is_by_hypothesis and verdict.remarks and not server.resets:
            lines.append(_EXAMPLES)
        lines += (
            f"The thread {thread.name!r} of {test} still runs; it may have asked as well."
            for thread, test in self._lingering()
        )
        return "\n\n".join(lines)

    def end(self) -> None:
        """Remember which threads the test leaves behind."""
        self._left_threads = dict(self._lingering())
        if self._played is None or self.item is None or not self.is_used:
            return
        for thread in threading.enumerate():
            if thread not in self._threads and not thread.name.startswith("mockserver"):
                self._left_threads.setdefault(thread, self.item.nodeid)

    def note_use(self) -> None:
        """Remember whether the test has asked for the fixture: later that cannot be seen."""
        self.is_used = self.is_used or self.uses_fixture()

    def uses_fixture(self) -> bool:
        """Whether the test asks for the fixture, by name or while it runs."""
        asked = getattr(getattr(self.item, "_request", None), "fixturenames", ())
        return FIXTURE in getattr(self.item, "fixturenames", ()) or FIXTURE in asked

    def _lingering(self) -> Iterator[tuple[threading.Thread, str]]:
        """The threads of earlier tests that still run, each with its test."""
        return ((thread, test) for thread, test in self._left_threads.items() if thread.is_alive())

    def _check_definition(self, item: pytest.Item) -> None:
        """Raise ValueError where a folder has settings of its own: they could not take effect."""
        found = getattr(getattr(item, "_fixtureinfo", None), "name2fixturedefs", {}).get(_SETTINGS)
        if not found:
            return
        self._fixture_definition = self._fixture_definition or found[-1]
        if found[-1] is not self._fixture_definition:
            raise ValueError(
                "two fixtures mock_server_settings are in use, and the server is one for all "
                "tests; keep one in the conftest.py of the rootdir, and use markers for the rest"
            )


CURRENT = pytest.StashKey[CurrentTest]()
