"""What holds of the judge for any sequence of exchanges."""

import json
import random
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from mockserver.client_rules.context import SessionContext
from mockserver.client_rules.journal_entry import JournalEntry
from mockserver.client_rules.judge import judge
from mockserver.client_rules.request_log import request_log
from mockserver.client_rules.rules import RULES
from mockserver.documents.text import cells
from mockserver.faults.fault import Fault
from mockserver.faults.message import Truncate
from mockserver.faults.reply import Reply as OwnReply
from mockserver.faults.transport import Delay, Disconnect, Refuse
from mockserver.http.message import Body, Exchange, Headers, Request, Response
from mockserver.timeline.model import FLOATING_EPOCH_MS, JobState, Overrides
from support.journals import DOWNLOAD, JOB, MODEL, STATUS, about

JOBS = (JOB, "job_5f1d0c4b7a")
IDS = (*JOBS, "job_0123456789", "undefined", "", MODEL, "a%20b", "%", "ü")
PATHS = (
    STATUS,
    f"{STATUS}/",
    DOWNLOAD,
    "/",
    "/api/v1/models",
    "//x",
    "/v1" + STATUS,
    "/favicon.ico",
)

_bodies = st.binary(max_size=20) | st.sampled_from(
    [
        *(b"", b"{", b"[]", b"null", b"\xff", b'{"error": "x"}', b'{"status": ["x"]}'),
        *(b'{"error": {"code": "c", "message": 5}}', b'{"status": "already_downloaded"}'),
        *(b'{"job_id": 5}', b'{"job_id": "job_x"}', b'{"model": "a"}', b'{"model": "a", "x": 1}'),
    ]
)
_reports = st.sampled_from(
    [
        Overrides(),
        Overrides({"status": "queued", "downloaded_bytes": None}, off_contract=True),
        Overrides({"status": [], "job_id": []}, off_contract=True),
        Overrides(without=frozenset({"status"}), off_contract=True),
    ]
)
_states = st.builds(
    JobState,
    st.sampled_from(JOBS),
    st.sampled_from(["downloading", "paused", "completed", "failed"]),
    st.sampled_from([0, 100]),
    st.integers(0, 100),
    st.just(FLOATING_EPOCH_MS),
    overrides=_reports,
)
_faults = st.none() | st.sampled_from(
    [
        Fault((Delay(5),)),
        Fault((OwnReply(503, {"Retry-After": "2"}),)),
        Fault((OwnReply(),), path="/x"),
        Fault((Truncate(3),)),
        Fault((Disconnect("in body"),)),
        Fault((Refuse(),)),
    ]
)
_headers = st.lists(
    st.tuples(
        st.sampled_from(["Retry-After", "Date", "Authorization", "x"]),
        st.sampled_from(["", "2", "x", "Bearer [hidden]", "Fri, 03 Oct 2025 15:33:33 GMT"]),
    ),
    max_size=3,
).map(Headers)
_paths = (
    st.sampled_from(PATHS)
    | st.sampled_from([f"{STATUS}/{id_}" for id_ in IDS])
    | st.text(max_size=10).map("/".__add__)
)


@st.composite
def exchanges(draw: st.DrawFn) -> list[JournalEntry]:
    """A journal: consecutive numbers, and clocks that do not go back."""
    number, now_ms, real_s = draw(st.integers(1, 3)), FLOATING_EPOCH_MS, 5.0
    found = []
    for _ in range(draw(st.integers(0, 12))):
        now_ms += draw(st.sampled_from([0, 1, 1000, 400_000]))
        real_s += draw(st.sampled_from([0.0, 0.01, 0.5, 10.0]))
        request = Request(
            draw(st.sampled_from(["GET", "GET", "POST", "HEAD", "OPTIONS", "X"])),
            draw(_paths),
            draw(st.sampled_from(["", "job_id=x", "a"])),
            draw(_headers),
            Body.of(draw(_bodies)),
        )
        ended: dict[str, Any] = {}
        if draw(st.integers(0, 5)):
            status = draw(st.sampled_from([200, 200, 400, 401, 404, 429, 503]))
            reply = st.just(Response(status, draw(_headers), Body.of(draw(_bodies))))
            ended = {
                "started_s": real_s,
                "took_s": draw(st.sampled_from([0.0, 0.1, 5.0])),
                "replied_ms": now_ms,
                "response": draw(reply | st.none()),
                "states": tuple(draw(st.lists(_states, max_size=2))),
                "fault": draw(_faults),
                "job_id": draw(st.none() | st.sampled_from(IDS)),
            }
        operation = draw(st.sampled_from([None, "job_status", "list_status", "download", "x"]))
        repeats = draw(st.sampled_from([1, 1, 1, 4, 15]))
        for _ in range(repeats):
            entry = JournalEntry(Exchange(number, request), now_ms, operation=operation)
            found.append(entry.ended(**ended) if ended else entry)
            number += 1
    return found


_circumstances = st.builds(
    about,
    st.sampled_from(["wall", "manual", "poll"]),
    st.sampled_from(["2025-10", "2026-01"]),
    needs_token=st.booleans(),
    job_ids=st.sets(st.sampled_from(IDS)).map(frozenset),
    models=st.just(frozenset({MODEL})),
)


@given(exchanges(), _circumstances, st.booleans())
def test_it_never_raises_and_always_says_the_same(
    journal: list[JournalEntry], circumstances: SessionContext, strict: bool
) -> None:
    verdict = judge(journal, circumstances, strict=strict)
    assert verdict == judge(tuple(journal), circumstances, strict=strict)
    assert verdict.requests == len(journal)
    numbers = {entry.number for entry in journal}
    for remark in verdict.remarks:
        assert RULES[remark.rule.id] is remark.rule
        assert set(remark.numbers) <= numbers
        assert list(remark.numbers) == sorted(set(remark.numbers))
        assert remark.numbers or remark.rule.id == "not-observed"
        assert remark.message
    json.dumps(verdict.as_dict())


@given(exchanges(), _circumstances)
def test_its_text_is_short_and_safe(
    journal: list[JournalEntry], circumstances: SessionContext
) -> None:
    verdict = judge(journal, circumstances)
    for text in (verdict.text(journal), str(verdict)):
        assert all(line.isprintable() for line in text.split("\n"))
    for line in verdict.text(journal).split("\n"):
        assert cells(line) <= 100


@given(exchanges(), st.sets(st.integers(0, 40)))
def test_the_timeline_is_short(journal: list[JournalEntry], marked: set[int]) -> None:
    lines = request_log(journal, marked).split("\n")
    assert 1 <= len(lines) <= 20
    assert all(cells(line) <= 100 for line in lines)


@given(exchanges(), _circumstances)
def test_what_is_expected_is_moved_and_not_lost(
    journal: list[JournalEntry], circumstances: SessionContext
) -> None:
    plain = judge(journal, circumstances)
    allowing = judge(journal, circumstances, expected=list(RULES))
    assert allowing.remarks == ()
    assert allowing.expected == plain.remarks


@given(exchanges(), _circumstances, st.randoms(use_true_random=False))
def test_the_order_of_the_sequence_is_that_of_the_numbers(
    journal: list[JournalEntry], circumstances: SessionContext, chance: random.Random
) -> None:
    shuffled = list(journal)
    chance.shuffle(shuffled)
    assert judge(shuffled, circumstances) == judge(journal, circumstances)
