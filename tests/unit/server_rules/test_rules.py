"""Each rule sees its own lie, says nothing of any other, and nothing of what is honest."""

from __future__ import annotations

import codecs
from dataclasses import replace
from typing import Any, TypeAlias

import pytest

from mockserver.contract import RULES as OF_SCHEMAS
from mockserver.http.exchange import Failure, FailureKind
from mockserver.server_rules.catalogue import GROUPS, RULES
from mockserver.server_rules.inspector import Inspector, example
from mockserver.server_rules.observation import Observation
from support.observed import API, ID, JSON, STATUS, job, listed, seen, with_status

Lie: TypeAlias = tuple[Observation, ...]

EXAMPLES = {id_: rule.example for id_, rule in RULES.items() if rule.example}
NOT_IN_BUNDLED_PAGES = {"dependentRequired", "pattern", "anyOf", "json:type", "nothing-judged"}
ERROR = {"type": "internal_error", "message": "no space left"}
AGAIN = "2025-10-03T15:33:30.000Z"
AHEAD = "2025-10-04T15:33:24.000Z"
"""A day and a second after the Date beside it."""
DAY_S = 86_400
UNEXPECTED = "Unexpected endpoint or method. ({} {})"


def told(lie: Lie, edition: str = "2025-10") -> dict[str, int]:
    """The rules that are broken, with the count of their sightings."""
    inspector = Inspector(edition)
    for observation in lie:
        inspector.see(observation)
    counts: dict[str, int] = {}
    for finding in inspector.findings:
        counts[finding.rule.id] = counts.get(finding.rule.id, 0) + finding.count
    return counts


def edition_of(lie: Lie) -> str:
    return "2026-01" if any(each.operation == "download" for each in lie) else "2025-10"


def reported(status: str = "downloading", **members: Any) -> Lie:
    return (seen(job(status, **members)),)


def in_list(*jobs: dict[str, Any]) -> Lie:
    return (seen(listed(*jobs), "list_status"),)


def posted(body: object, status: int = 200) -> Lie:
    return (seen(body, "download", status=status),)


def polls(*jobs: dict[str, Any], every_s: float = 2) -> Lie:
    return tuple(
        seen(each, number=number, at_s=(number - 1) * every_s)
        for number, each in enumerate(jobs, 1)
    )


def mixed(*steps: tuple[str, dict[str, Any]], every_s: float = 2) -> Lie:
    """Polls of the list and of the job in turn; a POST is a step too."""
    return tuple(
        seen(
            listed(each) if how == "list_status" else each,
            how,
            number=number,
            at_s=(number - 1) * every_s,
        )
        for number, (how, each) in enumerate(steps, 1)
    )


def unexpected(
    status: int, path: str, operation: str | None = "job_status", method: str = "GET"
) -> Lie:
    body = {"error": UNEXPECTED.format(method, path)}
    return (seen(body, operation, status=status, target=path),)


def failed_http(kind: FailureKind, status: int | None = None) -> Lie:
    return (seen(b"{", status=status, failure=Failure(kind, "words")),)


def dated(text: str, **members: Any) -> Lie:
    return (seen(job(**members), headers=(*JSON, ("date", text))),)


