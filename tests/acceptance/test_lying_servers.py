"""Servers that are the mock but for one lie: each is found, by its own rule and by no other."""

from __future__ import annotations

import pytest

from acceptance.liar import JOB, LIST, Job, Liar, Lie, Said, checked
from mockserver.conformance.catalogue import RULES


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
    "a field is renamed": ("healthy", renamed("job_id", "id"), "required"),
    "a number is text": ("healthy", spelt("bytes_per_second", str), "type"),
    "a total is null": ("healthy", at(4, total_size_bytes=lambda job: [None]), "type"),
    "an id is a number": ("healthy", spelt("started_at", lambda text: 1_759_505_603), "type"),
    "a time is words": ("healthy", at(3, started_at="yesterday"), "format"),
    "a day is impossible": ("healthy", at(3, started_at="2025-02-30T15:33:23.496Z"), "format"),
    "a time has no zone": ("healthy", all_times(lambda text: text[:-1]), "format"),
    "bytes fall once": ("healthy", at(7, downloaded_bytes=1), "bytes-never-fall"),
    "more bytes than there are": (
        "healthy",
        at(5, downloaded_bytes=lambda job: job["total_size_bytes"] + 1),
        "bytes-within-total",
    ),
    "negative bytes": ("healthy", at(1, downloaded_bytes=-1), "negative-number"),
    "bytes with a fraction": (
        "healthy",
        spelt("downloaded_bytes", lambda number: number + 0.5),
        "whole-bytes",
    ),
    "a negative speed": ("healthy", while_downloading(bytes_per_second=-5.0), "negative-number"),
    "the total changes": (
        "healthy",
        from_on(6, total_size_bytes=lambda job: job["total_size_bytes"] + 4096),
        "total-is-constant",
    ),
    "the start changes": (
        "healthy",
        at(6, started_at="2025-10-03T15:30:00.000Z"),
        "start-is-constant",
    ),
    "the id changes": ("healthy", at(6, job_id="job_0123456789"), "id-is-constant"),
    "an estimate lies in the past": (
        "healthy",
        while_downloading(estimated_completion="2025-10-03T15:33:23.500Z"),
        "eta-in-past",
    ),
    "an estimate is years away": (
        "healthy",
        while_downloading(estimated_completion="2031-01-01T00:00:00.000Z"),
        "eta-absurd",
    ),
    "an estimate before the start": (
        "healthy",
        at(3, started_at="2031-01-01T00:00:00.000Z"),
        "times-in-order",
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
    "completed, but not whole": ("healthy", once_completed(downloaded_bytes=9), "completed-is-whole"),
    "a speed while it is paused": (
        "paused-then-resumed",
        lambda job, now: job.update(bytes_per_second=1.5) if job["status"] == "paused" else None,
        "absent",
    ),
    "an undocumented status": ("healthy", at(4, status="verifying"), "unknown-value"),
    "a status that is no text": ("healthy", at(4, status=3), "enum"),
    "an unknown member": ("healthy", while_downloading(progress=0.5), "unknown-field"),
    "a number beyond all doubles": (
        "healthy",
        while_downloading(bytes_per_second=float("inf")),
        "json:non-finite",
    ),
}


def ids(liar: Liar) -> set[str]:
    return {finding.rule.id for finding in checked(liar).findings}


@pytest.mark.parametrize("name", LIES)
def test_a_lie_about_a_job_is_named(name: str) -> None:
    timeline, lie, rule = LIES[name]
    assert ids(Liar(timeline, lie)) == {rule}
