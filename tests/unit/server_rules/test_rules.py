"""Each rule sees its own lie, says nothing of any other, and nothing of what is honest."""

import codecs
from dataclasses import replace
from typing import Any, TypeAlias

import pytest

from mockserver.contract import RULES as OF_SCHEMAS
from mockserver.documents.json_scanner import MAX_DEPTH, MAX_INTEGER_DIGITS
from mockserver.http.message import Failure
from mockserver.server_rules.inspector import GROUPS, RULES, Inspector, example
from mockserver.server_rules.observation import Observation
from mockserver.server_rules.rule_group import WORDS
from support.cases import data
from support.observed import API, STATUS, job, listed, seen, with_status

Lie: TypeAlias = tuple[Observation, ...]

EXAMPLES = {id_: rule.example for id_, rule in RULES.items() if rule.example}
NOT_IN_BUNDLED_PAGES = {"dependentRequired", "pattern", "anyOf", "json:type", "nothing-judged"}
ERROR = {"type": "internal_error", "message": "no space left"}
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


def in_list(*jobs: dict[str, Any]) -> Lie:
    return (seen(listed(*jobs), "list_status"),)


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


def replies(said: list[dict[str, Any]]) -> Lie:
    """One observation for each: of a `job`, of the list of `jobs`, of a `text`, of any `body`."""
    return tuple(_observation(number=number, **each) for number, each in enumerate(said, 1))


def _observation(**said: Any) -> Observation:
    if "headers" in said:
        said["headers"] = tuple(said["headers"].items())
    if "failure" in said:
        said["failure"] = Failure(said["failure"], "words")
    match said:
        case {"job": members, **rest}:
            return seen(job(**members), **rest)
        case {"jobs": jobs, **rest}:
            return seen(listed(*(job(**members) for members in jobs)), "list_status", **rest)
        case {"text": text, **rest}:
            return seen(text.encode(), **rest)
    return seen(**said)


LIES = [(id_, replies(said)) for id_, lies in data(__file__, "lies").items() for said in lies]
HONEST = {name: replies(said) for name, said in data(__file__, "honest").items()}


class TestCatalogue:
    def test_knows_every_rule_of_the_schemas(self) -> None:
        assert RULES.keys() >= OF_SCHEMAS.keys()

    def test_holds_each_rule_once(self) -> None:
        assert sum(len(group.rules) for group in GROUPS) == len(RULES)
        assert RULES.keys() == WORDS.keys()

    def test_names_the_limits_of_our_reader(self) -> None:
        assert f" {MAX_DEPTH} levels" in RULES["json:depth"].advice
        assert f" {MAX_INTEGER_DIGITS:,} digits" in RULES["json:number"].advice

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
        marked = codecs.BOM_UTF8 + seen(body).body
        assert told((seen(marked),)) == {"json:bom": 1, behind: 1}

    def test_web_page_behind_it_is_a_web_page(self) -> None:
        assert told((seen(codecs.BOM_UTF8 + b"<html>"),)) == {"html-page": 1}

    def test_job_behind_it_has_a_history(self) -> None:
        first, second = polls(job(), job(downloaded_bytes=300))
        marked = seen(codecs.BOM_UTF8 + first.body)
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
