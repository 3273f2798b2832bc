"""The JSON Schema of timeline files, for editors, and that it and the loader cannot drift apart."""

import json
import re
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import jsonschema_rs
import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from mockserver import contract, resources
from mockserver.documents import node, yaml_text
from mockserver.documents.source import Source
from mockserver.errors import MockServerError, TimelineError
from mockserver.faults.reader import MAX_FAULTS
from mockserver.strategies.scripts import Document
from mockserver.timeline import job_fields
from mockserver.timeline.find import find
from mockserver.timeline.model import JobState, Timeline
from mockserver.timeline.payloads import job_payload
from mockserver.timeline.reader import load
from support.cases import data
from support.mutations import mutations
from support.timeline_format import FILES
from support.timelines import documents, loaded, texts

PATH = resources.folder("fixtures") / "timeline.schema.json"
SCHEMA: dict[str, Any] = json.loads(PATH.read_text(encoding="utf-8"))
DEFS: dict[str, Any] = SCHEMA["$defs"]
STEPS = DEFS["step"]["anyOf"][1]["properties"]
DISCONNECT = DEFS["disconnect"]["anyOf"][1]
VIOLATE = DEFS["violate"]["anyOf"][1]
BUNDLED = tuple(resources.timeline_files())
MODELINE = re.compile(r"# yaml-language-server: \$schema=(\S+)")


@cache
def engine() -> jsonschema_rs.Draft202012Validator:
    return jsonschema_rs.Draft202012Validator(SCHEMA)


def complaints(document: object) -> list[str]:
    """What the slow engine says, to be read when the two do not agree or something is wrong."""
    return [
        f"{error.json_path}: {error.message[:200]}"
        for error in Draft202012Validator(SCHEMA).iter_errors(document)
    ]


def refers_to(part: dict[str, Any]) -> dict[str, Any]:
    name = part["$ref"].removeprefix("#/$defs/")
    found: dict[str, Any] = DEFS[name]
    return found


def all_properties(schema: Any) -> Iterator[tuple[str, Any]]:
    """Every property that the schema describes; conditions only narrow some of them again."""
    if isinstance(schema, dict):
        for keyword, value in schema.items():
            if keyword == "properties":
                yield from value.items()
            if keyword not in ("if", "then", "else", "dependentSchemas", "examples"):
                yield from all_properties(value)
    elif isinstance(schema, list):
        for item in schema:
            yield from all_properties(item)


@pytest.mark.parametrize("name", FILES)
def test_the_files_are_what_the_table_gives(name: str) -> None:
    written = (PATH.parent / name).read_text(encoding="utf-8")
    assert written == FILES[name](), "python tests/support/timeline_format.py writes it anew"


def test_it_is_a_schema_of_the_draft_that_it_names() -> None:
    assert SCHEMA["$schema"] == Draft202012Validator.META_SCHEMA["$id"]
    assert SCHEMA["$id"] == "urn:lmstudio-mockserver:timeline"
    Draft202012Validator.check_schema(SCHEMA)


def test_every_key_is_described_and_no_object_takes_others() -> None:
    assert len(list(all_properties(SCHEMA))) > 40
    for name, part in all_properties(SCHEMA):
        assert part["description"].endswith("."), name
    parts = [SCHEMA, *DEFS.values(), DISCONNECT, VIOLATE]
    closed = [part for part in parts if "properties" in part]
    assert len(closed) > 8
    assert all(part["additionalProperties"] is False for part in closed)
    assert DEFS["step"]["anyOf"][1]["additionalProperties"] is False


def test_every_example_is_one() -> None:
    checked = 0
    for part in [SCHEMA, *DEFS.values(), *(part for _, part in all_properties(SCHEMA))]:
        within = {"$defs": DEFS, **part}
        for example in part.get("examples", []):
            checked += 1
            assert jsonschema_rs.Draft202012Validator(within).is_valid(example), example
    assert checked > 20
    assert load(Source("example.json", json.dumps(SCHEMA["examples"][0])))


@pytest.mark.parametrize("name", BUNDLED)
def test_a_bundled_timeline_keeps_to_it(name: str) -> None:
    source = find(name)
    data = yaml_text.load(source).data
    assert complaints(data) == []
    assert engine().is_valid(data)
    for line in source.lines:
        if line.startswith("# yaml-language-server"):
            match = MODELINE.fullmatch(line)
            assert match is not None, line
            assert (resources.timeline_files()[name].parent / match[1]).resolve() == PATH.resolve()


@given(documents())
def test_a_legal_timeline_keeps_to_it(document: Document) -> None:
    assert engine().is_valid(document), complaints(document)


def timeline_or_none(source: Source) -> Timeline | None:
    try:
        return load(source)
    except MockServerError:
        return None


@given(mutations(st.sampled_from([find(name).text for name in BUNDLED]) | texts))
def test_whatever_the_loader_takes_keeps_to_it(text: str) -> None:
    source = Source("t.yaml", text)
    if timeline_or_none(source) is not None:
        data = yaml_text.load(source).data
        assert engine().is_valid(data), complaints(data)


# No key and no limit can be in one of the two alone.

JOB: Document = {"total_size_bytes": 0, "script": ["paused"]}


def known_keys(document: Document) -> set[str]:
    """What the loader names when it meets a key that it does not know."""
    with pytest.raises(TimelineError, match="unknown key 'zzzz'") as caught:
        load(Source("t.json", json.dumps(document)))
    return set(re.findall("`([^`]+)`", caught.value.expected or ""))


