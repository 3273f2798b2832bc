"""Credentials in what the journal writes down."""

import json
import time
from urllib.parse import quote, unquote

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from mockserver.http.redaction import HIDDEN, Redaction, credential
from support.cases import table

SECRETS = st.text(
    st.characters(min_codepoint=33, max_codepoint=126), min_size=8, max_size=40
).filter(lambda secret: secret.lower() not in ("basic", "bearer", "digest", "token", "apikey"))
OTHERS = st.text(max_size=20)


def spellings(secret: str) -> list[str]:
    """The secret as URLs, forms and JSON may have it."""
    every = "".join(f"%{octet:02x}" for octet in secret.encode())
    return [
        secret,
        quote(secret, safe=""),
        quote(secret),
        quote(secret, safe="").lower() if secret.islower() else quote(secret, safe=""),
        every,
        every.upper(),
        every.replace("%", "%25"),
        json.dumps(secret)[1:-1],
        json.dumps(secret)[1:-1].replace("/", "\\/"),
        "".join(f"\\u{ord(character):04X}" for character in secret),
    ]


class TestRedaction:
    @table(__file__, "users-in-urls")
    def test_the_user_in_a_url_is_hidden(self, target: str, shown: str) -> None:
        assert Redaction().target(target) == shown
        assert Redaction().headers((("Referer", target),)) == (("Referer", shown),)

    @given(SECRETS, OTHERS, OTHERS, st.data())
    def test_a_known_secret_stays_nowhere(
        self, secret: str, before: str, after: str, data: st.DataObject
    ) -> None:
        spelt = data.draw(st.sampled_from(spellings(secret)))
        text = before + spelt + after
        redaction = Redaction([secret])
        body = redaction.body(text.encode("utf-8", "replace")).decode()
        header = redaction.headers((("X-Note", text),))[0][1]
        for shown in (body, redaction.target(text), header):
            kept = shown.replace(HIDDEN, "\0")
            assert HIDDEN in shown
            assert secret not in kept
            assert secret not in unquote(unquote(kept))

    def test_no_half_of_an_escape_is_left(self) -> None:
        secret = 'a\\b"c/d\\'
        body = json.dumps([f"{secret} {secret}"]).encode()
        assert json.loads(Redaction([secret]).body(body)) == [f"{HIDDEN} {HIDDEN}"]

    @pytest.mark.parametrize(
        ("text", "shown"),
        [
            ("/api/v1/t/part?t=t", "/api/v1/[hidden]/part?[hidden]=[hidden]"),
            ("latest test", "latest test"),
            ("t", "[hidden]"),
        ],
    )
    def test_a_short_one_is_hidden_where_it_stands_by_itself(self, text: str, shown: str) -> None:
        assert Redaction(["t"]).text(text) == shown
        assert Redaction(["t"]).body(text.encode()) == shown.encode()

    @given(st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=11, max_size=40))
    def test_nor_do_the_characters_that_a_refusal_repeats(self, secret: str) -> None:
        assert secret[:10] not in HIDDEN
        message = f"Malformed or unknown API token: {secret[:10]}***".encode()
        assert secret[:10].encode() not in Redaction([secret]).body(message).split(b": ")[1]

    @given(OTHERS)
    def test_without_secrets_nothing_is_touched(self, text: str) -> None:
        assume("=" not in text)
        assert Redaction().target(text) == text
        assert Redaction(["", "Bearer"]).headers((("X-Note", text),)) == (("X-Note", text),)

    @table(__file__, "secret-headers")
    def test_headers_are_hidden_by_their_names(self, name: str, value: str, shown: str) -> None:
        assert Redaction().headers(((name, value),)) == ((name, shown),)

    @table(__file__, "secret-parameters")
    def test_parameters_are_hidden_by_their_names(self, query: str, shown: str) -> None:
        assert Redaction().target(query) == shown

    @table(__file__, "secret-members")
    def test_members_are_hidden_by_their_names(self, body: str, shown: str) -> None:
        assert Redaction().body(body.encode()).decode() == shown

    def test_a_very_long_secret_is_hidden_and_costs_little(self) -> None:
        secret = "sk-" + "a1B2" * 16_000
        began = time.perf_counter()
        body = Redaction([secret]).body(b'{"said": "' + secret.encode() + b'"}')
        assert time.perf_counter() - began < 5
        assert body == b'{"said": "[hidden]"}'

    @pytest.mark.parametrize("body", [b'"' * 300_000, b'"token' * 100_000, b"\\" * 500_000])
    def test_no_body_makes_it_slow(self, body: bytes) -> None:
        began = time.perf_counter()
        Redaction(["abcd"]).body(body)
        Redaction(["abcd"]).target(body.decode())
        assert time.perf_counter() - began < 5


class TestCredential:
    @pytest.mark.parametrize(
        ("value", "found"),
        [
            ("Bearer a b", "a b"),
            (" Bearer  a ", "a"),
            ("abc", "abc"),
            ("Bearer ", "Bearer"),
            ("", ""),
        ],
    )
    def test_it_is_what_follows_the_scheme(self, value: str, found: str) -> None:
        assert credential(value) == found
