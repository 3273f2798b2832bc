"""The JSON Schema of timeline files, for editors, and that it and the loader cannot drift apart."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
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


@pytest.mark.parametrize(
    ("document", "part"),
    [
        ({"jobs": [JOB], **UNKNOWN}, SCHEMA),
        ({"jobs": [JOB | UNKNOWN]}, DEFS["job"]),
        ({"jobs": [JOB], "good_client": UNKNOWN}, DEFS["good_client"]),
        ({"jobs": [JOB], "faults": [UNKNOWN]}, DEFS["fault"]),
        ({"jobs": [JOB], "faults": [{"refuse": True, "when": UNKNOWN} | UNKNOWN]}, DEFS["fault"]),
        ({"jobs": [JOB], "faults": [{"delay": "1s", "when": UNKNOWN}]}, DEFS["when"]),
        ({"jobs": [JOB], "faults": [{"reply": UNKNOWN}]}, DEFS["reply"]),
        ({"jobs": [JOB], "faults": [{"disconnect": UNKNOWN}]}, DISCONNECT),
        (
            {"jobs": [JOB], "faults": [{"operation": "job_status", "violate": UNKNOWN}]},
            VIOLATE,
        ),
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
    place, way = (DISCONNECT["properties"][key] for key in ("at", "by"))
    for words, key in ((refers_to(place)["enum"], "at"), (way["enum"], "by")):
        for word in words:
            assert loaded(JOB, faults=[{"disconnect": {key: word}}])
        with pytest.raises(TimelineError) as caught:
            loaded(JOB, faults=[{"disconnect": {key: "zzzz"}}])
        assert caught.value.expected == node.either(words)
    with pytest.raises(TimelineError) as caught:
        loaded(JOB, faults=[{"content_length": "zzzz"}])
    assert caught.value.expected == node.either(fault["content_length"]["enum"])
    assert DEFS["rule"]["enum"] == [rule for rule in contract.RULES if ":" not in rule]
    ends = DEFS["good_client"]["properties"]["ends"]["enum"]
    for word in ends:
        assert loaded(JOB, good_client={"ends": word, "does": "x"})
    with pytest.raises(TimelineError) as caught:
        loaded(JOB, good_client={"ends": "zzzz", "does": "x"})
    assert caught.value.expected == node.either(ends)
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


def with_job(**members: Any) -> Document:
    return {"jobs": [JOB | members]}


def with_script(*steps: Any, **members: Any) -> Document:
    return with_job(script=[*steps, "failed"], total_size_bytes=1_000, **members)


def with_fault(**members: Any) -> Document:
    return {"jobs": [JOB], "faults": [members]}


def with_good(**members: Any) -> Document:
    return {"jobs": [JOB], "good_client": {"ends": "either", "does": "x", **members}}


START = "2025-10-03T15:33:23.496Z"
MISTAKES: dict[str, Document] = {
    "nothing": {},
    "no job": {"jobs": []},
    "an unknown key": {"jobs": [JOB], "job": [JOB]},
    "an unknown key of a job": with_job(size=5),
    "an unknown edition": {"jobs": [JOB], "edition": "2025-11"},
    "an edition that is a number": {"jobs": [JOB], "edition": 2025},
    "a description that is a list": {"jobs": [JOB], "description": ["a"]},
    "a good client in words": {"jobs": [JOB], "good_client": "gives up"},
    "a good client with another end": with_good(ends="succeeds"),
    "a good client whose end is a list": with_good(ends=["success", "failure"]),
    "a good client that does nothing": with_good(does=" "),
    "a good client without its end": {"jobs": [JOB], "good_client": {"does": "x"}},
    "a good client without what it does": {"jobs": [JOB], "good_client": {"ends": "either"}},
    "no script": {"jobs": [{"total_size_bytes": 1}]},
    "no size": {"jobs": [{"script": ["paused"]}]},
    "an empty script": with_job(script=[]),
    "a script that is a word": with_job(script="paused"),
    "a size in words": with_job(total_size_bytes="2 GB"),
    "a size below zero": with_job(total_size_bytes=-1),
    "half a byte": with_job(total_size_bytes=0.5),
    "a size beyond 2^53": with_job(total_size_bytes=2**53),
    "an id with a slash": with_job(job_id="a/b"),
    "an empty id": with_job(job_id=""),
    "an id of dots": with_job(job_id=".."),
    "an id with a space before it": with_job(job_id=" a"),
    "a start without a zone": with_job(started_at="2025-10-03T15:33:23"),
    "a start in words": with_job(started_at="yesterday"),
    "a start that is too fine": with_job(started_at="2025-10-03T15:33:23.4967Z"),
    "two starts": with_job(started_at=START, begins="5s"),
    "a beginning in other words": with_job(begins="at once"),
    "yes for true": with_job(listed="yes"),
    "no copies at all": with_job(copies=0),
    "too many copies": with_job(copies=10_001),
    "copies with an id": with_job(copies=2, job_id="a"),
    "every without copies": with_job(every="5s"),
    "every on request": with_job(copies=2, every="5s", begins="on request"),
    "every with a start": with_job(copies=2, every="5s", started_at=START),
    "a wrong step": with_script("complete"),
    "a wrong step with settings": with_script({"pause": {"for": "5s"}}),
    "a step that is two": with_script({"paused": {"for": "5s"}, "failed": {"for": "5s"}}),
    "a step whose settings stand beside it": with_script({"downloading": None, "for": "5s"}),
    "a step that is a number": with_script(5),
    "a step of nothing": with_script({}),
    "a step without settings": with_script({"paused": {}}),
    "a bare download": with_script("downloading"),
    "a percentage without %": with_script({"downloading": {"for": "8s", "to": "40"}}),
    "a percentage in words": with_script({"downloading": {"for": "8s", "to": "40 percent"}}),
    "more than the whole": with_script({"downloading": {"for": "8s", "to": "101%"}}),
    "a share as a fraction": with_script({"downloading": {"for": "8s", "to": 0.4}}),
    "a duration without a unit": with_script({"paused": {"for": "8"}}),
    "a duration that is a number": with_script({"paused": {"for": 8}}),
    "a duration with a space": with_script({"paused": {"for": "8 s"}}),
    "a duration of nothing": with_script({"paused": {"for": "0s"}}),
    "a duration in the wrong order": with_script({"paused": {"for": "30s1m"}}),
    "an empty duration": with_script({"paused": {"for": ""}}),
    "a download without its time": with_script({"downloading": {"to": "40%"}}),
    "a download without its goal": with_script({"downloading": {"for": "8s"}}),
    "a download until an event": with_script(
        {"downloading": {"for": "8s", "to": "40%", "until": "go"}}
    ),
    "a hold with a goal": with_script({"downloading": {"hold": True, "to": "40%"}}),
    "an event with a space": with_script({"paused": {"until": "let it go"}}),
    "an event that is a number": with_script({"paused": {"until": 5}}),
    "a report of nothing": with_script({"paused": {"for": "1s", "report": {}}}),
    "a report that is a list": with_script({"paused": {"for": "1s", "report": ["a"]}}),
    "an unknown member left out": with_script({"paused": {"for": "1s", "omit": ["progress"]}}),
    "a word for a list": with_script({"paused": {"for": "1s", "omit": "status"}}),
    "a report of a job that is gone": with_script({"gone": {"for": "1s", "report": {"a": 1}}}),
    "a fault that does nothing": with_fault(operation="job_status"),
    "an unknown key of a fault": with_fault(dealy="1s"),
    "an unknown operation": with_fault(operation="status", delay="1s"),
    "an operation and a path": with_fault(operation="job_status", path="/", delay="1s"),
    "a path without a slash": with_fault(path="api", delay="1s"),
    "a delay without a unit": with_fault(delay=5),
    "another disconnect": with_fault(disconnect="after reply"),
    "an old word for a disconnect": with_fault(disconnect="during reply"),
    "a disconnect of nothing": with_fault(disconnect={}),
    "a disconnect in another way": with_fault(disconnect={"at": "in body", "by": "rst"}),
    "a reply before a disconnect": with_fault(disconnect="before headers", reply={"status": 200}),
    "a body after a disconnect": with_fault(disconnect={"by": "reset"}, drip="1s"),
    "no headers at all": with_fault(headers={}),
    "a header of two lines": with_fault(headers={"A": "b\nC: d"}),
    "the length as a header": with_fault(headers={"Content-Length": None}),
    "a rule that is broken by nobody": with_fault(violate="type"),
    "an unknown rule": with_fault(operation="job_status", violate="requird"),
    "a violation without a rule": with_fault(operation="job_status", violate={"pointer": ""}),
    "a pointer without a slash": with_fault(
        operation="job_status", violate={"rule": "type", "pointer": "job_id"}
    ),
    "a pointer with a stray tilde": with_fault(
        operation="job_status", violate={"rule": "type", "pointer": "/a~"}
    ),
    "a violation in a reply of one's own": with_fault(
        operation="job_status", violate="type", reply={"status": 200}
    ),
    "half a violation": with_fault(operation="job_status", violate="type", truncate="50%"),
    "the whole as its part": with_fault(truncate="100.0%"),
    "a part as a fraction": with_fault(truncate=0.4),
    "less than nothing": with_fault(truncate=-1),
    "two lengths": with_fault(truncate="40%", content_length="longer"),
    "a length as a number": with_fault(content_length=5),
    "drops without a unit": with_fault(drip=5),
    "a chance above 1": with_fault(delay="1s", when={"probability": 30}),
    "no chance": with_fault(delay="1s", when={"probability": "0.0%"}),
    "no chance as a share": with_fault(delay="1s", when={"probability": 0}),
    "a seed without a chance": with_fault(delay="1s", when={"seed": 1}),
    "a seed in words": with_fault(delay="1s", when={"probability": "5%", "seed": "a"}),
    "a refusal by chance": with_fault(refuse=True, when={"probability": "5%"}),
    "a refusal with a reply": with_fault(refuse=True, reply={"status": 503}),
    "a refusal of a request": with_fault(refuse=True, when={"request": 3}),
    "request 0": with_fault(delay="1s", when={"request": 0}),
    "a request in words": with_fault(delay="1s", when={"request": "third"}),
    "a reply of nothing": with_fault(reply={}),
    "a reply that is a status": with_fault(reply=503),
    "a status of its own": with_fault(reply={"status": 999}),
    "a header that is a number": with_fault(reply={"headers": {"Retry-After": 2}}),
    "a header with a space": with_fault(reply={"headers": {"Retry After": "2"}}),
    "the server's own header": with_fault(reply={"headers": {"content-length": "2"}}),
    "two bodies": with_fault(reply={"body": "x", "body_base64": "eA=="}),
    "half of a body in base64": with_fault(reply={"body_base64": "eA="}),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_typical_mistake_is_marked(mistake: str) -> None:
    document = MISTAKES[mistake]
    with pytest.raises(TimelineError):
        load(Source("t.json", json.dumps(document)))
    assert not engine().is_valid(document)
    assert complaints(document) != []
