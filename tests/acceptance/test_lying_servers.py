"""Servers that are the mock but for one lie: each is found, by its own rule and by no other."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

import pytest

from mockserver.server_rules.catalogue import RULES
from support.liar import JOB, LIST, Job, Liar, Lie, Said, checked

Retort: TypeAlias = Callable[[Said], object]
TIMES = ("started_at", "completed_at", "estimated_completion")


def says(when: Callable[[Job, int], bool], said: dict[str, Any]) -> Lie:
    """Says this of a job in the rounds where that holds; None takes a member away."""

    def lie(job: Job, now: int) -> None:
        for name, value in said.items() if when(job, now) else ():
            if value is None:
                job.pop(name, None)
            else:
                job[name] = value(job) if callable(value) else value

    return lie


def at(number: int, **said: object) -> Lie:
    return says(lambda job, now: now == number, said)


def from_on(number: int, **said: object) -> Lie:
    return says(lambda job, now: now >= number, said)


def until(number: int, **said: object) -> Lie:
    return says(lambda job, now: now <= number, said)


def while_(status: str, /, **said: object) -> Lie:
    return says(lambda job, now: job["status"] == status, said)


def spelt(change: Callable[[Any], object], *names: str) -> Lie:
    """Writes these members in another way wherever they are."""
    return lambda job, now: job.update({name: change(job[name]) for name in names if name in job})


def renamed(old: str, new: str) -> Lie:
    return lambda job, now: job.update({new: job.pop(old)} if old in job else {})


def more(name: str, by: float) -> Callable[[Job], float]:
    return lambda job: job[name] + by


# What is shown of a job: the lie, and the rules that find it.
LIES: dict[str, tuple[Lie, str]] = {
    "a field is renamed": (renamed("job_id", "id"), "required unknown-field"),
    "a number is text": (spelt(str, "bytes_per_second"), "type"),
    "a total is null": (at(4, total_size_bytes=lambda job: [None]), "type"),
    "an id is a number": (spelt(lambda text: 1_759_505_603, "started_at"), "type"),
    "a time is words": (at(3, started_at="yesterday"), "format"),
    "a day is impossible": (at(3, started_at="2025-02-30T15:33:23.496Z"), "format"),
    "a time has no zone": (spelt(lambda text: text[:-1], *TIMES), "format"),
    "bytes fall once": (at(7, downloaded_bytes=1), "bytes-never-fall"),
    "more bytes than there are": (
        from_on(9, downloaded_bytes=more("total_size_bytes", 1)),
        "bytes-within-total never-completed",
    ),
    "negative bytes": (until(1, downloaded_bytes=-1), "negative-number"),
    "bytes with a fraction": (
        while_("downloading", downloaded_bytes=more("downloaded_bytes", 0.5)),
        "whole-bytes",
    ),
    "a negative speed": (while_("downloading", bytes_per_second=-5.0), "negative-number"),
    "the total changes": (
        at(6, total_size_bytes=more("total_size_bytes", 4096)),
        "total-is-constant",
    ),
    "the start changes": (at(6, started_at="2025-10-03T15:30:00.000Z"), "start-is-constant"),
    "the id changes": (at(6, job_id="job_0123456789"), "id-is-constant"),
    "an estimate lies in the past": (
        while_("downloading", estimated_completion="2025-10-02T15:33:23.500Z"),
        "eta-in-past times-in-order",
    ),
    "an estimate is years away": (
        while_("downloading", estimated_completion="2031-01-01T00:00:00.000Z"),
        "eta-absurd",
    ),
    "an estimate before the start": (
        from_on(0, started_at="2031-01-01T00:00:00.000Z"),
        "times-in-order time-in-future",
    ),
    "a lower-case z": (spelt(str.lower, *TIMES), "time-style"),
    "times with an offset": (spelt(lambda text: text[:-1] + "+00:00", *TIMES), "time-in-utc"),
    "times without milliseconds": (spelt(lambda text: text[:19] + "Z", *TIMES), "time-fraction"),
    "completed without a time": (while_("completed", completed_at=None), "required"),
    "completed, but not whole": (
        while_("completed", downloaded_bytes=more("total_size_bytes", -1)),
        "completed-is-whole",
    ),
    # The list's table of paused jobs does not have it at all.
    "a speed while it is paused": (while_("paused", bytes_per_second=1.5), "absent unknown-field"),
    "an undocumented status": (at(4, status="verifying"), "unknown-value"),
    "a status in capitals": (while_("downloading", status="DOWNLOADING"), "enum const"),
    "a status that is no text": (at(4, status=3), "enum const"),
    "an unknown member": (while_("downloading", progress=0.5), "unknown-field"),
    "a number beyond all doubles": (
        while_("downloading", bytes_per_second=float("inf")),
        "json:non-finite",
    ),
}
TIMELINES = {  # where that of a healthy download does not show the lie
    "more bytes than there are": "stalled-frozen-speed",
    "an estimate lies in the past": "slow-but-moving",
    "a speed while it is paused": "paused-then-resumed",
}


def in_job(name: str, value: object) -> Retort:
    """The job's own reply says otherwise than the list."""

    def retort(said: Said) -> None:
        if said.is_job and said.status.startswith("200"):
            said.json = {**said.json, name: value}

    return retort


def in_round(number: int, retort: Retort) -> Retort:
    return lambda said: retort(said) if said.number == number and said.is_job else None


def to_path(ending: str, retort: Retort) -> Retort:
    return lambda said: retort(said) if said.path.endswith(ending) else None


def status(line: str, payload: object | None = None) -> Retort:
    def retort(said: Said) -> None:
        said.status = line
        if payload is not None:
            said.json = payload

    return retort


