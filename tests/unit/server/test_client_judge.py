"""One verdict on several parts of a test, without mixing them up."""

from typing import Any

import pytest

from mockserver.errors import UnknownName
from mockserver.http.message import Body, Headers, Request, Response
from mockserver.server.client_judge import ClientJudge
from mockserver.server.config import ServerConfig
from mockserver.server.session import Session

STATUS = "/api/v1/models/download/status"


def session() -> Session:
    return Session(ServerConfig("healthy", clock="manual"))


def exchange(
    played: Session, request: Request, operation: str | None, response: Response, **known: Any
) -> None:
    arrival = played.arrive(request, operation, request.path)
    arrival.journal.close(
        arrival.entry, response=response, replied_ms=played.clock.now(), took_s=0.0, **known
    )


def ask(played: Session, path: str = "/nowhere") -> None:
    operation = "list_status" if path == STATUS else None
    body = Body.of(b'{"error":"Unexpected endpoint or method."}')
    exchange(played, Request("GET", path), operation, Response(200, Headers(), body))


def begin_anew(judge: ClientJudge, played: Session) -> None:
    past = judge.evidence(played)
    played.begin_anew()
    judge.keep(past)


def broken(judge: ClientJudge, played: Session) -> list[str]:
    return [remark.rule.id for remark in judge.verdict(played).remarks]


def test_one_part() -> None:
    judge, played = ClientJudge(), session()
    assert not judge.verdict(played).remarks
    assert "> #" not in judge.text(played)
    ask(played, STATUS)
    assert f"#1  +0 s  GET …{STATUS[-7:]}" in judge.text(played)
    ask(played)
    assert broken(judge, played) == ["unknown-path"]
    assert "> #2" in judge.text(played)
    assert "reset" not in judge.text(played)


def test_what_was_said_stays_said() -> None:
    judge, played = ClientJudge(), session()
    ask(played, STATUS)
    ask(played)
    begin_anew(judge, played)
    ask(played, STATUS)
    verdict = judge.verdict(played)
    assert [remark.numbers for remark in verdict.remarks] == [(2,)]
    assert verdict.requests == 3
    text = judge.text(played)
    assert "in part 1 of 2; each reset begins one" in text
    assert "> #2" in text


def test_a_request_that_ends_after_the_reset_is_heard_in_its_part() -> None:
    judge, played = ClientJudge(), session()
    past = judge.evidence(played)
    ask(played)
    played.begin_anew()
    judge.keep(past)
    assert broken(judge, played) == ["unknown-path"]


def test_only_the_first_example_of_a_rule_keeps_its_requests() -> None:
    judge, played = ClientJudge(), session()
    for _ in range(50):
        begin_anew(judge, played)
        ask(played)
    assert broken(judge, played) == ["unknown-path"] * 50
    text = judge.text(played)
    assert "in part 2 of 51" in text
    assert text.count("error: unknown-path") == 1


def test_numbers_of_one_part_do_not_mark_requests_of_another() -> None:
    judge, played = ClientJudge(), session()
    ask(played)
    begin_anew(judge, played)
    ask(played, STATUS)
    ask(played, STATUS)
    ask(played)
    assert "> #1" in judge.text(played)
    assert "> #3" not in judge.text(played)


def test_an_id_that_was_given_in_an_earlier_part_is_a_jobs() -> None:
    judge, played = ClientJudge(), session()
    given = Body.of(b'{"status": "downloading", "job_id": "job_given"}')
    post = Request("POST", STATUS.removesuffix("/status"))
    exchange(played, post, "download", Response(200, Headers(), given), job_id="job_given")
    begin_anew(judge, played)
    poll = Request("GET", f"{STATUS}/job_given")
    exchange(played, poll, "job_status", Response(404), job_id="job_given")
    assert broken(judge, played) == []


def test_rules_can_be_allowed_afterwards() -> None:
    judge, played = ClientJudge(), session()
    ask(played)
    begin_anew(judge, played)
    judge.expect("unknown-path")
    verdict = judge.verdict(played)
    assert not verdict.remarks
    assert [remark.rule.id for remark in verdict.expected] == ["unknown-path"]
    assert "> #" not in judge.text(played)
    with pytest.raises(UnknownName, match="did you mean unknown-path"):
        judge.expect("unknown-pth")


def test_strict_asks_for_one_request_in_any_part() -> None:
    judge, played = ClientJudge(strict=True), session()
    begin_anew(judge, played)
    assert broken(judge, played) == ["not-observed"]
    assert "not-observed" in judge.text(played)
    ask(played, STATUS)
    assert broken(judge, played) == []
    begin_anew(judge, played)
    assert broken(judge, played) == []
    other = ClientJudge(strict=True)
    other.expect("not-observed")
    assert not other.verdict(session()).remarks


def test_one_that_asked_wrongly_is_not_told_that_it_never_asked() -> None:
    judge, played = ClientJudge(strict=True), session()
    ask(played)
    assert broken(judge, played) == ["unknown-path"]
    begin_anew(judge, played)
    assert broken(judge, played) == ["unknown-path"]
    judge.expect("unknown-path")
    assert broken(judge, played) == ["not-observed"]
