from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.pages.curl import read


@pytest.mark.parametrize(
    ("command", "method", "path", "body"),
    [
        ("curl http://h/a/b", "GET", "/a/b", None),
        ("curl \\\n  http://h:1234/a", "GET", "/a", None),
        ("curl \\\r\n  http://h:1234/a", "GET", "/a", None),
        ("  curl 'http://h/a?b=c#d'  # comment\n", "GET", "/a", None),
        ("curl h/a", "GET", "/a", None),
        ("curl http://h", "GET", "/", None),
        ("curl http://h/a%2Fb%20c", "GET", "/a/b c", None),
        ("curl -s -S --fail http://h/a", "GET", "/a", None),
        ("curl -sSL http://h/a", "GET", "/a", None),
        ("curl -X DELETE http://h/a", "DELETE", "/a", None),
        ("curl -XPUT http://h/a", "PUT", "/a", None),
        ("curl -sX POST http://h/a", "POST", "/a", None),
        ("curl http://h/a --request POST", "POST", "/a", None),
        ("curl --request=POST http://h/a", "POST", "/a", None),
        ("curl http://h/a -d '{\"a\": 1}'", "POST", "/a", '{"a": 1}'),
        ("curl http://h/a -d'{}'", "POST", "/a", "{}"),
        ("curl http://h/a -d a=b --data c=d", "POST", "/a", "a=b&c=d"),
        ("curl http://h/a --json '{\n  \"a\": 1\n}'", "POST", "/a", '{\n  "a": 1\n}'),
        ("curl http://h/a --data-raw=x=y", "POST", "/a", "x=y"),
        ("curl http://h/a -d ''", "POST", "/a", ""),
        ("curl http://h/a --data=", "POST", "/a", ""),
        ("curl -X PATCH http://h/a --data-binary x", "PATCH", "/a", "x"),
        ('curl -H "Authorization: Bearer $KEY" http://h/a', "GET", "/a", None),
        ("curl -o out.json -m 5 -u me:secret --retry 3 http://h/a", "GET", "/a", None),
    ],
)
def test_reads(command: str, method: str, path: str, body: str | None) -> None:
    found = read(command)
    assert (found.method, found.path, found.body) == (method, path, body)


@pytest.mark.parametrize(
    ("command", "problem"),
    [
        ("", "no curl command"),
        ("# curl http://h", "no curl command"),
        ("wget http://h/a", "no curl command"),
        ("$ curl http://h/a", "no curl command"),
        ("curl", "no address"),
        ("curl -X POST", "no address"),
        ("curl -d http://h/a", "no address"),
        ("curl http://h/a http://h/b", "a second address, http://h/b"),
        ("curl http://h/a | jq", "a second address, |"),
        ("curl http://h/a -d '{", "No closing quotation"),
        ("curl 'http://[h/a'", "Invalid IPv6 URL"),
    ],
)
def test_refuses(command: str, problem: str) -> None:
    with pytest.raises(ValueError) as caught:  # noqa: PT011
        read(command)
    assert str(caught.value) == problem


@given(st.text() | st.lists(st.sampled_from(("-d", "-", "--", "=", "'", "h", "\\"))).map(" ".join))
def test_any_text_is_read_or_refused(text: str) -> None:
    with suppress(ValueError):
        assert read("curl " + text).path.startswith("/")
