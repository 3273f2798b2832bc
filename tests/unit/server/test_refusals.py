"""Who may ask: the control API's guard."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.server.refusals import control_refusal
from support.cases import table

TOKEN = "s3cr3t-token"


def status(
    host: str | None = "127.0.0.1:1234",
    origin: str | None = None,
    authorization: str | None = None,
    *,
    token: str | None = None,
) -> int:
    refusal = control_refusal(token, host, origin, authorization)
    return 200 if refusal is None else refusal[0]


@table(__file__, "loopback-hosts")
def test_loopback_names_pass(host: str) -> None:
    assert status(host) == 200


@table(__file__, "other-hosts")
def test_any_other_host_is_refused(host: str | None) -> None:
    assert status(host) == 403


@given(st.text())
def test_no_text_brings_it_down(text: str) -> None:
    assert status(text) in (200, 403)
    assert status(origin=text) in (200, 403)
    assert status(authorization=text, token=TOKEN) == 401


@table(__file__, "other-origins")
@pytest.mark.parametrize("token", [None, TOKEN])
def test_a_page_of_another_origin_never_passes(origin: str, token: str | None) -> None:
    assert status(origin=origin, authorization=f"Bearer {TOKEN}", token=token) == 403


def test_a_page_of_a_rebound_name_does_not_pass_either() -> None:
    assert status("evil.example:1234", "http://evil.example:1234") == 403


def test_a_page_of_the_servers_own_passes() -> None:
    assert status("LOCALHOST:1234", "http://localhost:1234") == 200


@table(__file__, "authorizations")
@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1", None])
def test_with_a_token_each_request_bears_it(
    host: str | None, authorization: str | None, expected: int
) -> None:
    assert status(host, authorization=authorization, token=TOKEN) == expected


def test_a_refusal_says_what_to_do_and_never_the_token() -> None:
    missing = control_refusal(TOKEN, "a", None, None)
    wrong = control_refusal(TOKEN, "a", None, "Bearer x")
    assert missing is not None
    assert wrong is not None
    assert missing[1].startswith("there is no Authorization header with the control token: send '")
    assert wrong[1].startswith("the Authorization is not the control token: send 'Authorization:")
    assert TOKEN not in missing[1] + wrong[1]
    host = control_refusal(None, "evil.example", None, None)
    assert host is not None
    assert "Host 'evil.example' is refused" in host[1]
