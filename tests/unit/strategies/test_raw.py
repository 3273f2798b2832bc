"""Bodies that are not JSON: each is refused, for the reason that it gives."""

import pytest
from hypothesis import given

from mockserver.documents import json_scanner, json_text
from mockserver.errors import JsonTextError
from mockserver.strategies.raw import RawBody, raw_bodies, truncated
from support.drawing import examples_of, printed, replays


@given(raw_bodies() | truncated())
def test_a_strict_reader_refuses_it_by_the_rule_that_it_names(raw: RawBody) -> None:
    with pytest.raises(JsonTextError) as caught:
        json_text.loads(raw.body)
    assert caught.value.rule == raw.rule


@given(raw_bodies())
def test_it_says_why_and_what_it_claims_to_be(raw: RawBody) -> None:
    assert raw.why.strip() == raw.why != ""
    assert raw.why.isprintable()
    is_page = raw.body.lstrip()[:1] == b"<"
    assert is_page == raw.content_type.startswith("text/html")


KINDS = (
    "cut off after",
    "a trailing comma",
    "single quotes",
    "a comment",
    "an HTML page",
    "plain text",
    "white space alone",
    "a second reply",
    "a speed that is not a number",
    "UTF-16",
    "Latin-1",
    "an event of a stream",
)


def test_every_kind_and_every_rule_of_json_comes_up() -> None:
    rules, kinds = set(json_scanner.RULES), set(KINDS)
    for number in range(10):  # two are enough as a rule
        for raw in examples_of(raw_bodies(), number, 300):
            rules.discard(raw.rule)
            kinds -= {kind for kind in kinds if kind in raw.why}
        if not rules | kinds:
            break
    assert rules | kinds == set()


def test_a_cut_shrinks_to_the_first_byte_of_a_plain_reply() -> None:
    raw, _ = printed(raw_bodies(), lambda raw: raw.why.startswith("cut off"))
    assert raw.body == b"{"


def test_the_simplest_is_empty() -> None:
    raw, text = printed(raw_bodies())
    assert (raw.body, raw.rule, raw.why) == (b"", "json:empty", "empty")
    assert "RawBody(body=b''" in text
    assert "rule='json:empty'" in text


def test_the_same_seed_gives_the_same_bodies() -> None:
    replays(raw_bodies())