LIES: list[tuple[str, Lie]] = [
    # Situations
    ("old-server", unexpected(200, STATUS, "list_status")),
    ("old-server", unexpected(200, API, "download", "POST")),
    ("old-server", (seen({"error": "Unexpected endpoint or method."}),)),
    (
        "old-server",
        (seen({"error": UNEXPECTED.format("GET", STATUS)}, target=f"/behind/a/proxy{STATUS}"),),
    ),
    ("wrong-base-url", unexpected(404, f"/api/v1{STATUS}", "list_status")),
    ("wrong-base-url", unexpected(200, f"/v1{STATUS}/{ID}")),
    ("another-server", (seen(b"404 page not found", status=404),)),
    ("another-server", (seen({"detail": "Not Found"}, "list_status", status=404),)),
    ("another-server", (seen(b"", status=404),)),
    ("html-page", (seen(b" \n<HTML lang=en>", headers=(("Content-Type", "text/html"),)),)),
    ("html-page", (seen(b"<!DOCTYPE html>", "download", status=503),)),
    ("token-refused", (seen(b"", status=401, headers=()),)),
    ("token-refused", (seen({"error": "no"}, "list_status", status=401),)),
    ("list-missing", (seen({"error": ERROR}, "list_status", status=404),)),
    ("operation-missing", unexpected(404, API, "download", "POST")),
    ("unknown-path-200", unexpected(200, "/", None)),
    # HTTP
    ("no-reply", failed_http("dns")),
    ("no-reply", failed_http("tls")),
    ("no-reply", (seen(b"", status=None),)),
    ("broken-off", failed_http("broken-off", 200)),
    ("too-large", failed_http("too-large", 200)),
    ("bad-encoding", failed_http("bad-encoding", 200)),
    ("redirect", (seen(b"", "list_status", status=307),)),
    ("status-code", (seen(job(), status=201),)),
    ("status-code", (seen(b"", status=204, headers=()),)),
    ("status-code", (seen({"error": ERROR}, "list_status", status=429),)),
    ("status-code", (seen({"error": ERROR}, "download", status=500),)),
    ("status-code", (seen({"error": ERROR}, status=400),)),
    ("content-type", (seen(job(), headers=()),)),
    ("content-type", (seen(job(), headers=(("content-type", "application/jsonp"),)),)),
    (
        "content-type",
        (seen(job(), headers=(("X", "y"), ("Content-Type", "application/json;charset=latin1"))),),
    ),
    ("error-in-200", (seen({"error": "no such job"}),)),
    ("error-in-200", (seen({"error": ERROR}, "list_status"),)),
    ("error-shape", (seen({"error": {"type": "job_not_found"}}, status=404),)),
    ("error-shape", (seen({"error": {**ERROR, "param": 3}}, status=404),)),
    ("error-shape", (seen(["no"], "download", status=400),)),
    ("unknown-path-status", unexpected(404, "/v2", None)),
    # The tables, and JSON
    ("json:empty", (seen(b" \n"),)),
    ("json:syntax", (seen(b"{'job_id': 1}"),)),
    ("json:non-finite", (seen(b'{"job_id": "a", "total_size_bytes": 1e999}'),)),
    ("type", (seen([]),)),
    ("type", (seen(None, "list_status"),)),
    ("type", reported(bytes_per_second="fast")),
    ("type", (seen({**listed(), "failed": {}}, "list_status"),)),
    ("type", (seen({**listed(), "failed": [7]}, "list_status"),)),
    ("required", reported(bytes_per_second=None)),
    ("required", reported("completed", completed_at=None)),
    ("required", in_list(job(estimated_completion=None), job(job_id="b"))),
    ("required", posted({"status": "downloading"})),
    ("absent", reported("failed", bytes_per_second=0)),
    ("absent", posted({"status": "already_downloaded", "job_id": ID})),
    (
        "const",
        (
            seen(
                {**listed(), "completed": [{**job("completed"), "status": "paused"}]}, "list_status"
            ),
        ),
    ),
    ("format", reported(started_at="2025-10-03 15:33:23.496Z")),
    ("format", reported(started_at="1759505603496")),
    ("unknown-value", (seen({**listed(), "paused": [job("queued")]}, "list_status"),)),
    ("unknown-value", reported("already_downloaded")),
    ("unknown-field", reported("failed", error={"message": "no disk"})),
    ("unknown-field", (seen({**listed(), "queued": []}, "list_status"),)),
    ("unknown-field", in_list(job(eta=1), job(job_id="b", eta=2))),
    # One reply
    ("bytes-within-total", reported(downloaded_bytes=1001)),
    ("bytes-within-total", reported(total_size_bytes=0)),
    ("bytes-within-total", in_list(job("paused", downloaded_bytes=10**400))),
    ("completed-is-whole", reported("completed", downloaded_bytes=0)),
    ("negative-number", reported(total_size_bytes=-1)),
    ("negative-number", reported(bytes_per_second=-0.5)),
    ("whole-bytes", reported(total_size_bytes=1000.0)),
    ("times-in-order", reported("completed", started_at="2025-10-04T00:00:00.000Z")),
    ("times-in-order", reported(started_at="2025-10-03T15:34:23.497Z")),
    ("time-in-utc", reported("paused", started_at="2025-10-03T15:33:23.496+00:00")),
    (
        "time-in-utc",
        polls(job("paused"), job("paused", started_at="2025-10-03T17:33:23.496+02:00")),
    ),
    ("time-style", reported("paused", started_at="2025-10-03T15:33:23.496z")),
    ("time-fraction", reported("paused", started_at="2025-10-03T15:33:23Z")),
    ("job-listed-twice", in_list(job("paused"), job("paused"))),
    ("job-listed-twice", in_list(job("paused"), job("completed"))),
    ("already-downloaded-alone", posted({"status": "already_downloaded", "progress": 100})),
    ("id-is-constant", (seen(job(), job_id="job_0000000001"),)),
    (
        "id-is-constant",
        (
            seen(job("completed", job_id="job_b")),
            seen(listed(job(job_id="job_b")), "list_status", at_s=2),
        ),
    ),
    ("eta-in-past", dated("Fri, 03 Oct 2025 18:34:24 GMT")),
    ("eta-in-past", (seen(job(), at_s=3 * DAY_S),)),
    (
        "time-in-future",
        (
            seen(
                job("paused", started_at=AHEAD),
                headers=(*JSON, ("Date", "Fri, 03 Oct 2025 15:33:23 GMT")),
            ),
        ),
    ),
    (
        "time-in-future",
        (
            seen(
                job("completed", completed_at=AHEAD),
                headers=(*JSON, ("Date", "Fri, 03 Oct 2025 15:33:23 GMT")),
            ),
        ),
    ),
    ("id-is-empty", in_list(job("paused", job_id=""), job("failed", job_id=""))),
    ("id-is-empty", reported("paused", job_id="")),
    ("enum", reported("PAUSED")),
    ("enum", reported("Completed", completed_at=None)),
    ("const", (seen({**listed(), "paused": [job("PAUSED")]}, "list_status"),)),
    (
        "eta-absurd",
        dated("Fri, 03 Oct 2025 15:33:23 GMT", estimated_completion="2035-10-03T15:33:23.496Z"),
    ),
    ("eta-absurd", dated("Fri, 03 Oct 2025 15:33:23 GMT", total_size_bytes=10**12)),
    # One job over time
    ("completed-stays", polls(job("completed"), job("failed", downloaded_bytes=1000))),
    ("completed-stays", polls(job("completed"), job(downloaded_bytes=0))),
    (
        "legal-transition",
        polls(job("failed"), job("completed", downloaded_bytes=400, total_size_bytes=400)),
    ),
    ("bytes-never-fall", polls(job("paused"), job(downloaded_bytes=399))),
    ("bytes-never-fall", polls(job(), job("failed", downloaded_bytes=0))),
    ("bytes-never-fall", polls(job("failed"), job(downloaded_bytes=100), job(downloaded_bytes=50))),
    (
        "bytes-never-fall",
        tuple(seen(listed(job(downloaded_bytes=n)), "list_status", at_s=5 - n) for n in (5, 4)),
    ),
    ("total-is-constant", polls(job(), job(total_size_bytes=1001))),
    ("total-is-constant", polls(job(), job(total_size_bytes=None), job(total_size_bytes=900))),
    (
        "total-is-constant",
        mixed(
            (
                "download",
                job(downloaded_bytes=None, bytes_per_second=None, estimated_completion=None),
            ),
            ("job_status", job(total_size_bytes=2000)),
        ),
    ),
    ("start-is-constant", polls(job(), job(started_at="2025-10-03T15:33:23.497Z"))),
    (
        "completed-at-constant",
        polls(job("completed"), job("completed", completed_at="2025-10-03T15:43:12.103Z")),
    ),
    (
        "list-and-job-agree",
        mixed(("job_status", job()), ("list_status", job("paused", downloaded_bytes=300))),
    ),
    ("list-and-job-agree", mixed(("list_status", job("completed")), ("job_status", job()))),
    (
        "list-and-job-agree",
        mixed(("list_status", job()), ("job_status", job(total_size_bytes=999))),
    ),
    (
        "list-and-job-agree",
        (
            seen(listed(job("paused")), "list_status"),
            seen({"error": ERROR}, number=2, at_s=0.2, took_s=0.1, status=404),
        ),
    ),
    (
        "forgotten-job",
        (
            seen(listed(job("paused")), "list_status"),
            seen({"error": ERROR}, number=2, at_s=2, status=404),
            seen(listed(), "list_status", number=3, at_s=2.1),
            seen(listed(job("paused")), "list_status", number=4, at_s=2.2),
        ),
    ),
    (
        "forgotten-job",
        (
            seen(listed(job("paused")), "list_status"),
            seen({"error": ERROR}, number=2, at_s=2, status=404),
            seen(listed(job("paused", started_at=AGAIN)), "list_status", number=3, at_s=2.1),
        ),
    ),
    (
        "forgotten-job",
        (*polls(job(), job("completed")), seen({"error": ERROR}, status=404, at_s=9)),
    ),
    ("stalled", polls(*[job()] * 9, every_s=10)),
    ("stalled", polls(job(), job(bytes_per_second=0), every_s=61)),
    ("never-completed", polls(*[job(downloaded_bytes=1000)] * 5, every_s=20)),
]
"""The rule that is broken, and the least that breaks it."""

