"""Paths as clients write them, and what a request's environment makes of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast
from urllib.parse import quote, unquote_to_bytes

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.http.message import split_target
from mockserver.server.config import ServerConfig
from mockserver.server.request_target import (
    SESSIONS,
    MalformedPath,
    RequestTarget,
    canonical,
    parameter,
    target_of,
    within,
)
from mockserver.server.session import Session
from mockserver.server.sessions import SESSION_PREFIX, Sessions
from support.cases import table

if TYPE_CHECKING:
    from wsgiref.types import WSGIEnvironment

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
WRITTEN = st.lists(TEXTS | st.text("/%2Ffa.~\0 ", max_size=8) | TEXTS.map(quote), max_size=5).map(
    "/".join
)


class TestCanonical:
    @table(__file__, "canonical-paths")
    def test_it_writes_each_segment_in_one_way(self, written: str, expected: str) -> None:
        assert canonical(written) == expected

    @pytest.mark.parametrize("written", ["/%", "/%4", "/%zz", "/a/%ff", "/%C3/", "/%ED%A0%80"])
    def test_what_no_segment_can_say_is_malformed(self, written: str) -> None:
        with pytest.raises(MalformedPath):
            canonical(written)

    @given(WRITTEN)
    def test_it_changes_nothing_the_second_time(self, written: str) -> None:
        try:
            once = canonical(written)
        except MalformedPath:
            return
        assert canonical(once) == once

    @given(st.lists(TEXTS, min_size=1, max_size=5))
    def test_its_segments_say_what_was_meant(self, segments: list[str]) -> None:
        escaped = [quote(segment, safe="") for segment in segments]
        found = canonical("/" + "/".join(escaped)).split("/")[1:]
        # Empty segments at the start count for nothing, nor does a single one at the end.
        while len(segments) > 1 and not segments[0]:
            segments = segments[1:]
        if len(segments) > 1 and not segments[-1] and segments[-2]:
            segments = segments[:-1]
        assert [parameter(segment) for segment in found] == segments

    @given(TEXTS.filter(bool), st.randoms(use_true_random=False))
    def test_however_it_is_escaped(self, text: str, random: Any) -> None:
        octets = text.encode()
        written = "".join(
            chr(octet)
            if octet < 128 and chr(octet).isalnum() and random.random() < 0.5
            else random.choice((f"%{octet:02x}", f"%{octet:02X}"))
            for octet in octets
        )
        assert canonical(f"/{written}") == canonical("/" + quote(text, safe=""))


class TestSplitTarget:
    @table(__file__, "targets")
    def test_it_takes_a_target_apart(self, target: str, path: str, query: str) -> None:
        assert split_target(target) == (path, query)

    @given(st.text())
    def test_there_is_always_a_path(self, target: str) -> None:
        assert split_target(target)[0]


class TestWithin:
    @table(__file__, "paths-of-sessions")
    def test_it_takes_off_the_prefix(self, path: str, split: list[str | None]) -> None:
        assert list(within(path)) == split

    @given(TEXTS, WRITTEN)
    def test_any_id_comes_back(self, id_: str, rest: str) -> None:
        prefix = f"{SESSION_PREFIX}/{quote(id_, safe='')}"
        assert within(f"{prefix}/{rest}") == (id_, f"/{rest}")


class TestTarget:
    @pytest.fixture
    def sessions(self) -> Sessions:
        own = Session(ServerConfig(clock="manual"))
        sessions = Sessions(own)
        sessions.open(own.config, id_="one")
        return sessions

    def found(self, sessions: Sessions, target: str) -> RequestTarget:
        environ: WSGIEnvironment = {"REQUEST_URI": target, SESSIONS: sessions}
        return target_of(environ)

    @table(__file__, "control-paths")
    def test_the_control_api_is_seen(self, sessions: Sessions, path: str) -> None:
        assert self.found(sessions, path).is_control

    @pytest.mark.parametrize("path", ["/_mocks", "/_mock%2Fstate", "/a/_mock", "/", "/%"])
    def test_other_paths_are_not(self, sessions: Sessions, path: str) -> None:
        assert not self.found(sessions, path).is_control

    def test_a_malformed_path_belongs_to_its_session(self, sessions: Sessions) -> None:
        found = self.found(sessions, "/_session/one/%zz?q")
        opened = sessions.find("one")
        assert opened is not None
        assert (found.path, found.query, found.canonical) == ("/%zz", "q", None)
        assert found.session is opened.session is not sessions.own

    def test_a_session_that_is_not_there_is_named(self, sessions: Sessions) -> None:
        found = self.found(sessions, "/_session/two/a")
        assert found.opened is None
        assert found.missing == "no such session: 'two' was never opened here"

    def test_it_is_found_once(self, sessions: Sessions) -> None:
        environ: WSGIEnvironment = {"REQUEST_URI": "/_session/one/a", SESSIONS: sessions}
        found = target_of(environ)
        sessions.close("one")
        assert target_of(environ) is found

    @pytest.mark.parametrize("path", ["/a b?c/%41/ü", "/", "/a//", "/%zz"])
    def test_an_environment_may_have_the_decoded_path_alone(
        self, sessions: Sessions, path: str
    ) -> None:
        environ = {
            "PATH_INFO": path.encode().decode("latin-1"),
            "QUERY_STRING": "x=%41",
            SESSIONS: sessions,
        }
        found = target_of(cast("WSGIEnvironment", environ))
        assert found.query == "x=%41"
        assert unquote_to_bytes(found.path).decode() == path
