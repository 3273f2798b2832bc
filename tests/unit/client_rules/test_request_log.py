"""The timeline and the verdict as text, for a failure message."""

from mockserver.client_rules.journal_entry import JournalEntry
from mockserver.client_rules.judge import judge
from mockserver.client_rules.request_log import request_log
from mockserver.client_rules.verdict import Verdict
from mockserver.documents.text import cells
from mockserver.faults.fault import Fault
from mockserver.faults.transport import Refuse
from support.cases import source
from support.journals import DOWNLOAD, JOB, STATUS, Bench, about, exchange, poll_of


def test_alike_requests_are_one_line() -> None:
    polls = [poll_of(at, bytes=at) for at in range(1, 38)]
    assert request_log(polls) == (f"  #1-37  +0 s  GET …/status/{JOB}  200 downloading 1–37 %  x37")


def test_marks_part_them() -> None:
    polls = [poll_of(at, "completed", bytes=100) for at in range(1, 5)]
    assert request_log(polls, {3, 4}).splitlines() == [
        f"  #1-2  +0 s  GET …/status/{JOB}  200 completed 100 %  x2",
        f"> #3-4  +2 s  GET …/status/{JOB}  200 completed 100 %  x2",
    ]


def test_what_can_happen_to_a_request() -> None:
    broken = Fault((Refuse(),))
    exchanges = [
        exchange(1, DOWNLOAD, method="POST", operation="download", data={"error": {"code": "a"}}),
        exchange(2, reply=None, fault=broken),
        exchange(3, reply=None, took_s=None),
        exchange(4, "/x", query="a=1", data={"error": "Unexpected endpoint. (GET /x)"}),
        exchange(5, STATUS, data=[]),
    ]
    assert [line[6:] for line in request_log(exchanges).splitlines()] == [
        "+0 s  POST /api/v1/models/download  200 a",
        "+1 s  GET …/status/job_493c7c9ded   -   no reply (fault: connections are refused)",
        "+2 s  GET …/status/job_493c7c9ded   …   not answered yet",
        "+3 s  GET /x?a=1                    200 Unexpected endpoint.",
        "+4 s  GET …/status                  200",
    ]


def test_the_middle_is_left_out_and_the_first_marks_are_not() -> None:
    exchanges = [exchange(at, f"/{at}") for at in range(1, 101)]
    lines = request_log(exchanges, set(range(50, 90))).splitlines()
    assert len(lines) <= 20
    assert [line.split()[1] for line in lines if line.startswith(">")] == [
        f"#{at}" for at in range(50, 55)
    ]
    assert "… 45 more" in lines[4]
    assert lines[-1].split()[0] == "#100"


def test_it_fits_and_is_safe_for_a_terminal() -> None:
    path = "/\x1b[31m" + "ü漢" * 100
    lines = request_log(
        [exchange(1, path, method="G\nT", query="\x07" * 50, data={"error": "\x1b" * 200})]
    ).splitlines()
    assert len(lines) == 1
    assert lines[0].isprintable()
    assert cells(lines[0]) <= 100


def test_no_requests() -> None:
    assert request_log([]) == "  (no requests)"


def test_the_whole_text() -> None:
    bench = Bench("paused-for-ever")
    bench.poll(times=14, step="40s")
    bench.get("/v1/chat/completions")
    expected = source(__file__, "verdict.txt").text
    assert bench.verdict().text(bench.journal) + "\n" == expected


def test_many_remarks() -> None:
    exchanges: list[JournalEntry] = [
        exchange(at, f"{STATUS}/{'x' * at}", status=404) for at in range(1, 40)
    ]
    text = judge(exchanges, about()).text(exchanges)
    assert "… and 27 more remarks" in text
    assert len(text.splitlines()) < 100


def test_nothing_to_say() -> None:
    assert Verdict(requests=1).text([]) == "nothing to say against the client, in 1 request"
    assert str(Verdict(requests=2)) == "nothing to say against the client, in 2 requests"