RESUMED = (job(), job("failed"), job(downloaded_bytes=10), job(downloaded_bytes=90))
BACK = job(downloaded_bytes=0, started_at=AGAIN)
POST_REPLY = job(downloaded_bytes=None, bytes_per_second=None, estimated_completion=None)
HONEST: dict[str, Lie] = {
    "each status": polls(
        *map(job, ("downloading", "paused", "downloading", "failed", "downloading", "completed"))
    ),
    "fewer bytes after a failure": polls(*RESUMED),
    "restarts that were missed between polls of the list": mixed(
        *(
            ("list_status", each)
            for each in (
                job("failed", downloaded_bytes=300),
                job("paused", downloaded_bytes=10),
                job("failed", downloaded_bytes=20),
                job("failed", downloaded_bytes=10),
                job("completed", started_at=AGAIN),
            )
        )
    ),
    "another total after a failure": polls(job("failed"), job(total_size_bytes=500)),
    "a download missed between two polls": polls(job("failed"), job("completed")),
    "a pause missed between two polls": polls(job("failed"), job("paused", downloaded_bytes=500)),
    "a total that comes late": polls(job(total_size_bytes=None), job()),
    "a total that goes": polls(job(), job("paused", total_size_bytes=None)),
    "paused for hours": polls(*[job("paused")] * 5, every_s=3600),
    "paused, and then as it was": polls(job(), job("paused"), job("paused"), job(), every_s=50),
    "a stall of a minute": polls(job(), job(), every_s=60),
    "slow, but moving": polls(*[job(downloaded_bytes=n) for n in range(9)], every_s=50),
    "an estimate that moves": polls(
        *[job(estimated_completion=f"2025-10-03T15:{minute}:23.496Z") for minute in (34, 50, 36)]
    ),
    "a server's clock that is two hours behind its proxy's": dated("Fri, 03 Oct 2025 17:34:00 GMT"),
    "a server's clock that is two hours ahead": dated("Fri, 03 Oct 2025 13:33:23 GMT"),
    "a clock of ours that is a day behind": (seen(job(), at_s=-DAY_S),),
    "a clock of ours that is a day ahead": (seen(job(), at_s=DAY_S),),
    "a start a day ahead": (
        seen(job("paused"), headers=(*JSON, ("Date", "Thu, 02 Oct 2025 15:33:24 GMT"))),
    ),
    "an estimate without a speed": reported(bytes_per_second=0),
    "an estimate that is off by some hours": reported(
        total_size_bytes=360_400, estimated_completion="2025-10-04T04:33:23.496Z"
    ),
    "an estimate that is off by half an hour": reported(
        estimated_completion="2025-10-03T16:03:23.496Z"
    ),
    "a clock of ours that is ahead": (
        seen(job(), at_s=10**6, headers=(*JSON, ("Date", "Fri, 03 Oct 2025 15:33:30 GMT"))),
    ),
    "an impossible Date": dated("Fri, 99 Xyz 2025 15:33:30 GMT"),
    "gone from the list, and back under its id": (
        *mixed(("job_status", job()), ("list_status", job())),
        seen(listed(), "list_status", number=3, at_s=4),
        *(
            seen(listed(BACK), "list_status", number=number, at_s=number * 2)
            for number in range(4, 9)
        ),
        seen(BACK, number=9, at_s=18),
    ),
    "the job's own reply of a minute ago": (
        seen(job("completed")),
        seen(listed(job()), "list_status", number=2, at_s=60),
    ),
    "list and job": mixed(
        ("list_status", job()),
        ("job_status", job(downloaded_bytes=500)),
        ("list_status", job(downloaded_bytes=600)),
        ("job_status", job("completed")),
        ("list_status", job("completed")),
    ),
    "a start that only one of the two tells": mixed(
        ("list_status", job("paused", started_at=None)), ("job_status", job("paused"))
    ),
    "two replies on their way at once": (
        seen(job(downloaded_bytes=500), at_s=5, took_s=1),
        seen(job(downloaded_bytes=400), number=2, at_s=5.5, took_s=2),
        seen(job("completed"), number=3, at_s=7),
        seen(job(), number=4, at_s=7.1, took_s=1),
    ),
    "the list and the job on their way at once": (
        seen(job("completed")),
        seen(listed(job()), "list_status", number=2, at_s=0.5, took_s=1),
    ),
    "asked for, and asked for again after a failure": mixed(
        ("download", POST_REPLY),
        ("job_status", job()),
        ("job_status", job("failed")),
        ("download", {**POST_REPLY, "started_at": AGAIN}),
        ("job_status", job(downloaded_bytes=5, started_at=AGAIN)),
    ),
    "fetched again once it was deleted": mixed(
        ("job_status", job("completed")),
        ("download", POST_REPLY),
        ("job_status", job(downloaded_bytes=0)),
    ),
    "already there": posted({"status": "already_downloaded"}),
    "no such model": posted({"error": {"type": "model_not_found", "message": "no"}}, 404),
    "no such job": (
        seen({"error": {"type": "job_not_found", "message": "no", "code": None}}, status=404),
    ),
    "an unknown path of the API": unexpected(404, "/api/v1/x", None),
    "another part of the API": (seen({"data": [], "object": "list"}, None),),
    "a type with more to it": (
        seen(job(), headers=(("CONTENT-TYPE", ' Application/JSON ; charset="UTF-8"'),)),
    ),
    "0 of 0": reported(total_size_bytes=0, downloaded_bytes=0, bytes_per_second=0),
    "an empty list": in_list(),
}


