"""Several clients of one job: none is blamed for what the others did, and one alone still is."""

from collections.abc import Callable

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from mockserver.client_rules.clients import by_client, in_excess, most_at_once
from mockserver.client_rules.context import Limits
from mockserver.client_rules.journal_entry import JournalEntry
from mockserver.client_rules.judge import judge
from mockserver.faults.fault import Fault
from mockserver.faults.transport import Delay
from mockserver.timeline.model import FLOATING_EPOCH_MS
from support.journals import about, changed, exchange, poll_of, rules

Connect = Callable[[int, int], int | None]
"""The number of a connection, for a client and for how many requests there were before."""

CONNECTS: dict[str, Connect] = {
    "kept": lambda client, _: client,
    "one a request": lambda _, number: 1000 + number,
    "unseen": lambda *_: None,
}


FORGIVEN = 1 + Limits().polls_after_end
"""So many clients without a connection that is used again are not taken for one."""


def journal(
    times: list[tuple[float, int]], made: list[JournalEntry], connect: Connect
) -> list[JournalEntry]:
    """The requests of clients as they came: each at its time, and by its client's connection."""
    by_time = sorted(zip(times, made, strict=True), key=lambda entry: entry[0])
    return [
        changed(
            entry,
            number=number,
            received_s=100.0 + at_s,
            received_ms=FLOATING_EPOCH_MS + round(1000 * at_s),
            connection=connect(client, number),
        )
        for number, ((at_s, client), entry) in enumerate(by_time, 1)
    ]


def refused(wait_s: int | None = None) -> JournalEntry:
    headers = {} if wait_s is None else {"Retry-After": str(wait_s)}
    status = 503 if wait_s is None else 429
    return exchange(1, operation="job_status", status=status, data={}, reply_headers=headers)


