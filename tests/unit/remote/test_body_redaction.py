"""Secrets in bodies: gone from text, and no change to the numbers, words and times of JSON."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.http.message import Request
from mockserver.http.redaction import Redaction
from mockserver.remote.access import Access, curl_command
from mockserver.remote.address import read_address

HERE = read_address("http://127.0.0.1:1234")
TIME = "2025-10-03T15:33:23.496Z"

secrets = st.one_of(
    st.text("0123456789.eE+-", min_size=4, max_size=12),
    st.sampled_from(["true", "null", "false"]),
    st.text("abcXYZ019", min_size=4, max_size=12),
)
payloads = st.recursive(
    st.none() | st.booleans() | st.integers() | st.just(TIME) | st.text('ab019 "\\', max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("ab"), inner, max_size=3),
    max_leaves=8,
)


@given(secrets, payloads)
def test_json_stays_json_and_says_the_same_but_in_strings(secret: str, payload: object) -> None:
    body = json.dumps([payload, 1000, 1234567890, True, None, TIME, f"said {secret} once"])
    hidden = json.loads(Redaction([secret]).reply_body(body.encode()))
    assert hidden[1:6] == [1000, 1234567890, True, None, TIME]
    assert secret not in hidden[6]


@pytest.mark.parametrize("secret", ["1000", "1234567890", "sk-lm-Vq3xR8tK"])
def test_what_is_no_json_is_searched_all_over(secret: str) -> None:
    assert secret.encode() not in Redaction([secret]).reply_body(b"no: " + secret.encode())


def test_members_that_go_by_a_secrets_name_are_hidden() -> None:
    body = Redaction().reply_body(b'{"password": "swordfish"}')
    assert json.loads(body) == {"password": "[hidden]"}


@pytest.mark.parametrize("name", ["Ocp-Apim-Subscription-Key", "X-Team", "CF-Access-Client-Id"])
def test_a_header_of_any_name_is_kept_secret(name: str) -> None:
    access = Access(headers=((name, "Vq3xR8tKw7"), ("Accept-Language", "de-CH, en")))
    command = curl_command(access, HERE, Request("GET", "/x"))
    assert "Vq3xR8tKw7" not in command
    assert "Accept-Language: de-CH, en" in command
    assert b"Vq3xR8tKw7" not in access.redaction(HERE).reply_body(b'{"a": "Vq3xR8tKw7"}')
    assert "Vq3xR8tKw7" not in access.redaction(HERE).target("/x?a=Vq3xR8tKw7")


def test_a_header_that_is_a_word_of_the_pages_changes_no_reply() -> None:
    body = b'{"status": "completed"}'
    assert Access(headers=(("X-Stage", "completed"),)).redaction(HERE).reply_body(body) == body
