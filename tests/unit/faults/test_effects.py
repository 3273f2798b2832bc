"""What faults do to a reply, and how that is told; each kind has all that it needs."""

from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given

from mockserver.faults.effect import Effect, Scope
from mockserver.faults.fault import Fault
from mockserver.faults.message import ContentLength, HeaderChanges, Truncate
from mockserver.faults.reader import KINDS
from mockserver.faults.reply import Reply, Violate
from mockserver.faults.transport import Delay, Disconnect, Drip, Refuse
from mockserver.http.message import Body, Headers, Response
from mockserver.strategies.scripts import Document
from mockserver.timeline.find import find
from mockserver.timeline.reader import fault_from, load
from support.cases import table
from support.timelines import faults

BODY = b'{"job_id":"job_0123456789","status":"paused"}'
SCOPE = Scope("job_status", "2025-10")
SENT = Response(
    200, Headers([("X-Old", "1"), ("Content-Length", str(len(BODY)))]), Body(BODY, len(BODY))
)


def test_each_kind_has_its_own_member_and_says_what_it_is() -> None:
    keys = [kind.member.key for kind in KINDS]
    assert len(set(keys)) == len(keys) == 9
    assert all(kind.member.description.endswith(".") and kind.__doc__ for kind in KINDS)
    assert {other for kind in KINDS for other in kind.excludes} <= set(keys)


@pytest.mark.parametrize(
    ("effect", "length", "body"),
    [
        (Truncate(5), "5", BODY[:5]),
        (Truncate(Fraction(1, 2)), str(len(BODY) // 2), BODY[: len(BODY) // 2]),
        (Truncate(1_000), str(len(BODY)), BODY),
        (ContentLength("longer"), str(len(BODY) + 100), BODY),
        (ContentLength("shorter"), str(len(BODY) // 2), BODY),
        (Delay(5), str(len(BODY)), BODY),
        (HeaderChanges({"x-old": None}), str(len(BODY)), BODY),
    ],
)
def test_what_becomes_of_a_reply(effect: Effect, length: str, body: bytes) -> None:
    changed = effect.change(SENT, SCOPE)
    assert changed is not None
    assert (changed.status, changed.body.start) == (200, body)
    assert changed.headers.get_all("Content-Length") == (length,)
    assert (changed.headers.get("X-Old") is None) is isinstance(effect, HeaderChanges)


def test_a_violation_strikes_where_the_reply_can_break_the_rule() -> None:
    effect = Violate("required", "/job_id")
    changed = effect.change(SENT, SCOPE)
    assert changed is not None
    assert changed.body.start == b'{"status":"paused"}'
    refused = Response(404, SENT.headers, SENT.body)
    assert effect.change(refused, SCOPE) is None
    assert effect.change(SENT, Scope(None, SCOPE.edition)) is None
    assert Fault((effect,)).change(refused, SCOPE) is None
    assert Fault((Delay(1), effect)).change(refused, SCOPE) == refused


@given(faults())
def test_what_is_written_is_read_as_the_same(document: Document) -> None:
    fault = fault_from(document, "2025-10")
    if fault.effects:
        assert fault_from(fault.data(), "2025-10") == fault


def test_a_fault_sums_up_its_effects() -> None:
    fault = Fault((Reply(503), Delay(5), Drip(7), Disconnect("in body", "reset")))
    assert (fault.delay_ms, fault.drip_ms, fault.refuse) == (5, 7, False)
    assert fault.disconnect == Disconnect("in body", "reset")
    assert (fault.reply, fault.hinders) == (Reply(503), True)
    answer = fault.answer()
    assert answer is not None
    assert answer.status == 503
    assert b"internal_error" in answer.body.start
    assert Fault((Refuse(),)).refuse
    assert not Fault((HeaderChanges({"A": "b"}),)).hinders
    assert Fault().answer() is None


@table(__file__, "in-words")
def test_a_fault_in_words(fault: dict[str, Any], words: str) -> None:
    assert fault_from(fault, "2025-10").words() == words


@pytest.mark.parametrize(
    ("status", "body", "words"),
    [
        (200, {"error": "Unexpected endpoint"}, "200 OK with an error"),
        (200, {"error": None, "status": "downloading"}, "200 OK with another body"),
        (201, "<html>", "201 Created with another body"),
        (200, None, "200 OK"),
        (200, b"{", "200 OK, 1 byte of one's own"),
        (503, {"error": "Busy"}, "503 Service Unavailable"),
    ],
)
def test_success_in_the_status_alone_is_told_from_the_body(
    status: int, body: Any, words: str
) -> None:
    assert Fault((Reply(status, {}, body),)).effects_in_words() == words


def test_200_with_an_error_is_not_just_200() -> None:
    (fault,) = load(find("error-with-200")).faults
    assert fault.words() == "3rd to 4th job_status request: 200 OK with an error"
