"""Base URLs, and what of them is shown."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.errors import BadAddress
from mockserver.remote.address import Credentials, read_address, without_credentials
from support.cases import table


@table(__file__, "addresses")
def test_addresses(text: str, shown: str) -> None:
    assert str(read_address(text)) == shown


def test_credentials_are_decoded() -> None:
    assert read_address("http://m%40e:w%3Ard@host").credentials == Credentials("m@e", "w:rd")


def test_paths_come_after_the_prefix() -> None:
    assert read_address("http://host/lm/").target("/api/v1/x") == "/lm/api/v1/x"


@table(__file__, "no-addresses")
def test_what_is_no_address(text: str, words: str) -> None:
    with pytest.raises(BadAddress) as caught:
        read_address(text)
    assert words in str(caught.value)


_SECRET = st.text(st.characters(exclude_characters="@"), min_size=3).map(lambda text: f"§{text}§")


@given(scheme=st.sampled_from(["http://", "socks5://", ""]), secret=_SECRET, end=st.text())
def test_credentials_are_never_shown(scheme: str, secret: str, end: str) -> None:
    text = f"{scheme}me:{secret}@{end}"
    assert secret not in without_credentials(text)
    try:
        told = str(read_address(text))
    except BadAddress as error:
        told = str(error)
    assert secret not in told


@given(st.text())
def test_any_text_is_an_address_or_none(text: str) -> None:
    try:
        address = read_address(text)
    except BadAddress:
        return
    assert read_address(str(address)) == read_address(str(read_address(str(address))))