def header(name: str, value: str) -> Retort:
    return lambda said: said.headers.update({name: value})


def body(change: Callable[[bytes], bytes]) -> Retort:
    def retort(said: Said) -> None:
        said.body = change(said.body)

    return retort


def of_lists(change: Callable[[dict[str, list[Job]]], dict[str, list[Job]]]) -> Retort:
    def retort(said: Said) -> None:
        if said.is_list:
            said.json = change(said.json)

    return retort


def added(members: bytes) -> Callable[[bytes], bytes]:
    return lambda text: text[:-1] + b", " + members + b"}"


MADE_UP: Job = {
    "status": "paused",
    "total_size_bytes": 2,
    "downloaded_bytes": 1,
    "started_at": "2025-10-03T15:33:23.496Z",
}
UNKNOWN = "job_0000000000"
UNEXPECTED = {"error": f"Unexpected endpoint or method. (GET {LIST})"}
ELSEWHERE = {"error": "Unexpected endpoint or method. (GET /api/v1/mockserver-check)"}
OBJECT = {"error": {"type": "internal_error", "message": "out of memory"}}
NO_KEY = {"error": {"type": "invalid_request", "code": "invalid_api_key", "message": "no"}}


def old_server(said: Said) -> None:
    status("200 OK", {"error": f"Unexpected endpoint or method. (GET {said.path})"})(said)


def web_page(said: Said) -> None:
    header("Content-Type", "text/html")(said)
    said.body = b"<html>"


def redirect(said: Said) -> None:
    status("302 FOUND")(said)
    header("Location", "/x")(said)


# What becomes of a whole reply: the lie, and the rules that find it.
RETORTS: dict[str, tuple[Retort, str]] = {
    "the list and the job disagree": (
        in_job("total_size_bytes", 5_000_000_000),
        "list-and-job-agree completed-is-whole",
    ),
    "a job is listed twice": (
        of_lists(lambda lists: {**lists, "downloading": lists["downloading"] * 2}),
        "job-listed-twice",
    ),
    "a list is missing": (
        of_lists(lambda lists: {key: lists[key] for key in lists if key != "failed"}),
        "required",
    ),
    "no list operation": (
        lambda said: status("404 NOT FOUND", UNEXPECTED)(said) if said.is_list else None,
        "list-missing",
    ),
    "200 with an error": (in_round(4, status("200 OK", OBJECT)), "error-in-200"),
    "a teapot": (in_round(4, status("418 I'M A TEAPOT", OBJECT)), "status-code"),
    "an error that is a list": (in_round(4, status("500 NO", {"error": ["x"]})), "status-code"),
    "an unknown job gets another's": (
        to_path(UNKNOWN, status("200 OK", {"job_id": JOB, "status": "paused"})),
        "id-is-constant",
    ),
    "a job is made up for an id that is none": (
        to_path(UNKNOWN, status("200 OK", {**MADE_UP, "job_id": UNKNOWN})),
        "status-code",
    ),
    "an unknown path gets something else": (
        to_path("check", status("200 OK", {"ok": True})),
        "unknown-path-status",
    ),
    "an unknown path breaks the server": (
        to_path("check", status("500 OH NO", OBJECT)),
        "unknown-path-status",
    ),
    "an unknown path gets 200": (
        to_path("check", status("200 OK", ELSEWHERE)),
        "unknown-path-status",
    ),
    "an old server": (old_server, "old-server"),
    "a job without an id in a list": (
        of_lists(lambda lists: {**lists, "paused": [*lists["paused"], {**MADE_UP, "job_id": ""}]}),
        "id-is-empty",
    ),
    "text that is called plain": (header("Content-Type", "text/plain"), "content-type"),
    "JSON in Latin-1": (
        header("Content-Type", "application/json; charset=latin-1"),
        "content-type",
    ),
    "a web page": (web_page, "html-page"),
    "a key twice": (in_round(3, body(added(b'"job_id": "x"'))), "json:duplicate-key"),
    "NaN": (in_round(3, body(added(b'"x": NaN'))), "json:non-finite"),
    "two documents": (in_round(3, body(lambda text: text * 2)), "json:trailing"),
    "half a document": (in_round(3, body(lambda text: text[:40])), "json:syntax"),
    "nothing": (in_round(3, body(lambda text: b"")), "json:empty"),
    "a byte order mark": (in_round(3, body(lambda text: b"\xef\xbb\xbf" + text)), "json:bom"),
    "UTF-16": (in_round(3, body(lambda text: text.decode().encode("utf-16"))), "json:encoding"),
    "half a surrogate": (in_round(3, body(added(b'"a": "\\ud800"'))), "json:surrogate"),
    "gzip garbage": (in_round(3, header("Content-Encoding", "gzip")), "bad-encoding"),
    "a redirect": (in_round(3, redirect), "redirect"),
    "a large body": (in_round(3, body(lambda text: text + b" " * (2 << 20))), "too-large"),
    "a token is wanted all at once": (
        in_round(3, status("401 UNAUTHORIZED", NO_KEY)),
        "token-refused",
    ),
}


@pytest.mark.parametrize("name", [*LIES, *RETORTS])
def test_a_lie_is_named(name: str) -> None:
    if name in LIES:
        lie, expected = LIES[name]
        liar = Liar(TIMELINES.get(name, "healthy"), lie)
    else:
        retort, expected = RETORTS[name]
        liar = Liar(retort=retort)
    assert {finding.rule.id for finding in checked(liar).findings} == set(expected.split())


def test_there_are_lies_enough() -> None:
    expected = [ids for _, ids in [*LIES.values(), *RETORTS.values()]]
    assert len(expected) >= 40
    assert {rule for ids in expected for rule in ids.split()} <= set(RULES)
