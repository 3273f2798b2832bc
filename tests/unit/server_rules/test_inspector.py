"""The inspector reads whatever comes, keeps a bounded part of it, and counts what it sees."""

import json
import tracemalloc
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.contract import is_valid
from mockserver.errors import UnknownName
from mockserver.findings.finding import SEVERITIES
from mockserver.server_rules.history import MAX_JOBS
from mockserver.server_rules.inspector import MAX_CHARTED, MAX_FINDINGS, MAX_SAMPLES, Inspector
from mockserver.server_rules.observation import Observation
from mockserver.server_rules.response import inspect
from support.observed import ID, JSON, START_MS, job, listed, seen

OPERATIONS = ("list_status", "job_status", "download", None, "no_such_operation")
MEMBERS = (*job("downloading"), *job("completed"), *listed(), "error", "type", "message", "0", "~/")
NUMBERS = st.integers() | st.floats(allow_nan=False) | st.sampled_from([10**400, -1, 0, 2**63])
TEXTS = st.text(max_size=8) | st.sampled_from(
    [
        *("downloading", "paused", "completed", "failed", "already_downloaded", ID, "job_x"),
        *("2025-10-03T15:33:23.496Z", "9999-12-31t23:59:60z", "0000-01-01T00:00:00+23:59"),
    ]
)
LEAVES = st.none() | st.booleans() | NUMBERS | TEXTS
VALUES = st.recursive(
    LEAVES,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(MEMBERS) | st.text(max_size=4), inner, max_size=8)
    ),
    max_leaves=20,
)
JOBS = st.fixed_dictionaries({"job_id": st.just(ID)}, optional=dict.fromkeys(MEMBERS[1:7], LEAVES))
PAYLOADS = (
    VALUES
    | JOBS
    | st.fixed_dictionaries(
        {}, optional=dict.fromkeys(listed(), st.lists(JOBS | VALUES, max_size=4))
    )
)
HEADERS = st.lists(
    st.tuples(
        st.sampled_from(["Content-Type", "Date", "Location", "x"]),
        st.text(max_size=30)
        | st.sampled_from(["application/json", "Sun, 00 Jan 0000 99:99:99 GMT"]),
    ),
    max_size=3,
).map(tuple)


@st.composite
def exchanges(draw: st.DrawFn) -> Observation:
    payload = draw(PAYLOADS)
    body = draw(st.just(json.dumps(payload).encode("utf-8", "replace")) | st.binary(max_size=40))
    return seen(
        body,
        draw(st.sampled_from(OPERATIONS)),
        number=draw(st.integers(1, 99)),
        at_s=draw(st.integers(-10, 10**6)),
        status=draw(st.sampled_from([200, 200, 200, 404, 401, 302, 500, 204, 99, 0, None])),
        headers=draw(st.just(JSON) | HEADERS),
        job_id=draw(st.sampled_from([ID, "", "job_x"])),
        took_s=draw(st.sampled_from([0, 0.5, 1e9])),
    )


class TestRobustness:
    @given(st.lists(exchanges(), max_size=6), st.sampled_from(["2025-10", "2026-01"]))
    def test_reads_whatever_comes(self, all_seen: list[Observation], edition: str) -> None:
        inspector = Inspector(edition)
        told = sum(finding.count for each in all_seen for finding in inspector.see(each))
        assert told == sum(finding.count for finding in inspector.findings)
        graves = [SEVERITIES.index(finding.rule.severity) for finding in inspector.findings]
        assert graves == sorted(graves)
        assert all(finding.expected and finding.found for finding in inspector.findings)
        assert len({finding.fingerprint for finding in inspector.findings}) == len(graves)
        assert all(len(finding.found) < 1000 for finding in inspector.findings)
        inspector.tracks()

    @given(PAYLOADS, st.sampled_from(["list_status", "job_status"]))
    def test_says_something_of_all_that_breaks_the_schema(
        self, payload: Any, operation: str
    ) -> None:
        found = inspect(200, JSON, json.dumps(payload), operation)
        if not found:
            assert is_valid(payload, operation)

    @pytest.mark.parametrize(
        "body",
        [
            b"[" * 100_000,
            b'{"a":' * 5_000,
            json.dumps({f"f{n}": n for n in range(5000)}).encode(),
            json.dumps({**listed(), "paused": [{}] * 300_000}).encode(),
            json.dumps({**listed(), "paused": list(range(300_000))}).encode(),
            b"9" * 100_000,
        ],
        ids=["arrays", "objects", "members", "empty jobs", "numbers", "a number"],
    )
    def test_huge_bodies_make_few_remarks(self, body: bytes) -> None:
        inspector = Inspector()
        assert 0 < len(inspector.see(seen(body, "list_status"))) <= 200

    @pytest.mark.parametrize("base", [listed(job("paused")), job("paused")])
    def test_unknown_members_beyond_some_are_only_counted(self, base: dict[str, Any]) -> None:
        operation = "list_status" if "paused" in base else "job_status"
        many: dict[str, Any] = {f"k{number}": [{}] for number in range(50_000)}
        broken = {**many, **base, "failed": 7}
        tracemalloc.start()
        try:
            findings = Inspector().see(seen(broken, operation))
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
        unknown = [finding for finding in findings if finding.rule.id == "unknown-field"]
        assert sum(finding.count for finding in unknown) == 50_000 + (operation == "job_status")
        assert len(unknown) <= 25
        assert ("type" in {finding.rule.id for finding in findings}) == (operation == "list_status")
        assert peak < 25_000_000

    def test_unknown_edition_names_the_nearest(self) -> None:
        with pytest.raises(UnknownName, match="did you mean 2025-10"):
            Inspector("2025-1")


