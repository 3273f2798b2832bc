"""Recorded traffic held to the pages: what is found, what is left out, and what is never shown."""

import base64
import copy
import gzip
import json
from collections.abc import Iterator, Sequence
from functools import reduce
from operator import getitem
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.documents.pointer import parts
from mockserver.errors import TrafficError
from mockserver.findings.report import CheckReport
from mockserver.report.json import render as to_json
from mockserver.server_rules.traffic import Traffic, inspect, kind_of
from support.cases import table
from support.control import Control, control
from support.recordings import BEGAN_MS, JOB, STATUS, entry, har, job, polls

JSON = "application/json"


def ids(traffic: Traffic) -> list[str]:
    return [finding.id for report in traffic.reports for finding in report.findings]


def only(traffic: Traffic) -> CheckReport:
    (report,) = traffic.reports
    return report


def inspected(*entries: dict[str, Any], edition: str = "2025-10") -> Traffic:
    return inspect(har(*entries), "x.har", edition)


def text(body: bytes | str, **more: Any) -> dict[str, Any]:
    if isinstance(body, bytes):
        return {"text": base64.b64encode(body).decode(), "encoding": "base64", **more}
    return {"text": body, **more}


class TestKinds:
    @pytest.mark.parametrize("payload", [har(), {"log": {"entries": 5}}, {"log": {"creator": {}}}])
    def test_a_har(self, payload: Any) -> None:
        assert kind_of(payload) == "HAR"

    def test_a_journal(self) -> None:
        assert kind_of(control().get("/journal")) == "journal"

    @pytest.mark.parametrize(
        "payload", [None, [], {}, job(), {"log": "x"}, {"log": {}}, {"entries": []}]
    )
    def test_anything_else(self, payload: Any) -> None:
        assert kind_of(payload) is None


class TestFindings:
    def test_good_polls(self) -> None:
        found = inspected(*polls(job(), job(downloaded_bytes=2_000)))
        report = only(found)
        assert (report.findings, report.notes) == ((), ())
        assert report.subject == "x.har (http://127.0.0.1:1234)"
        assert (dict(report.asked), report.seconds) == ({"job_status": 2}, 1.012)
        assert report.began_at == "2025-10-03T15:33:23.496Z"
        assert [point.downloaded_bytes for point in report.tracks[0].points] == [1_000, 2_000]

    def test_a_reply_is_held_to_its_page_and_names_its_entry(self) -> None:
        other = entry("/v1/models", {"data": []})
        found = inspected(other, *polls(job(), job("resting")))
        (finding,) = only(found).findings
        assert (finding.id, finding.first.number) == ("unknown-value:/status", 3)
        assert finding.first.at_ms == BEGAN_MS + 1_000 + 12

    def test_polls_are_held_to_those_before_in_the_order_of_time(self) -> None:
        entries = polls(job(), job(downloaded_bytes=2_000), job(downloaded_bytes=500))
        for some in (entries, entries[::-1]):
            assert ids(inspected(*some)) == ["bytes-never-fall:/downloaded_bytes"]
        entries = polls(job(), job(downloaded_bytes=2_000), job(downloaded_bytes=3_000))
        assert ids(inspected(*reversed(entries))) == []

    def test_a_duration_that_is_not_known_counts_as_none(self) -> None:
        asked = entry(payload=job("resting"))
        asked["time"] = -1
        report = only(inspected(asked))
        assert (report.findings[0].first.at_ms, report.seconds) == (BEGAN_MS, 0)

    def test_servers_are_told_apart(self) -> None:
        here = polls(job(downloaded_bytes=9_000))
        there = polls(job(), every_ms=1, base="http://[::1]:8080")
        found = inspected(*here, *there)
        assert ids(found) == []
        assert [report.subject for report in found.reports] == [
            "x.har (http://127.0.0.1:1234)",
            "x.har (http://[::1]:8080)",
        ]

    def test_the_edition_decides_what_is_checked(self) -> None:
        asked = entry("/api/v1/models/download", {"status": "no"}, method="POST")
        assert ids(inspected(asked, edition="2026-01")) == ["unknown-value:/status"]
        found = inspected(asked)
        assert found.reports == ()
        assert found.notes == (
            "1 request for no operation of edition 2025-10: POST /api/v1/models/download",
            "1 request of these would be for an operation of edition 2026-01",
        )

    def test_a_path_before_the_api_and_a_query(self) -> None:
        asked = entry(f"/proxy{STATUS}/job%5F493c7c9ded/?t=1", job("resting"))
        assert ids(inspected(asked)) == ["unknown-value:/status"]

    @table(__file__, "no-reply")
    def test_requests_without_a_reply(self, reason: str | None, rule: str) -> None:
        assert ids(inspected(entry(status=0, _error=reason))) == [rule]

    def test_a_reply_that_broke_off(self) -> None:
        cut = entry(content=text('{"job'), _error="net::ERR_INCOMPLETE_CHUNKED_ENCODING")
        assert ids(inspected(cut)) == ["broken-off"]

    def test_a_redirect(self) -> None:
        moved = entry(
            status=307, content={"size": -1}, received={"Location": "https://user:pw@elsewhere/"}
        )
        assert ids(inspected(moved)) == ["redirect"]