UNKNOWN: dict[str, Any] = {"zzzz": 1}


def with_fault(**members: Any) -> Document:
    return {"jobs": [JOB], "faults": [members]}


@pytest.mark.parametrize(
    ("document", "part"),
    [
        ({"jobs": [JOB], **UNKNOWN}, SCHEMA),
        ({"jobs": [JOB | UNKNOWN]}, DEFS["job"]),
        ({"jobs": [JOB], "good_client": UNKNOWN}, DEFS["good_client"]),
        (with_fault(**UNKNOWN), DEFS["fault"]),
        (with_fault(refuse=True, when=UNKNOWN, **UNKNOWN), DEFS["fault"]),
        (with_fault(delay="1s", when=UNKNOWN), DEFS["when"]),
        (with_fault(reply=UNKNOWN), DEFS["reply"]),
        (with_fault(disconnect=UNKNOWN), DISCONNECT),
        (with_fault(operation="job_status", violate=UNKNOWN), VIOLATE),
    ],
)
def test_the_loader_knows_the_same_keys(document: Document, part: dict[str, Any]) -> None:
    assert known_keys(document) == set(part["properties"])


@pytest.mark.parametrize("word", STEPS)
def test_the_loader_knows_the_same_keys_of_a_step(word: str) -> None:
    known = known_keys({"jobs": [{**JOB, "script": [{word: UNKNOWN}]}]})
    refused = {"report", "omit", "off_contract"} if word == "gone" else set()
    assert known - refused == set(refers_to(STEPS[word])["properties"])
    for key in refused:
        with pytest.raises(TimelineError, match="nothing is reported"):
            loaded({**JOB, "script": [{word: {key: True}}]})


def test_the_loader_knows_the_same_steps() -> None:
    with pytest.raises(TimelineError, match="unknown step") as caught:
        loaded({**JOB, "script": ["zzzz"]})
    assert (caught.value.expected or "").split(", ") == list(STEPS)
    bare = []
    for word in STEPS:
        if timeline_or_none(Source("t.json", json.dumps({"jobs": [{**JOB, "script": [word]}]}))):
            bare.append(word)
    assert bare == DEFS["step"]["anyOf"][0]["enum"]


def assert_words(words: list[str], with_word: Callable[[str], Document]) -> None:
    """The loader takes each of these words, and names them when it meets another."""
    for word in words:
        assert load(Source("t.json", json.dumps(with_word(word))))
    with pytest.raises(TimelineError) as caught:
        load(Source("t.json", json.dumps(with_word("zzzz"))))
    assert caught.value.expected == node.either(words)


def test_the_loader_takes_each_of_the_words_that_it_lists() -> None:
    assert SCHEMA["properties"]["edition"]["enum"] == list(resources.edition_names())
    operations = {
        name: edition
        for edition in resources.edition_names()
        for name in contract.edition(edition).operations
    }
    fault = DEFS["fault"]["properties"]
    assert set(fault["operation"]["enum"]) == set(operations)
    for name, edition in operations.items():
        assert loaded(JOB, edition=edition, faults=[{"operation": name, "delay": "1s"}])
    places, ways = (DISCONNECT["properties"][key] for key in ("at", "by"))
    ends = DEFS["good_client"]["properties"]["ends"]["enum"]
    assert_words(refers_to(places)["enum"], lambda at: with_fault(disconnect={"at": at}))
    assert_words(ways["enum"], lambda by: with_fault(disconnect={"by": by}))
    assert_words(fault["content_length"]["enum"], lambda word: with_fault(content_length=word))
    assert_words(ends, lambda end: {"jobs": [JOB], "good_client": {"ends": end, "does": "x"}})
    assert DEFS["rule"]["enum"] == [rule for rule in contract.RULES if ":" not in rule]
    for begins in DEFS["job"]["properties"]["begins"]["anyOf"][0]["enum"]:
        assert loaded({**JOB, "begins": begins})


def test_what_can_be_left_out_is_what_is_reported() -> None:
    downloading = JobState("a", "downloading", 2, 1, 0, 1.0, 0)
    completed = JobState("a", "completed", 2, 2, 0, completed_at_ms=0)
    members = [*job_payload(downloading), *job_payload(completed)]
    assert set(DEFS["omit"]["items"]["enum"]) == set(members)


def test_the_limits_are_the_loaders() -> None:
    job = DEFS["job"]["properties"]
    assert (
        job["copies"]["maximum"] == job_fields.MAX_JOBS == SCHEMA["properties"]["jobs"]["maxItems"]
    )
    assert job["script"]["maxItems"] == job_fields.MAX_STEPS
    assert DEFS["byte_count"]["maximum"] == node.MAX_INTEGER
    assert DEFS["when"]["properties"]["seed"]["maximum"] == node.MAX_INTEGER
    assert SCHEMA["properties"]["faults"]["maxItems"] == MAX_FAULTS
    longest = job["job_id"]["maxLength"]
    assert loaded({**JOB, "job_id": "x" * longest})
    with pytest.raises(TimelineError, match=f"{longest + 1} characters"):
        loaded({**JOB, "job_id": "x" * (longest + 1)})


MISTAKES: dict[str, Document] = data(__file__, "mistakes")


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_typical_mistake_is_marked(mistake: str) -> None:
    document = MISTAKES[mistake]
    with pytest.raises(TimelineError):
        load(Source("t.json", json.dumps(document)))
    assert not engine().is_valid(document)
    assert complaints(document) != []