@pytest.mark.parametrize("how", CONNECTS)
class TestTwoClients:
    def test_each_waits_as_long_as_it_is_told(self, how: str) -> None:
        times = [(0.0, 1), (0.1, 2), (1.0, 1), (1.1, 2), (3.2, 1), (3.3, 2), (4.2, 1), (4.3, 2)]
        made = [poll_of(at, bytes=at) for at in range(8)]
        made[2:4] = [refused(2), refused(2)]
        assert rules(journal(times, made, CONNECTS[how]), "wall") == []

    def test_neither_waits(self, how: str) -> None:
        times = [(at / 4, 1 + at % 2) for at in range(8)]
        made = [refused(2)] * 8
        assert rules(journal(times, made, CONNECTS[how]), "wall") == ["no-backoff"]

    def test_each_is_slow_enough(self, how: str) -> None:
        times = [(1.05 * (at // 2) + 0.5 * (at % 2), 1 + at % 2) for at in range(8)]
        assert rules(journal(times, [refused()] * 8, CONNECTS[how]), "wall") == []

    def test_both_are_hasty(self, how: str) -> None:
        times = [(at / 10, 1 + at % 2) for at in range(16)]
        assert rules(journal(times, [refused()] * 16, CONNECTS[how]), "wall") == ["no-backoff"]


@pytest.mark.parametrize("status", ["completed", "failed"])
@pytest.mark.parametrize("how", CONNECTS)
class TestTheEnd:
    @pytest.mark.parametrize("clients", [1, 2, 3, 6])
    def test_each_client_polls_until_its_own(self, status: str, how: str, clients: int) -> None:
        if how != "kept":  # more look like one that goes on
            clients = min(clients, FORGIVEN)
        times = [(at / 4, at % clients) for at in range(10 * clients)]
        made = [poll_of(1, bytes=at) for at in range(9 * clients)]
        made += [poll_of(1, status, bytes=100)] * clients
        assert rules(journal(times, made, CONNECTS[how]), "wall") == []

    @pytest.mark.parametrize("polls", [4, 12])
    def test_one_goes_on(self, status: str, how: str, polls: int) -> None:
        times = [(float(at), 1) for at in range(polls)]
        made = [poll_of(1, status, bytes=100)] * polls
        found = judge(journal(times, made, CONNECTS[how]), about("wall")).remarks
        assert [(finding.rule.id, finding.numbers) for finding in found] == [
            ("poll-after-end", tuple(range(2, polls + 1)))
        ]


def test_one_of_several_goes_on() -> None:
    times = [(0.0, 1), (0.1, 2), (0.2, 3), *((float(at), 2) for at in range(1, 5))]
    made = [poll_of(1, "completed", bytes=100)] * 7
    (remark,) = judge(journal(times, made, CONNECTS["kept"]), about("wall")).remarks
    assert remark.numbers == (4, 5, 6, 7)
    assert "4 times" in remark.message


def test_all_at_once() -> None:
    polls = [
        poll_of(at, "completed", after=at / 100, took_s=1.0, connection=at) for at in range(1, 31)
    ]
    later = poll_of(31, "completed", after=5.0, connection=31)
    assert most_at_once(polls) == 30
    assert rules([*polls, later], "wall") == []


def test_a_request_that_was_given_up_is_no_other_client() -> None:
    late = Fault((Delay(60_000),))
    assert most_at_once([poll_of(at, took_s=60.0, fault=late) for at in range(1, 5)]) == 1
    assert most_at_once([]) == 1


@given(
    st.lists(st.none() | st.integers(1, 4), max_size=30),
    st.integers(1, 4),
    st.integers(0, 5),
)
def test_each_request_is_in_one_group(connections: list[int | None], seen: int, each: int) -> None:
    polls = [poll_of(at, connection=connection) for at, connection in enumerate(connections, 1)]
    found = list(by_client(polls, seen))
    assert sorted(entry.number for group in found for entry in group.entries) == [
        entry.number for entry in polls
    ]
    for group in found:
        assert group.clients == seen
        kept = {entry.connection for entry in group.entries}
        assert len(kept) == 1 or all(
            connections.count(connection) == 1 for connection in kept - {None}
        )
    over = in_excess(polls, each, seen)
    assert [entry.number for entry in over] == sorted({entry.number for entry in over})
    if len(polls) <= each:
        assert over == []


_pauses = st.sampled_from([0.5, 0.7, 1.0, 3.0])
_starts = st.floats(0, 2).map(lambda at: round(at, 3))


@given(
    st.lists(st.tuples(_starts, _pauses), min_size=1, max_size=6),
    st.floats(1, 20),
    st.sampled_from(["completed", "failed", "lost"]),
    st.sampled_from(["kept", "one a request", "unseen"]),
)
@example([(1.0, 0.5), (2.0, 0.5), (1.5, 0.5), (0.75, 0.5)], 1.0, "completed", "kept")
def test_correct_clients_are_never_blamed(
    clients: list[tuple[float, float]], ends_s: float, end: str, how: str
) -> None:
    """Each polls at its own pace, and stops once it is told the end."""
    # Who asks once alone looks like one client with many others that connects for each request.
    seen = [client for client in clients if how == "kept" and client[0] < ends_s]
    unseen = [client for client in clients if client not in seen]
    clients = [*seen, *unseen[: FORGIVEN * max(1, len(seen)) - len(seen)]]
    times, made = [], []
    for client, (at_s, pause_s) in enumerate(clients):
        while at_s < ends_s:
            times.append((at_s, client))
            made.append(poll_of(1, bytes=int(at_s)))
            at_s += pause_s
        times.append((at_s, client))
        lost = exchange(1, operation="job_status", status=404, data={})
        made.append(lost if end == "lost" else poll_of(1, end, bytes=100))
    verdict = judge(journal(times, made, CONNECTS[how]), about("wall"))
    assert verdict.errors == ()
    if how == "kept":  # else many look like one in a hurry, which is warned
        assert verdict.warnings == ()


@given(
    st.lists(_starts, min_size=1, max_size=6),
    st.floats(0, 6),
    st.floats(0, 6),
    st.sampled_from([1, 2, 5]),
)
def test_who_waits_is_never_blamed(
    starts: list[float], from_s: float, lasts_s: float, wait_s: int
) -> None:
    """Each has a connection of its own, polls once a second, and waits as long as it is told."""
    times, made = [], []
    for client, at_s in enumerate(starts):
        while at_s < 20:
            is_refused = from_s <= at_s < from_s + lasts_s
            times.append((at_s, client))
            made.append(refused(wait_s) if is_refused else poll_of(1, bytes=int(at_s)))
            at_s += wait_s + 0.1 if is_refused else 1.0
    assert rules(journal(times, made, CONNECTS["kept"]), "wall") == []
