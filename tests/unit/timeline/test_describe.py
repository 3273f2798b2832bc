"""A fault in a few words, beside the request that it struck."""

from __future__ import annotations

from typing import Any

import pytest

from mockserver.faults.fault import Fault
from mockserver.faults.reply import Reply
from mockserver.timeline.find import find
from mockserver.timeline.reader import load


@pytest.mark.parametrize(
    ("status", "body", "words"),
    [
        (200, {"error": "Unexpected endpoint"}, "200 OK with an error"),
        (200, {"error": None, "status": "downloading"}, "200 OK with another body"),
        (201, "<html>", "201 Created with another body"),
        (200, None, "200 OK"),
        (200, b"{", "200 OK, 1 byte of one's own"),
        (503, {"error": "Busy"}, "503 Service Unavailable"),
    ],
)
def test_success_in_the_status_alone_is_told_from_the_body(
    status: int, body: Any, words: str
) -> None:
    assert Fault((Reply(status, {}, body),)).effects_in_words() == words


def test_200_with_an_error_is_not_just_200() -> None:
    (fault,) = load(find("error-with-200")).faults
    assert fault.words() == "3rd to 4th job_status request: 200 OK with an error"