class TestBodies:
    @pytest.mark.parametrize(
        "body",
        [
            json.dumps(job("resting")).encode(),
            gzip.compress(json.dumps(job("resting")).encode(), mtime=0),
        ],
    )
    def test_base64(self, body: bytes) -> None:
        assert ids(inspected(entry(content=text(body, mimeType=JSON)))) == ["unknown-value:/status"]

    def test_text_was_decoded_though_the_header_stands(self) -> None:
        packed = entry(received={"Content-Encoding": "gzip"})
        assert ids(inspected(packed)) == []

    def test_gzip_that_does_not_decode(self) -> None:
        for body in (b"\x1f\x8bnonsense", gzip.compress(b"{}" * 100)[:-9]):
            assert ids(inspected(entry(content=text(body)))) == ["bad-encoding"]

    def test_a_bomb_is_not_unpacked(self) -> None:
        bomb = gzip.compress(b" " * (17 * 1024 * 1024))
        assert ids(inspected(entry(content=text(bomb)))) == ["too-large"]

    def test_bytes_that_are_no_text(self) -> None:
        assert ids(inspected(entry(content=text(b'{"job_id": "\xe9"}')))) == ["json:encoding"]

    def test_a_lone_surrogate(self) -> None:
        assert ids(inspected(entry(content=text('{"job_id": "\ud83d"}')))) == ["json:encoding"]

    def test_an_empty_body_is_one(self) -> None:
        assert ids(inspected(entry(content={"size": 0}))) == ["json:empty"]

    def test_the_type_that_only_the_content_has(self) -> None:
        bare = entry(content=text(json.dumps(job()), mimeType="text/plain"))
        bare["response"]["headers"] = []
        assert ids(inspected(bare)) == ["content-type"]
        bare["response"]["content"]["mimeType"] = JSON
        assert ids(inspected(bare)) == []


class TestLeftOut:
    @pytest.mark.parametrize(
        ("left_out", "why"),
        [
            (entry(status=304, content={"size": 0}), "answered by 304"),
            (entry(status=0, _error="net::ERR_ABORTED"), "broken off by the client"),
            (entry(status=0, _error="net::ERR_BLOCKED_BY_CLIENT"), "broken off by the client"),
            (entry(content={"size": 90}), "without the body"),
            (entry(content={"size": -1, "comment": "gone"}), "without the body"),
        ],
    )
    def test_it_is_counted_and_told(self, left_out: dict[str, Any], why: str) -> None:
        found = inspected(entry(), left_out, left_out)
        (note,) = only(found).notes
        assert (ids(found), dict(only(found).asked)) == ([], {"job_status": 1})
        assert note.startswith("2 requests ")
        assert why in note

    def test_other_requests_are_counted_and_not_read_any_further(self) -> None:
        others = [
            {"request": {"method": "GET", "url": url}}
            for url in ("https://a.example/", "data:,x", "http://127.0.0.1:1234/a/b", "", "blob:")
        ]
        found = inspected(entry(), *others)
        (note,) = only(found).notes
        assert note.startswith("5 requests for no operation of edition 2025-10: ")
        assert note.endswith(": GET /, GET …, GET /a/b and 1 other path")
        assert ids(found) == []

    def test_nothing_at_all(self) -> None:
        assert inspected() == Traffic((), ())