class TestCatalogue:
    def test_knows_every_rule_of_the_schemas(self) -> None:
        assert RULES.keys() >= OF_SCHEMAS.keys()

    def test_holds_each_rule_once(self) -> None:
        assert sum(len(group.rules) for group in GROUPS) == len(RULES)

    @pytest.mark.parametrize("id_", RULES)
    def test_says_everything_in_sentences(self, id_: str) -> None:
        rule = RULES[id_]
        for text in (rule.sentence, rule.why, rule.advice):
            assert text[0].isupper() or not text[0].isalpha()
            assert text.endswith(".")

    def test_every_rule_has_an_example_that_bundled_pages_can_break(self) -> None:
        assert RULES.keys() - EXAMPLES.keys() == NOT_IN_BUNDLED_PAGES


class TestLies:
    @pytest.mark.parametrize("id_", EXAMPLES)
    def test_example_breaks_its_rule_alone(self, id_: str) -> None:
        lie = EXAMPLES[id_]
        assert told(lie, edition_of(lie)).keys() == {id_}
        finding = example(id_)
        assert finding is not None
        assert finding.rule is RULES[id_]
        assert finding.expected
        assert finding.found

    @pytest.mark.parametrize(
        ("id_", "lie"), LIES, ids=[f"{at}-{id_}" for at, (id_, _) in enumerate(LIES)]
    )
    def test_lie_breaks_its_rule_alone(self, id_: str, lie: Lie) -> None:
        assert told(lie, edition_of(lie)).keys() == {id_}

    def test_every_rule_has_a_lie(self) -> None:
        assert {id_ for id_, _ in LIES} | EXAMPLES.keys() == RULES.keys() - NOT_IN_BUNDLED_PAGES

    @pytest.mark.parametrize("name", HONEST)
    def test_honest_server_breaks_none(self, name: str) -> None:
        lie = HONEST[name]
        assert told(lie, edition_of(lie)) == {}


