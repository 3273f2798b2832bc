"""One verdict on several parts of a test, without mixing them up."""

from __future__ import annotations

import pytest

from mockserver.errors import UnknownName
from mockserver.http.message import Body, Headers, Request, Response
from mockserver.server.hearing import Hearing
from mockserver.server.session import Session

STATUS = "/api/v1/models/download/status"


def session() -> Session:
    return Session.begin("healthy", clock="manual")


def ask(one: Session, path: str = "/nowhere", status: int = 200) -> None:
    operation = "list_status" if path == STATUS else None
    arrival = one.arrive(Request("GET", path), operation, path)
    body = Body.of(b'{"error":"Unexpected endpoint or method."}')
    arrival.journal.close(
        arrival.exchange,
        response=Response(status, Headers(), body),
        replied_ms=one.now(),
        took_s=0.0,
    )


def begin_anew(hearing: Hearing, one: Session) -> None:
    past = hearing.evidence(one)
    one.begin_anew()
    hearing.keep(past)


def broken(hearing: Hearing, one: Session) -> list[str]:
    return [remark.rule.id for remark in hearing.verdict(one).remarks]


def test_one_part() -> None:
    hearing, one = Hearing(), session()
    assert not hearing.verdict(one).remarks
    assert "> #" not in hearing.text(one)
    ask(one, STATUS)
    assert f"#1  +0 s  GET …{STATUS[-7:]}" in hearing.text(one)
    ask(one)
    assert broken(hearing, one) == ["unknown-path"]
    assert "> #2" in hearing.text(one)
    assert "reset" not in hearing.text(one)


def test_what_was_said_stays_said() -> None:
    hearing, one = Hearing(), session()
    ask(one, STATUS)
    ask(one)
    begin_anew(hearing, one)
    ask(one, STATUS)
    verdict = hearing.verdict(one)
    assert [remark.numbers for remark in verdict.remarks] == [(2,)]
    assert verdict.requests == 3
    text = hearing.text(one)
    assert "in part 1 of 2; each reset begins one" in text
    assert "> #2" in text


def test_a_request_that_ends_after_the_reset_is_heard_in_its_part() -> None:
    hearing, one = Hearing(), session()
    past = hearing.evidence(one)
    ask(one)
    one.begin_anew()
    hearing.keep(past)
    assert broken(hearing, one) == ["unknown-path"]


def test_only_the_first_example_of_a_rule_keeps_its_requests() -> None:
    hearing, one = Hearing(), session()
    for _ in range(50):
        begin_anew(hearing, one)
        ask(one)
    assert broken(hearing, one) == ["unknown-path"] * 50
    text = hearing.text(one)
    assert "in part 2 of 51" in text
    assert text.count("error: unknown-path") == 1


def test_numbers_of_one_part_do_not_mark_requests_of_another() -> None:
    hearing, one = Hearing(), session()
    ask(one)
    begin_anew(hearing, one)
    ask(one, STATUS)
    ask(one, STATUS)
    ask(one)
    assert "> #1" in hearing.text(one)
    assert "> #3" not in hearing.text(one)


def test_an_id_that_was_given_in_an_earlier_part_is_a_jobs() -> None:
    hearing, one = Hearing(), session()
    polled = {"operation": "job_status", "path": f"{STATUS}/job_given"}
    arrival = one.arrive(Request("POST", STATUS.removesuffix("/status")), "download", "/")
    arrival.journal.close(
        arrival.exchange,
        response=Response(
            200, Headers(), Body.of(b'{"status": "downloading", "job_id": "job_given"}')
        ),
        replied_ms=one.now(),
        took_s=0.0,
        job_id="job_given",
    )
    begin_anew(hearing, one)
    arrival = one.arrive(Request("GET", polled["path"]), **polled)
    arrival.journal.close(
        arrival.exchange,
        response=Response(404),
        replied_ms=one.now(),
        took_s=0.0,
        job_id="job_given",
    )
    assert broken(hearing, one) == []


def test_rules_can_be_allowed_afterwards() -> None:
    hearing, one = Hearing(), session()
    ask(one)
    begin_anew(hearing, one)
    hearing.expect("unknown-path")
    verdict = hearing.verdict(one)
    assert not verdict.remarks
    assert [remark.rule.id for remark in verdict.expected] == ["unknown-path"]
    assert "> #" not in hearing.text(one)
    with pytest.raises(UnknownName, match="did you mean unknown-path"):
        hearing.expect("unknown-pth")


def test_strict_asks_for_one_request_in_any_part() -> None:
    hearing, one = Hearing(strict=True), session()
    begin_anew(hearing, one)
    assert broken(hearing, one) == ["not-observed"]
    assert "not-observed" in hearing.text(one)
    ask(one, STATUS)
    assert broken(hearing, one) == []
    begin_anew(hearing, one)
    assert broken(hearing, one) == []
    other = Hearing(strict=True)
    other.expect("not-observed")
    assert not other.verdict(session()).remarks


def test_one_that_asked_wrongly_is_not_told_that_it_never_asked() -> None:
    hearing, one = Hearing(strict=True), session()
    ask(one)
    assert broken(hearing, one) == ["unknown-path"]
    begin_anew(hearing, one)
    assert broken(hearing, one) == ["unknown-path"]
    hearing.expect("unknown-path")
    assert broken(hearing, one) == ["not-observed"]
