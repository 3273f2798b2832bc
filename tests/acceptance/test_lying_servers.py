"""Servers that are the mock but for one lie: each is found, by its own rule and by no other."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import pytest

from mockserver.server_rules.catalogue import RULES
from support.liar import JOB, LIST, Job, Liar, Lie, Said, checked

Retort: TypeAlias = Callable[[Said], object]


def at(number: int, **said: object) -> Lie:
    """Says this in one round alone; None takes a member away."""

    def lie(job: Job, now: int) -> None:
        if now == number:
            change(job, said)

    return lie


def from_on(number: int, **said: object) -> Lie:
    """Says this in a round and ever after."""

    def lie(job: Job, now: int) -> None:
        if now >= number:
            change(job, said)

    return lie


def until(number: int, **said: object) -> Lie:
    """Says this up to a round."""

    def lie(job: Job, now: int) -> None:
        if now <= number:
            change(job, said)

    return lie


def change(job: Job, said: dict[str, object]) -> None:
    for name, value in said.items():
        if value is None:
            job.pop(name, None)
        else:
            job[name] = value(job) if callable(value) else value


def renamed(old: str, new: str) -> Lie:
    def lie(job: Job, now: int) -> None:
        if old in job:
            job[new] = job.pop(old)

    return lie


def while_downloading(**said: object) -> Lie:
    def lie(job: Job, now: int) -> None:
        if job["status"] == "downloading":
            change(job, said)

    return lie


def once_completed(**said: object) -> Lie:
    def lie(job: Job, now: int) -> None:
        if job["status"] == "completed":
            change(job, said)

    return lie


def spelt(name: str, change_it: object) -> Lie:
    def lie(job: Job, now: int) -> None:
        if name in job:
            assert callable(change_it)
            job[name] = change_it(job[name])

    return lie


TIMES = ("started_at", "completed_at", "estimated_completion")


def all_times(change_it: object) -> Lie:
    def lie(job: Job, now: int) -> None:
        for name in TIMES:
            spelt(name, change_it)(job, now)

    return lie


LIES: dict[str, tuple[str, Lie, str]] = {
    # What is shown: the timeline, the lie, and the finding.
    "a field is renamed": ("healthy", renamed("job_id", "id"), "required unknown-field"),
    "a number is text": ("healthy", spelt("bytes_per_second", str), "type"),
    "a total is null": ("healthy", at(4, total_size_bytes=lambda job: [None]), "type"),
    "an id is a number": ("healthy", spelt("started_at", lambda text: 1_759_505_603), "type"),
    "a time is words": ("healthy", at(3, started_at="yesterday"), "format"),
    "a day is impossible": ("healthy", at(3, started_at="2025-02-30T15:33:23.496Z"), "format"),
    "a time has no zone": ("healthy", all_times(lambda text: text[:-1]), "format"),
    "bytes fall once": ("healthy", at(7, downloaded_bytes=1), "bytes-never-fall"),
    "more bytes than there are": (
        "stalled-frozen-speed",
        from_on(9, downloaded_bytes=lambda job: job["total_size_bytes"] + 1),
        "bytes-within-total never-completed",
    ),
    "negative bytes": ("healthy", until(1, downloaded_bytes=-1), "negative-number"),
    "bytes with a fraction": (
        "healthy",
        while_downloading(downloaded_bytes=lambda job: job["downloaded_bytes"] + 0.5),
        "whole-bytes",
    ),
    "a negative speed": ("healthy", while_downloading(bytes_per_second=-5.0), "negative-number"),
    "the total changes": (
        "healthy",
        at(6, total_size_bytes=lambda job: job["total_size_bytes"] + 4096),
        "total-is-constant",
    ),
    "the start changes": (
        "healthy",
        at(6, started_at="2025-10-03T15:30:00.000Z"),
        "start-is-constant",
    ),
    "the id changes": ("healthy", at(6, job_id="job_0123456789"), "id-is-constant"),
    "an estimate lies in the past": (
        "slow-but-moving",
        while_downloading(estimated_completion="2025-10-02T15:33:23.500Z"),
        "eta-in-past times-in-order",
    ),
    "an estimate is years away": (
        "healthy",
        while_downloading(estimated_completion="2031-01-01T00:00:00.000Z"),
        "eta-absurd",
    ),
    "an estimate before the start": (
        "healthy",
        from_on(0, started_at="2031-01-01T00:00:00.000Z"),
        "times-in-order time-in-future",
    ),
    "a lower-case z": ("healthy", all_times(str.lower), "time-style"),
    "times with an offset": (
        "healthy",
        all_times(lambda text: text.replace("Z", "+00:00")),
        "time-in-utc",
    ),
    "times without milliseconds": (
        "healthy",
        all_times(lambda text: text[:19] + "Z"),
        "time-fraction",
    ),
    "completed without a time": ("healthy", once_completed(completed_at=None), "required"),
    "completed, but not whole": (
        "healthy",
        once_completed(downloaded_bytes=lambda job: job["total_size_bytes"] - 1),
        "completed-is-whole",
    ),
    "a speed while it is paused": (
        "paused-then-resumed",
        lambda job, now: job.update(bytes_per_second=1.5) if job["status"] == "paused" else None,
        "absent unknown-field",  # the list's table of paused jobs does not have it at all
    ),
    "an undocumented status": ("healthy", at(4, status="verifying"), "unknown-value"),
    "a status in capitals": (
        "healthy",
        while_downloading(status="DOWNLOADING"),
        "enum const",
    ),
    "a status that is no text": ("healthy", at(4, status=3), "enum const"),
    "an unknown member": ("healthy", while_downloading(progress=0.5), "unknown-field"),
    "a number beyond all doubles": (
        "healthy",
        while_downloading(bytes_per_second=float("inf")),
        "json:non-finite",
    ),
}


def in_job(name: str, value: object) -> Retort:
    """The job's own reply says otherwise than the list."""

    def retort(said: Said) -> None:
        if said.is_job and said.status.startswith("200"):
            job = said.json
            job[name] = value
            said.json = job

    return retort