class TestEditions:
    """What an edition does not have, its server need not have."""

    def test_list_may_be_missing_from_the_newer_one(self) -> None:
        lie = unexpected(404, STATUS, "list_status")
        assert told(lie, "2026-01") == {}
        assert told(lie, "2025-10") == {"list-missing": 1}
        in_other_words = (seen({"error": ERROR}, "list_status", status=404),)
        assert told(in_other_words, "2026-01") == {}

    def test_post_may_be_missing_from_the_older_one(self) -> None:
        assert told(unexpected(404, API, "download", "POST"), "2025-10") == {}

    def test_old_server_is_one_in_each(self) -> None:
        assert told(unexpected(200, STATUS, "list_status"), "2026-01") == {"old-server": 1}


class TestProbes:
    """What is asked for to see how a server says that it does not exist."""

    @pytest.mark.parametrize(("status", "body"), [(200, {"ok": True}), (500, {"error": ERROR})])
    def test_unknown_path_has_to_be_404(self, status: int, body: object) -> None:
        probe = replace(seen(body, None, status=status), is_probe=True)
        assert told((probe,)) == {"unknown-path-status": 1}
        assert told((replace(probe, is_probe=False),)) == {}
        assert told((with_status(probe, 404),)) == {}
        assert told((with_status(probe, 301),)) == {}

    def test_job_that_is_made_up_is_no_job(self) -> None:
        probe = replace(seen(job()), is_probe=True)
        later = seen(job(downloaded_bytes=1), number=2, at_s=1)
        assert told((probe, later)) == {"status-code": 1}
        assert told((replace(probe, is_probe=False),)) == {}

    @pytest.mark.parametrize("explained", ["old-server", "wrong-base-url", "another-server"])
    def test_situation_at_the_api_explains_the_unknown_path_too(self, explained: str) -> None:
        path = unexpected(200, "/api/v1/x", None)
        assert told((*EXAMPLES[explained], *path)) == {explained: 1}
        assert told((*EXAMPLES["html-page"], *path)).keys() == {"html-page", "unknown-path-status"}


