from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.pages.examples import curl_request as read
from support.cases import table


@table(__file__, "curl")
def test_reads(command: str, method: str, path: str, body: str | None) -> None:
    found = read(command)
    assert (found.method, found.path, found.body) == (method, path, body)


@table(__file__, "no-curl")
def test_refuses(command: str, problem: str) -> None:
    with pytest.raises(ValueError) as caught:  # noqa: PT011
        read(command)
    assert str(caught.value) == problem


@given(st.text() | st.lists(st.sampled_from(("-d", "-", "--", "=", "'", "h", "\\"))).map(" ".join))
def test_any_text_is_read_or_refused(text: str) -> None:
    with suppress(ValueError):
        assert read("curl " + text).path.startswith("/")
