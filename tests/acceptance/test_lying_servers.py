"""Servers that are the mock but for one lie: each is found, by its own rule and by no other."""

import operator
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeAlias

import pytest
from ruamel.yaml import YAML

from mockserver.server_rules.inspector import RULES
from support.liar import Job, Liar, Lie, Said, checked

Retort: TypeAlias = Callable[[Said], object]
Entry: TypeAlias = dict[str, Any]

DATA = YAML(typ="safe", pure=True).load(Path(__file__).with_name("lies.yaml"))
ROUNDS = {"at": operator.eq, "from": operator.ge, "until": operator.le}
TIMES = ("started_at", "completed_at", "estimated_completion")


def lie_of(entry: Entry) -> Lie:
    word, _, when = entry["when"].partition(" ")

    def lie(job: Job, now: int) -> None:
        holds = job["status"] == when if word == "while" else ROUNDS[word](now, int(when))
        for name, value in entry["says"].items() if holds else ():
            if value is None:
                job.pop(name, None)
            else:
                job[name] = job[value["than"]] + value["by"] if isinstance(value, dict) else value

    return lie


def retort_of(entry: Entry) -> Retort:
    def retort(said: Said) -> None:
        is_round = said.is_job and said.number == entry.get("round")
        if said.path.endswith(entry.get("path", "")) and (is_round or "round" not in entry):
            said.status = entry.get("status", said.status)
            said.headers |= entry.get("headers", {})
            if "json" in entry:
                said.json = entry["json"]
            said.body = entry["body"].encode() if "body" in entry else said.body

    return retort


def spelt(change: Callable[[Any], object], *names: str) -> Lie:
    """Writes these members in another way wherever they are."""
    return lambda job, now: job.update({name: change(job[name]) for name in names if name in job})


def renamed(old: str, new: str) -> Lie:
    return lambda job, now: job.update({new: job.pop(old)} if old in job else {})


# What is shown of a job: the lie, and the rules that find it.
LIES: dict[str, tuple[Lie, str]] = {
    "a field is renamed": (renamed("job_id", "id"), "required unknown-field"),
    "a number is text": (spelt(str, "bytes_per_second"), "type"),
    "an id is a number": (spelt(lambda text: 1_759_505_603, "started_at"), "type"),
    "a time has no zone": (spelt(lambda text: text[:-1], *TIMES), "format"),
    "a lower-case z": (spelt(str.lower, *TIMES), "time-style"),
    "times with an offset": (spelt(lambda text: text[:-1] + "+00:00", *TIMES), "time-in-utc"),
    "times without milliseconds": (spelt(lambda text: text[:19] + "Z", *TIMES), "time-fraction"),
    **{name: (lie_of(entry), entry["rules"]) for name, entry in DATA["jobs"].items()},
}
MADE_UP = {**DATA["replies"]["a job is made up for an id that is none"]["json"], "job_id": ""}


def old_server(said: Said) -> None:
    said.status = "200 OK"
    said.json = {"error": f"Unexpected endpoint or method. (GET {said.path})"}


def list_missing(said: Said) -> None:
    if said.is_list:
        old_server(said)
        said.status = "404 NOT FOUND"


def another_total(said: Said) -> None:
    """The job's own reply says otherwise than the list."""
    if said.is_job and said.status.startswith("200"):
        said.json = {**said.json, "total_size_bytes": 5_000_000_000}


def in_round_3(change: Callable[[bytes], bytes]) -> Retort:
    def retort(said: Said) -> None:
        if said.is_job and said.number == 3:
            said.body = change(said.body)

    return retort


def added(members: bytes) -> Retort:
    return in_round_3(lambda text: text[:-1] + b", " + members + b"}")


def of_lists(change: Callable[[dict[str, list[Job]]], dict[str, list[Job]]]) -> Retort:
    def retort(said: Said) -> None:
        if said.is_list:
            said.json = change(said.json)

    return retort


# What becomes of a whole reply: the lie, and the rules that find it.
RETORTS: dict[str, tuple[Retort, str]] = {
    "the list and the job disagree": (another_total, "list-and-job-agree completed-is-whole"),
    "a job is listed twice": (
        of_lists(lambda lists: {**lists, "downloading": lists["downloading"] * 2}),
        "job-listed-twice",
    ),
    "a list is missing": (
        of_lists(lambda lists: {key: lists[key] for key in lists if key != "failed"}),
        "required",
    ),
    "no list operation": (list_missing, "list-missing"),
    "an old server": (old_server, "old-server"),
    "a job without an id in a list": (
        of_lists(lambda lists: {**lists, "paused": [*lists["paused"], MADE_UP]}),
        "id-is-empty",
    ),
    "a key twice": (added(b'"job_id": "x"'), "json:duplicate-key"),
    "NaN": (added(b'"x": NaN'), "json:non-finite"),
    "two documents": (in_round_3(lambda text: text * 2), "json:trailing"),
    "half a document": (in_round_3(lambda text: text[:40]), "json:syntax"),
    "a byte order mark": (in_round_3(lambda text: b"\xef\xbb\xbf" + text), "json:bom"),
    "UTF-16": (in_round_3(lambda text: text.decode().encode("utf-16")), "json:encoding"),
    "half a surrogate": (added(b'"a": "\\ud800"'), "json:surrogate"),
    "a large body": (in_round_3(lambda text: text + b" " * (2 << 20)), "too-large"),
    **{name: (retort_of(entry), entry["rules"]) for name, entry in DATA["replies"].items()},
}


@pytest.mark.parametrize("name", [*LIES, *RETORTS])
def test_a_lie_is_named(name: str) -> None:
    if name in LIES:
        lie, expected = LIES[name]
        # Where a healthy download does not show the lie, another timeline does.
        liar = Liar(DATA["jobs"].get(name, {}).get("timeline", "healthy"), lie)
    else:
        retort, expected = RETORTS[name]
        liar = Liar(retort=retort)
    assert {finding.rule.id for finding in checked(liar).findings} == set(expected.split())


def test_there_are_lies_enough() -> None:
    expected = [ids for _, ids in [*LIES.values(), *RETORTS.values()]]
    assert len(expected) >= 40
    assert {rule for ids in expected for rule in ids.split()} <= set(RULES)