class TestByteOrderMark:
    """It is told, and hides nothing behind it."""

    @pytest.mark.parametrize(
        ("body", "behind"),
        [
            (job("paused", downloaded_bytes=2000), "bytes-within-total"),
            ({"error": "no such job"}, "error-in-200"),
            (b"{", "json:syntax"),
            (b"", "json:empty"),
        ],
    )
    def test_text_behind_it_is_judged(self, body: object, behind: str) -> None:
        plain = seen(body)
        marked = plain.with_body(codecs.BOM_UTF8 + plain.body)
        assert told((marked,)) == {"json:bom": 1, behind: 1}

    def test_web_page_behind_it_is_a_web_page(self) -> None:
        assert told((seen(codecs.BOM_UTF8 + b"<html>"),)) == {"html-page": 1}

    def test_job_behind_it_has_a_history(self) -> None:
        first, second = polls(job(), job(downloaded_bytes=300))
        marked = first.with_body(codecs.BOM_UTF8 + first.body)
        assert told((marked, second)) == {"json:bom": 1, "bytes-never-fall": 1}


class TestCounts:
    def test_jobs_of_a_list_make_one_finding(self) -> None:
        jobs = [job("paused", job_id=f"job_{n}", downloaded_bytes=2000) for n in range(7)]
        assert told(in_list(*jobs)) == {"bytes-within-total": 7}
        assert told(in_list(*jobs) * 2) == {"bytes-within-total": 14}

    def test_broken_jobs_of_a_list_are_all_counted_and_one_is_explained(self) -> None:
        fine = [job("paused", job_id=f"job_a{n}") for n in range(50)]
        bad = [job("paused", job_id=f"job_b{n}", total_size_bytes="1") for n in range(90)]
        inspector = Inspector()
        inspector.see(in_list(*fine, *bad)[0])
        (finding,) = inspector.findings
        assert (finding.rule.id, finding.count) == ("type", 90)
        assert finding.pointer == "/paused/50/total_size_bytes"
        assert finding.place == "/paused/*/total_size_bytes"
        assert (finding.page, finding.line) == ("download-status.md", 109)

    def test_sight_that_is_not_seen_again_is_contradicted_once(self) -> None:
        shown = (seen(job("completed")),)
        many = tuple(
            seen(listed(job(downloaded_bytes=400 + n)), "list_status", number=n + 2, at_s=n / 10)
            for n in range(1, 31)
        )
        assert told(shown + many) == {"list-and-job-agree": 1}

    def test_each_round_that_disagrees_is_counted(self) -> None:
        lie = mixed(*[("job_status", job("completed")), ("list_status", job())] * 5)
        assert told(lie)["list-and-job-agree"] >= 5

    def test_list_that_keeps_a_job_that_the_server_does_not_know_contradicts_it(self) -> None:
        lie = (
            seen(listed(job("paused")), "list_status"),
            *(
                each
                for at in range(2, 20, 2)
                for each in (
                    seen({"error": ERROR}, number=at, at_s=at, status=404),
                    seen(listed(job("paused")), "list_status", number=at + 1, at_s=at + 0.1),
                )
            ),
        )
        counts = told(lie)
        assert counts["list-and-job-agree"] == 9

    def test_stall_is_told_once_until_it_ends(self) -> None:
        moving = [job(downloaded_bytes=401)]
        lie = polls(*[job()] * 9, *moving * 9, every_s=30)
        assert told(lie) == {"stalled": 2}

    def test_forgetting_is_told_each_time(self) -> None:
        gone = {"error": {"type": "job_not_found", "message": "no"}}
        steps = [(job(), 200), (gone, 404), (gone, 404), (job(), 200), (gone, 404)]
        lie = tuple(seen(body, status=status, at_s=at) for at, (body, status) in enumerate(steps))
        assert told(lie) == {"forgotten-job": 2}