SECRET = "sk-lm-Vq3xR8tK:w7Zp-59aX"
TOKEN_CHARACTERS = "".join(chr(code) for code in range(33, 127) if chr(code) not in "\\%")
BEARER = {"Authorization": f"Bearer {SECRET}"}
PLACES: dict[str, dict[str, Any]] = {
    "authorization": entry(sent=BEARER, payload=job(SECRET), received={"X": SECRET}),
    "api key": entry(sent={"x-api-key": SECRET}, payload={"job_id": SECRET, "status": SECRET}),
    "cookie": entry(sent={"Cookie": f"a=b; session={SECRET}"}, payload=job(SECRET)),
    "set-cookie": entry(payload=job(SECRET), received={"Set-Cookie": f"s={SECRET}; Path=/"}),
    "query": entry(f"{STATUS}/{JOB}?token={quote(SECRET)}", job(SECRET)),
    "query of no name": entry(f"{STATUS}/{JOB}?q={quote(SECRET)}", job(SECRET)),
    "path": entry(f"/{quote(SECRET)}/of/others"),
    "user": entry(base=f"http://me:{quote(SECRET)}@127.0.0.1:1234", payload=job("resting")),
    "error": entry(sent=BEARER, status=500, payload={"error": {"message": f"{SECRET[:10]}***"}}),
    "location": entry(sent=BEARER, status=302, received={"Location": f"/x?k={SECRET}"}),
    "job id": entry(f"{STATUS}/{quote(SECRET)}", job("resting"), sent=BEARER),
    "content type": entry(
        sent={"Authorization": SECRET}, content=text("{}"), received={"Content-Type": SECRET}
    ),
}


class TestSecrets:
    @pytest.mark.parametrize("place", PLACES)
    def test_no_piece_of_one_is_shown(self, place: str) -> None:
        found = inspected(entry(payload=job("resting")), PLACES[place])
        shown = "".join(map(to_json, found.reports)) + "".join(found.notes)
        pieces = [SECRET[at : at + 6] for at in range(len(SECRET) - 5)]
        assert [piece for piece in pieces if piece in shown] == []
        assert found.reports[0].findings

    @given(
        st.text(st.sampled_from(TOKEN_CHARACTERS), min_size=8, max_size=30),
        st.sampled_from(["Authorization", "X-Api-Key"]),
        st.data(),
    )
    def test_however_a_reply_spells_it(self, secret: str, header: str, data: st.DataObject) -> None:
        ways = st.sampled_from(
            [
                lambda ch: json.dumps(ch)[1:-1],
                lambda ch: f"\\u{ord(ch):04x}",
                lambda ch: quote(ch, ""),
            ]
        )
        spelt = "".join(data.draw(ways)(ch) for ch in secret)
        body = f'{{"job_id": "{JOB}", "status": "<{spelt}>"}}'
        found = inspected(entry(content=text(body), sent={header: f"Bearer {secret}"}))
        (finding,) = only(found).findings
        assert finding.found == '"<[hidden]>"'

    def test_what_replies_are_full_of_is_no_secret(self) -> None:
        cookie = f"job={JOB}; state=downloading; size=2279145003; at=2025-10-03T15:33:23.496Z"
        found = inspected(*polls(job(), job(), sent={"Cookie": cookie}))
        assert ids(found) == []
        assert only(found).tracks[0].job_id == JOB

    def test_an_error_does_not_say_what_was_found(self) -> None:
        broken = entry()
        broken["startedDateTime"] = SECRET
        with pytest.raises(TrafficError) as caught:
            inspected(broken)
        assert SECRET not in str(caught.value)


def holder(payload: Any, place: Sequence[Any]) -> Any:
    """What holds the member at this place."""
    return reduce(getitem, place[:-1], payload)


