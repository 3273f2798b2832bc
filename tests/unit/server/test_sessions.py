"""The sessions of a server: how many there are, what they are called, and when they end."""

from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.errors import TooMany
from mockserver.server.config import ServerConfig
from mockserver.server.request_target import within
from mockserver.server.session import Session
from mockserver.server.sessions import OpenSession, Sessions
from support.waiting import run_together

CONFIG = ServerConfig(clock="manual")


class Clock:
    """Real seconds that pass by hand."""

    def __init__(self) -> None:
        self.now_s = 1000.0

    def __call__(self) -> float:
        return self.now_s


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def sessions(clock: Clock) -> Sessions:
    ids = count(1)
    own = Session(CONFIG)
    return Sessions(own, limit=3, monotonic=clock, make_id=lambda: f"s{next(ids)}")


def open_ids(sessions: Sessions) -> list[str]:
    return [opened.id for opened in sessions.all()]


def test_each_is_a_session_of_its_own(sessions: Sessions) -> None:
    first, second = sessions.open(CONFIG), sessions.open(CONFIG)
    assert len({id(session) for session in (sessions.own, first.session, second.session)}) == 3
    assert (first.id, first.prefix) == ("s1", "/_session/s1")
    assert sessions.find("s2") is second
    assert open_ids(sessions) == ["s1", "s2"]


def test_there_are_only_so_many(sessions: Sessions) -> None:
    for _ in range(3):
        sessions.open(CONFIG)
    with pytest.raises(TooMany, match="there are 3 sessions already; close one, or let one expire"):
        sessions.open(CONFIG)
    assert open_ids(sessions) == ["s1", "s2", "s3"]
    assert sessions.close("s2")
    sessions.open(CONFIG)
    assert open_ids(sessions) == ["s1", "s3", "s4"]


def test_those_that_have_expired_make_room(sessions: Sessions, clock: Clock) -> None:
    for _ in range(3):
        sessions.open(CONFIG, expires_after_s=10)
    clock.now_s += 10
    assert sessions.open(CONFIG).id == "s4"
    assert open_ids(sessions) == ["s4"]


def test_one_expires_so_long_after_it_was_last_used(sessions: Sessions, clock: Clock) -> None:
    opened = sessions.open(CONFIG, expires_after_s=10)
    clock.now_s += 9.999
    assert sessions.find("s1") is opened
    assert sessions.left_s(opened) == 10
    clock.now_s += 9.999
    assert sessions.find("s1", use=False) is opened
    assert sessions.left_s(opened) == pytest.approx(0.001)
    clock.now_s += 0.001
    assert sessions.find("s1") is None
    assert sessions.left_s(opened) == 0


def test_looking_at_all_of_them_uses_none(sessions: Sessions, clock: Clock) -> None:
    sessions.open(CONFIG, expires_after_s=10)
    clock.now_s += 9
    assert open_ids(sessions) == ["s1"]
    assert sessions.all()
    clock.now_s += 1
    assert not sessions.all()
    assert not sessions.close("s1")


def test_one_without_an_expiry_stays(sessions: Sessions, clock: Clock) -> None:
    opened = sessions.open(CONFIG, expires_after_s=None)
    clock.now_s += 1e9
    assert sessions.find("s1") is opened
    assert sessions.left_s(opened) is None


def test_a_name_that_is_taken_gets_a_number(sessions: Sessions) -> None:
    ids = [sessions.open(CONFIG, id_="healthy").id for _ in range(2)]
    ids.append(sessions.open(CONFIG, id_="healthy-2").id)
    assert ids == ["healthy", "healthy-2", "healthy-2-2"]


def test_a_made_id_that_is_taken_is_made_again() -> None:
    ids = iter(["a", "a", "b"])
    sessions = Sessions(Session(CONFIG), make_id=lambda: next(ids))
    assert [sessions.open(CONFIG).id for _ in range(2)] == ["a", "b"]


def test_why_there_is_none_is_known(sessions: Sessions, clock: Clock) -> None:
    sessions.open(CONFIG, id_="a", expires_after_s=10)
    sessions.open(CONFIG, id_="b")
    clock.now_s += 10
    sessions.close("b")
    sessions.find("a")
    assert sessions.why_none("a") == (
        "no such session: 'a' has expired, after 10 s without a request"
    )
    assert sessions.why_none("b") == "no such session: 'b' was closed"
    assert sessions.why_none("c") == "no such session: 'c' was never opened here"
    assert sessions.why_none("") == "no session is named: the path goes on as in /_session/<id>"
    assert not sessions.close("a")
    assert sessions.open(CONFIG, id_="a").id == "a"
    sessions.close("a")
    assert sessions.why_none("a").endswith("was closed")


def test_a_thousand_leave_nothing_behind(clock: Clock) -> None:
    sessions = Sessions(Session(CONFIG), limit=50, monotonic=clock)
    for number in range(1000):
        sessions.open(CONFIG, expires_after_s=1)
        clock.now_s += 1 if number % 10 == 9 else 0
    clock.now_s += 1
    assert sessions.all() == ()
    assert not sessions.all()
    kept = [value for value in vars(sessions).values() if isinstance(value, dict)]
    assert [len(kind) for kind in kept] == [0, 50]  # none is open; why the last fifty ended


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20))
def test_any_id_can_stand_in_a_path(id_: str) -> None:
    opened = OpenSession(id_, Session(CONFIG), None, 0.0)
    assert opened.prefix.isascii()
    assert " " not in opened.prefix
    assert within(f"{opened.prefix}/a") == (id_, "/a")


def test_many_threads_open_and_close_them() -> None:
    sessions = Sessions(Session(CONFIG), limit=20)
    opened: list[str] = []
    refused: list[TooMany] = []

    def work(_: int) -> None:
        for _ in range(10):
            try:
                opened.append(sessions.open(CONFIG, id_="name").id)
            except TooMany as error:
                refused.append(error)

    run_together(8, work)
    assert len(opened) == len(set(opened)) == 20
    assert len(refused) == 60
    assert all(sessions.close(id_) for id_ in opened)
    assert sessions.all() == ()
