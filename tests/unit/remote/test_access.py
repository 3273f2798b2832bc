"""What is shown to a server, and what of it is written down."""

import shlex

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.errors import BadHeader
from mockserver.http.message import Request
from mockserver.remote.access import Access, curl_command
from mockserver.remote.address import read_address
from mockserver.remote.fetch import for_download, for_job

HERE = read_address("http://127.0.0.1:1234")
WITH_PASSWORD = read_address("http://me:pass-word@127.0.0.1:1234")


def curl(access: Access, path: str = "/x") -> str:
    return curl_command(access, HERE, Request("GET", path))


def test_a_token_goes_into_the_header() -> None:
    assert Access(token="abc").sent_headers(HERE) == (("Authorization", "Bearer abc"),)


def test_credentials_of_the_url_do_too() -> None:
    sent = Access().sent_headers(WITH_PASSWORD)
    assert sent == (("Authorization", "Basic bWU6cGFzcy13b3Jk"),)


def test_a_header_of_the_users_own_comes_first() -> None:
    own = (("authorization", "Token x"),)
    assert Access(token="abc", headers=own).sent_headers(WITH_PASSWORD) == own


def test_a_command_without_secrets() -> None:
    access = Access(headers=(("Accept", "a b"), ("X-Api-Key", "hidden")), token="hidden")
    assert curl(access) == (
        "curl -H 'Accept: a b' -H \"X-Api-Key: $X_API_KEY\" "
        '-H "Authorization: Bearer $LM_API_TOKEN" http://127.0.0.1:1234/x'
    )


def test_a_command_by_way_of_a_proxy() -> None:
    access = Access(proxy="http://me:hidden@proxy:1", cacert="my ca.pem", cert="c", key="k")
    assert curl(access).startswith("curl -x http://proxy:1 --cacert 'my ca.pem' --cert c --key k ")


def test_a_command_with_a_body() -> None:
    asked = for_download("it's").request
    command = curl_command(Access(), HERE, asked)
    words = shlex.split(command)
    assert words[-3:-1] == ["-d", '{"model": "it\'s"}']
    assert "-X" not in words


_PRINTABLE = st.text(st.characters(min_codepoint=33, max_codepoint=126))


@given(_PRINTABLE.map(lambda text: f"§{text}§".replace("§", "Vq3~")))
def test_secrets_are_found_however_they_come_back(secret: str) -> None:
    access = Access(token=secret, headers=(("Cookie", f"a={secret}z; b={secret}y"),))
    hidden = access.redaction(HERE)
    own = Access(headers=(("Authorization", f"Bearer {secret}"),)).redaction(HERE)
    assert secret.encode() not in own.body(b"[" + secret.encode())
    for text in (f"x{secret}x", f"x{secret}z", f"{secret}y", f"Bearer {secret}"):
        assert secret.encode() not in hidden.body(b"[" + text.encode())
    assert "Vq3~" not in repr(access)


def test_a_short_one_is_not_looked_for() -> None:
    assert Access(token="1").redaction(HERE).body(b'{"a": 11}') == b'{"a": 11}'


FRAMING = [("Content-Length", "5"), ("transfer-encoding", "5"), ("Connection", "5")]


@pytest.mark.parametrize(
    ("name", "value"),
    [("X Y", "a"), ("", "a"), ("X", "a\r\nY: b"), ("X", "ü"), ("X:", "a"), *FRAMING],
)
def test_headers_that_cannot_be(name: str, value: str) -> None:
    with pytest.raises(BadHeader):
        Access(headers=((name, value),))


def test_a_token_that_cannot_be_is_not_told() -> None:
    with pytest.raises(BadHeader) as caught:
        Access(token="sécret")
    assert "cret" not in str(caught.value)


@given(st.text(min_size=1))
def test_an_id_is_one_segment(job_id: str) -> None:
    asked = for_job(job_id).request
    assert asked.path.count("/") == 6
    assert asked.path.rpartition("/")[2] not in ("", ".", "..")
    assert asked.path.isascii()
