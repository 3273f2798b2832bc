"""The journal: order, numbers, and what it lets go of."""

from collections.abc import Callable
from itertools import count
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, rule

from mockserver.client_rules.journal_entry import JournalEntry
from mockserver.http.message import MAX_KEPT_BODY, Body, Headers, Request, Response
from mockserver.server.journal import Journal
from support.waiting import run_together

GET = Request("GET", "/a")


def clock() -> Callable[[], int]:
    return count(1000).__next__


def numbers(journal: Journal, *bounds: int) -> list[int]:
    return [entry.number for entry in journal.entries(*bounds)]


def filled(count: int, **limits: int) -> Journal:
    journal, now = Journal(**limits), clock()
    for _ in range(count):
        journal.close(journal.open(now, GET), response=Response(200))
    return journal


def test_a_request_is_there_before_it_is_answered() -> None:
    journal = Journal()
    opened = journal.open(lambda: 5, GET, operation="list_status")
    assert journal.entries() == (opened,)
    assert (opened.number, opened.received_ms, opened.took_s, opened.status) == (1, 5, None, None)
    closed = journal.close(opened, response=Response(200), took_s=0.5)
    assert journal.entries() == (closed,)
    assert (closed.status, closed.took_s, closed.operation) == (200, 0.5, "list_status")


def test_the_order_is_that_of_the_requests_not_of_the_replies() -> None:
    journal = Journal()
    opened = [journal.open(clock(), GET) for _ in range(3)]
    for entry in reversed(opened):
        journal.close(entry, took_s=float(entry.number))
    assert [(entry.number, entry.took_s) for entry in journal.entries()] == [
        (1, 1.0),
        (2, 2.0),
        (3, 3.0),
    ]


def test_entries_are_read_from_a_number_on() -> None:
    journal = filled(5)
    assert numbers(journal, 2) == [3, 4, 5]
    assert numbers(journal, 2, 2) == [3, 4]
    assert numbers(journal, 5) == numbers(journal, 2**53) == []
    assert [entry.number for entry in journal.page(3, 10)[2]] == [4, 5]
    assert journal.page(0, 1)[:2] == (5, 0)
    assert Journal().page(0, 1) == (0, 0, ())


def test_the_oldest_go_when_there_are_too_many() -> None:
    journal = filled(25, max_entries=10)
    assert numbers(journal) == list(range(16, 26))
    assert journal.page(0, 1)[:2] == (25, 15)
    assert numbers(journal, 3) == list(range(16, 26))
    assert numbers(journal, 20, 2) == [21, 22]


def test_the_oldest_go_when_they_weigh_too_much() -> None:
    journal = Journal(max_bytes=10_000)
    for _ in range(10):
        journal.open(clock(), Request("POST", "/a", body=Body.of(b"x" * 3_000)))
    assert numbers(journal) == [9, 10]
    large = journal.open(clock(), Request("POST", "/a", headers=Headers((("X-A", "x" * 20_000),))))
    assert numbers(journal) == [large.number]


@pytest.mark.parametrize(
    "heavy",
    [
        Request("X" * 9_000, "/"),
        Request("GET", "/" + "x" * 9_000),
        Request("GET", "/", "x" * 9_000),
        Request("GET", "/", headers=Headers((("x" * 9_000, ""),))),
        Request("GET", "/", body=Body(b"x" * 9_000, 9_000)),
    ],
)
def test_whatever_a_client_sends_weighs_something(heavy: Request) -> None:
    journal = Journal(max_bytes=10_000)
    journal.open(clock(), heavy)
    journal.open(clock(), heavy)
    assert numbers(journal) == [2]


def test_a_heavy_reply_lets_older_ones_go() -> None:
    journal = Journal(max_bytes=10_000)
    opened = [journal.open(clock(), GET) for _ in range(3)]
    journal.close(opened[1], response=Response(200, Headers(), Body.of(b"x" * 8_500)))
    assert numbers(journal) == [2, 3]


def test_what_is_let_go_may_still_be_answered() -> None:
    journal = Journal(max_entries=2)
    opened = [journal.open(clock(), GET, operation="list_status") for _ in range(5)]
    closed = journal.close(opened[0], response=Response(200))
    assert (closed.number, closed.status) == (1, 200)
    assert journal.entries() == tuple(opened[3:])


def test_clearing_keeps_the_numbers() -> None:
    journal = filled(3)
    assert journal.clear() == 3
    assert journal.page(0, 1) == (3, 3, ())
    assert journal.open(clock(), GET).number == 4
    assert numbers(journal) == [4]
    assert journal.clear() == 1
    assert journal.clear() == 0


def test_a_request_that_came_before_clearing_does_not_come_back() -> None:
    journal = Journal()
    early = journal.open(clock(), GET)
    journal.clear()
    late = journal.open(clock(), GET)
    assert journal.close(early, response=Response(200)).status == 200
    assert journal.entries() == (late,)


def test_numbers_and_instants_have_one_order_in_many_threads() -> None:
    journal, now = Journal(), clock()

    def work(_: int) -> None:
        for _ in range(200):
            journal.close(journal.open(now, GET), response=Response(200))

    run_together(8, work)
    found = journal.entries()
    assert [entry.number for entry in found] == list(range(1, 1601))
    assert [entry.received_ms for entry in found] == list(range(1000, 2600))
    assert all(entry.status == 200 for entry in found)


class TestBody:
    @given(st.binary(max_size=50), st.integers(0, 2 * MAX_KEPT_BODY))
    def test_the_beginning_is_kept_and_the_size_of_the_whole(self, end: bytes, size: int) -> None:
        whole = b"x" * size + end
        body = Body.of(whole)
        assert body.start == whole[:MAX_KEPT_BODY]
        assert (body.size, body.is_whole) == (len(whole), len(whole) <= MAX_KEPT_BODY)


class JournalMachine(RuleBasedStateMachine):
    """Against a plain list of all exchanges: what is kept is always an end of it."""

    opened = Bundle("opened")

    def __init__(self) -> None:
        super().__init__()
        self.journal = Journal(max_entries=6, max_bytes=9_000)
        self.every: dict[int, JournalEntry] = {}
        self.cleared = 0
        self.now = clock()

    @rule(target=opened, size=st.integers(0, 4_000))
    def open(self, size: int) -> int:
        exchange = self.journal.open(self.now, Request("GET", "/", body=Body.of(b"x" * size)))
        self.every[exchange.number] = exchange
        return exchange.number

    @rule(number=opened, size=st.integers(0, 9_500))
    def close(self, number: int, size: int) -> None:
        found: dict[str, Any] = {
            "response": Response(200, Headers(), Body.of(b"x" * size)),
            "took_s": 1.0,
        }
        self.every[number] = self.journal.close(self.every[number], **found)

    @rule()
    def clear(self) -> None:
        assert self.journal.clear() <= 6
        self.cleared = len(self.every)

    @invariant()
    def the_last_ones_are_kept(self) -> None:
        kept = self.journal.entries()
        last = len(self.every)
        assert self.journal.page(0, 100) == (last, last - len(kept), kept)
        assert [entry.number for entry in kept] == list(range(last - len(kept) + 1, last + 1))
        assert all(entry is self.every[entry.number] for entry in kept)
        assert len(kept) <= 6
        if len(kept) > 1:
            bodies = [entry.request.body.size for entry in kept]
            bodies += [entry.reply.body.size for entry in kept if entry.reply]
            assert sum(bodies) + 500 * len(kept) <= 9_000
        elif not kept:
            assert self.cleared == last


TestJournalMachine = JournalMachine.TestCase