def places(value: Any, place: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield place
    if isinstance(value, dict | list):
        pairs = value.items() if isinstance(value, dict) else enumerate(value)
        for key, inner in pairs:
            yield from places(inner, (*place, key))


def journal() -> dict[str, Any]:
    """A job that was polled, by a client that also asked for something else."""
    mock: Control = control()
    for _ in range(3):
        mock.api(f"{STATUS}/{mock.get('/state')['jobs'][0]['job_id']}")
        mock.post("/clock", {"advance": "5s"})
    mock.api()
    mock.api("/v1/nowhere")
    found: dict[str, Any] = mock.get("/journal")
    return found


RECORDINGS = [
    har(*polls(job(), job("completed", 2_279_145_003, completed_at="2025-10-03T15:43:12.102Z"))),
    har(entry(content=text(b"{}")), entry(status=0, _error="reset"), entry("/x")),
    journal(),
]
JUNK: st.SearchStrategy[Any] = st.sampled_from(
    [None, True, -1, 0, 1e308, 10**400, 2**53, "", "x", "GET", "\ud800", [], {}, [[]], "http://["]
) | st.recursive(
    st.none() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(), inner, max_size=2),
    max_leaves=4,
)


class TestHostile:
    @given(st.data())
    def test_any_file_is_inspected_or_refused_at_a_place(self, data: st.DataObject) -> None:
        payload = copy.deepcopy(data.draw(st.sampled_from(RECORDINGS)))
        for _ in range(data.draw(st.integers(1, 3))):
            place = data.draw(st.sampled_from([path for path in places(payload) if len(path) > 1]))
            if data.draw(st.booleans()):
                holder(payload, place)[place[-1]] = data.draw(JUNK)
            else:
                del holder(payload, place)[place[-1]]
        if kind_of(payload) is None:
            return
        try:
            found = inspect(payload, "x")
        except TrafficError as error:
            value: Any = payload
            for token in parts(error.pointer)[:-1]:  # the last one may be what is missing
                value = value[int(token)] if isinstance(value, list) else value[token]
            return
        for report in found.reports:
            json.loads(to_json(report))

    @table(__file__, "broken-har")
    def test_it_says_where_and_what_was_expected(
        self, place: list[Any], value: Any, expected: str
    ) -> None:
        payload: Any = har(entry())
        holder(payload, place)[place[-1]] = value
        with pytest.raises(TrafficError) as caught:
            inspect(payload, "x.har")
        assert str(caught.value) == f"x.har: {expected}"

    def test_a_member_that_is_missing(self) -> None:
        bare = entry()
        del bare["response"]["headers"]
        with pytest.raises(TrafficError, match="/response/headers: expected an array, found noth"):
            inspected(bare)


class TestJournal:
    def test_what_the_mock_said_conforms(self) -> None:
        found = inspect(journal(), "j.json")
        report = only(found)
        assert (ids(found), dict(report.asked)) == ([], {"job_status": 3, "list_status": 1})
        assert report.subject == "j.json"
        assert report.notes == ("1 request for no operation of edition 2025-10: GET /v1/nowhere",)
        assert report.seconds == 15

    def test_a_reply_is_there_when_it_has_come(self) -> None:
        payload = journal()
        payload["entries"] = payload["entries"][:1]
        payload["entries"][0].update(
            received_at="2025-10-03T15:33:23.496Z", replied_at="2025-10-03T15:33:25.496Z"
        )
        report = only(inspect(payload, "j.json"))
        assert (report.seconds, report.tracks[0].points[0].at_ms) == (2, BEGAN_MS + 2_000)

    def test_polls_are_compared(self) -> None:
        payload = journal()
        first, second = (
            json.loads(payload["entries"][at]["reply"]["body"]["text"]) for at in (0, 1)
        )
        second["total_size_bytes"] = first["total_size_bytes"] + 1
        payload["entries"][1]["reply"]["body"]["text"] = json.dumps(second)
        found = ids(inspect(payload, "j.json"))
        assert "total-is-constant:/total_size_bytes" in found

    def test_what_has_no_whole_reply(self) -> None:
        payload = journal()
        cut, broken, open_, packed = (copy.deepcopy(payload["entries"][0]) for _ in range(4))
        cut["reply"]["body"]["truncated"] = True
        broken["reply"] = None
        open_.update(reply=None, replied_at=None, took_ms=None)
        body = packed["reply"]["body"]
        body["base64"] = base64.b64encode(body.pop("text").encode()).decode()
        payload.update(entries=[cut, broken, open_, packed], dropped=1_200)
        found = inspect(payload, "j.json")
        assert ids(found) == ["broken-off"]
        assert found.notes == (
            "1 request recorded with only the beginning of the reply",
            "1 request still without a reply",
            "the journal had let go of 1,200 requests before these",
        )