def in_round(number: int, retort: Retort) -> Retort:
    def once(said: Said) -> None:
        if said.number == number and said.is_job:
            retort(said)

    return once


def status(line: str, payload: object | None = None) -> Retort:
    def retort(said: Said) -> None:
        said.status = line
        if payload is not None:
            said.json = payload

    return retort


def header(name: str, value: str) -> Retort:
    def retort(said: Said) -> None:
        said.headers[name] = value

    return retort


def body(change_it: Callable[[bytes], bytes]) -> Retort:
    def retort(said: Said) -> None:
        said.body = change_it(said.body)

    return retort


def of_lists(change_it: Callable[[dict[str, list[Job]]], object]) -> Retort:
    def retort(said: Said) -> None:
        if said.is_list:
            lists = said.json
            change_it(lists)
            said.json = lists

    return retort


def listed_twice(lists: dict[str, list[Job]]) -> None:
    lists["downloading"] *= 2


def with_empty_id(lists: dict[str, list[Job]]) -> None:
    lists["paused"].append({**MADE_UP, "job_id": ""})


def without_failed(lists: dict[str, list[Job]]) -> None:
    del lists["failed"]


MADE_UP: Job = {
    "status": "paused",
    "total_size_bytes": 2,
    "downloaded_bytes": 1,
    "started_at": "2025-10-03T15:33:23.496Z",
}
UNEXPECTED = {"error": f"Unexpected endpoint or method. (GET {LIST})"}
ELSEWHERE = {"error": "Unexpected endpoint or method. (GET /api/v1/mockserver-check)"}
OBJECT = {"error": {"type": "internal_error", "message": "out of memory"}}