class TestBounds:
    def test_job_at_the_end_of_a_huge_list_is_judged_too(self) -> None:
        fine = [job("paused", job_id=f"job_{n}") for n in range(3000)]
        broken = job("paused", total_size_bytes="1")
        (finding,) = Inspector().see(seen(listed(*fine, broken), "list_status"))
        assert finding.pointer == "/paused/3000/total_size_bytes"

    def test_memory_does_not_grow_with_polls(self) -> None:
        inspector = Inspector()
        number = 0

        def held_after(polls: int) -> int:
            nonlocal number
            while number < polls:
                jobs = [
                    job(
                        job_id=f"job_{n}",
                        downloaded_bytes=10**5 + number,
                        total_size_bytes=10**6,
                        bytes_per_second=1e4,
                    )
                    for n in range(5)
                ]
                inspector.see(seen(listed(*jobs), "list_status", number=number))
                number += 1
            assert inspector.findings == ()
            return tracemalloc.get_traced_memory()[0]

        tracemalloc.start()
        try:
            # At both times the tracks have just been thinned to half of their points.
            first = held_after(MAX_SAMPLES + 100)
            assert held_after(2 * MAX_SAMPLES + 200) - first < 100_000
        finally:
            tracemalloc.stop()

    def test_findings_are_capped_with_a_note(self) -> None:
        inspector = Inspector()
        for number in range(MAX_FINDINGS // 50 + 2):
            strange = {f"x{number}_{n}": n for n in range(50)}
            inspector.see(seen({**job(), **strange}, number=number))
        assert len(inspector.findings) == MAX_FINDINGS
        (note,) = inspector.notes
        assert note.endswith("100 sightings are not shown.")

    def test_jobs_are_capped_with_a_note(self) -> None:
        inspector = Inspector()
        for number in range(3):
            jobs = [job("paused", job_id=f"job_{number}_{n}") for n in range(MAX_JOBS // 2)]
            inspector.see(seen(listed(*jobs), "list_status", number=number))
        assert inspector.findings == ()
        assert "20,000 jobs" in inspector.notes[0]
        assert len(inspector.tracks()) == MAX_CHARTED

    def test_tracks_are_thinned_and_keep_both_ends(self) -> None:
        inspector = Inspector()
        for number in range(5000):
            each = job(downloaded_bytes=number, total_size_bytes=10**6, bytes_per_second=1e4)
            inspector.see(seen(each, number=number, at_s=number / 100))
        (track,) = inspector.tracks()
        numbers = [point.number for point in track.points]
        assert MAX_SAMPLES // 2 <= len(numbers) <= MAX_SAMPLES + 1
        assert (numbers[0], numbers[-1]) == (0, 4999)
        gaps = {later - earlier for earlier, later in pairwise(numbers[:-1])}
        assert len(gaps) == 1


class TestLedger:
    def test_finding_knows_its_first_and_last_sighting(self) -> None:
        inspector = Inspector()
        for number in (1, 2, 3):
            (new,) = inspector.see(seen(job(progress=number), number=number, at_s=number))
            assert (new.count, new.first, new.last) == (1, new.last, new.first)
        (finding,) = inspector.findings
        assert (finding.count, finding.found) == (3, "1")
        assert (finding.first.number, finding.last.number) == (1, 3)
        assert finding.last.at_ms == START_MS + 3000
        assert finding.job_id == ID

    def test_gravest_come_first(self) -> None:
        inspector = Inspector()
        inspector.see(seen(job(progress=1), headers=()))
        inspector.see(seen(job(downloaded_bytes=2000), number=2))
        assert [finding.rule.severity for finding in inspector.findings] == [
            "error",
            "warning",
            "drift",
        ]

    def test_history_names_the_row_of_the_page(self) -> None:
        inspector = Inspector()
        for number, done in enumerate((400, 300)):
            each = listed(job(downloaded_bytes=done))
            inspector.see(seen(each, "list_status", number=number, at_s=number))
        (finding,) = inspector.findings
        assert (finding.page, finding.line) == ("download-status.md", 37)
        assert finding.id == "bytes-never-fall:/downloading/*/downloaded_bytes"


class TestInspect:
    def test_good_reply_has_no_findings(self) -> None:
        headers = {"Content-Type": "application/json"}
        assert inspect(200, headers, json.dumps(job()), "job_status", job_id=ID) == []

    def test_takes_headers_as_pairs_and_bytes(self) -> None:
        assert inspect(200, JSON, json.dumps(listed(job())).encode(), "list_status") == []

    def test_another_job_is_a_finding(self) -> None:
        (finding,) = inspect(200, JSON, json.dumps(job()), "job_status", job_id="job_0")
        assert finding.id == "id-is-constant:/job_id"

    def test_without_any_time_no_estimate_is_judged(self) -> None:
        late = json.dumps(job())
        assert inspect(200, JSON, late, "job_status") == []
        (finding,) = inspect(200, JSON, late, "job_status", at_ms=START_MS + 10**9)
        assert finding.rule.id == "eta-in-past"

    def test_surrogates_in_text_are_a_finding(self) -> None:
        body = json.dumps(job("paused")).replace("paused", "\ud83d")
        assert [finding.rule.id for finding in inspect(200, JSON, body, "job_status")] == [
            "json:encoding"
        ]

    def test_unknown_operation_names_the_nearest(self) -> None:
        with pytest.raises(UnknownName, match="did you mean job_status"):
            inspect(200, JSON, b"{}", "job_statsu")