RETORTS: dict[str, tuple[Retort, str]] = {
    # A whole reply: the lie, and the finding.
    "the list and the job disagree": (
        in_job("total_size_bytes", 5_000_000_000),
        "list-and-job-agree completed-is-whole",
    ),
    "a job is listed twice": (of_lists(listed_twice), "job-listed-twice"),
    "a list is missing": (of_lists(without_failed), "required"),
    "no list operation": (
        lambda said: status("404 NOT FOUND", UNEXPECTED)(said) if said.is_list else None,
        "list-missing",
    ),
    "200 with an error": (in_round(4, status("200 OK", OBJECT)), "error-in-200"),
    "a teapot": (in_round(4, status("418 I'M A TEAPOT", OBJECT)), "status-code"),
    "an error that is a list": (
        in_round(4, status("500 OH NO", {"error": ["x"]})),
        "status-code",
    ),
    "an unknown job gets another's": (
        lambda said: (
            status("200 OK", {"job_id": JOB, "status": "paused"})(said)
            if "job_0000000000" in said.path
            else None
        ),
        "id-is-constant",
    ),
    "a job is made up for an id that is none": (
        lambda said: (
            status("200 OK", {**MADE_UP, "job_id": "job_0000000000"})(said)
            if "job_0000000000" in said.path
            else None
        ),
        "status-code",
    ),
    "an unknown path gets something else": (
        lambda said: status("200 OK", {"ok": True})(said) if said.path.endswith("check") else None,
        "unknown-path-status",
    ),
    "an unknown path breaks the server": (
        lambda said: status("500 OH NO", OBJECT)(said) if said.path.endswith("check") else None,
        "unknown-path-status",
    ),
    "an old server": (
        lambda said: status(
            "200 OK", {"error": f"Unexpected endpoint or method. (GET {said.path})"}
        )(said),
        "old-server",
    ),
    "a job without an id in a list": (of_lists(with_empty_id), "id-is-empty"),
    "an unknown path gets 200": (
        lambda said: status("200 OK", ELSEWHERE)(said) if said.path.endswith("check") else None,
        "unknown-path-status",
    ),
    "text that is called plain": (header("Content-Type", "text/plain"), "content-type"),
    "JSON in Latin-1": (
        header("Content-Type", "application/json; charset=latin-1"),
        "content-type",
    ),
    "a web page": (
        lambda said: (header("Content-Type", "text/html")(said), body(lambda _: b"<html>")(said)),
        "html-page",
    ),
    "a key twice": (
        in_round(3, body(lambda one: one[:-1] + b', "job_id": "x"}')),
        "json:duplicate-key",
    ),
    "NaN": (in_round(3, body(lambda one: one[:-1] + b', "x": NaN}')), "json:non-finite"),
    "two documents": (in_round(3, body(lambda one: one * 2)), "json:trailing"),
    "half a document": (in_round(3, body(lambda one: one[:40])), "json:syntax"),
    "nothing": (in_round(3, body(lambda one: b"")), "json:empty"),
    "a byte order mark": (in_round(3, body(lambda one: b"\xef\xbb\xbf" + one)), "json:bom"),
    "UTF-16": (in_round(3, body(lambda one: one.decode().encode("utf-16"))), "json:encoding"),
    "half a surrogate": (
        in_round(3, body(lambda one: one[:-1] + b', "a": "\\ud800"}')),
        "json:surrogate",
    ),
    "gzip garbage": (in_round(3, header("Content-Encoding", "gzip")), "bad-encoding"),
    "a redirect": (
        in_round(3, lambda said: (status("302 FOUND")(said), header("Location", "/x")(said))),
        "redirect",
    ),
    "a large body": (in_round(3, body(lambda one: one + b" " * (2 << 20))), "too-large"),
    "a token is wanted all at once": (
        in_round(
            3,
            status(
                "401 UNAUTHORIZED",
                {"error": {"type": "invalid_request", "code": "invalid_api_key", "message": "no"}},
            ),
        ),
        "token-refused",
    ),
}


def rules(liar: Liar) -> set[str]:
    return {finding.rule.id for finding in checked(liar).findings}


@pytest.mark.parametrize("name", LIES)
def test_a_lie_about_a_job_is_named(name: str) -> None:
    timeline, lie, expected = LIES[name]
    assert rules(Liar(timeline, lie)) == set(expected.split())


@pytest.mark.parametrize("name", RETORTS)
def test_a_reply_that_lies_is_named(name: str) -> None:
    retort, expected = RETORTS[name]
    assert rules(Liar(retort=retort)) == set(expected.split())


def test_there_are_lies_enough() -> None:
    assert len(LIES) + len(RETORTS) >= 40
    found = [*(one[2] for one in LIES.values()), *(one[1] for one in RETORTS.values())]
    assert {word for words in found for word in words.split()} <= set(RULES)
