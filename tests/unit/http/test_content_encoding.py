"""Content-Encoding, whatever the pieces in which it comes."""

import gzip
import zlib
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.http.content_encoding import BadEncoding, Decoder, decoder_of

_PIECES = st.lists(st.integers(1, 40), max_size=30)


def pieces_of(data: bytes, sizes: Sequence[int]) -> list[bytes]:
    found = []
    for size in sizes:
        found.append(data[:size])
        data = data[size:]
    return [*found, data]


def decoded(coding: str, pieces: Sequence[bytes]) -> bytes:
    decoder = Decoder(coding)
    body = b"".join(part for piece in pieces for part in decoder.decoded(piece))
    decoder.end()
    return body


@given(bodies=st.lists(st.binary(max_size=300), min_size=1, max_size=3), sizes=_PIECES)
def test_gzip_in_any_pieces_and_members(bodies: list[bytes], sizes: list[int]) -> None:
    data = b"".join(map(gzip.compress, bodies))
    assert decoded("gzip", pieces_of(data, sizes)) == b"".join(bodies)


@given(body=st.binary(max_size=300), sizes=_PIECES)
def test_deflate_in_any_pieces(body: bytes, sizes: list[int]) -> None:
    assert decoded("deflate", pieces_of(zlib.compress(body), sizes)) == body


@given(body=st.binary(max_size=300), data=st.data())
def test_what_is_cut_off_is_bad(body: bytes, data: st.DataObject) -> None:
    whole = gzip.compress(body)
    kept = data.draw(st.integers(1, len(whole) - 1))
    with pytest.raises(BadEncoding, match="ends too early"):
        decoded("gzip", [whole[:kept]])


@given(st.binary(min_size=1).filter(lambda data: not data.startswith(b"\x1f")))
def test_anything_else_is_bad(data: bytes) -> None:
    with pytest.raises(BadEncoding, match="gzip data"):
        decoded("gzip", [data])


def test_a_bomb_comes_in_small_pieces() -> None:
    bomb = gzip.compress(bytes(30_000_000))
    sizes = [len(piece) for piece in Decoder("gzip").decoded(bomb)]
    assert (sum(sizes), max(sizes)) == (30_000_000, 64 * 1024)


def test_nothing_is_nothing() -> None:
    assert decoded("gzip", [b""]) == b""


@pytest.mark.parametrize("values", [[], [""], ["identity"], ["identity, ", "Identity"]])
def test_no_coding(values: list[str]) -> None:
    assert decoder_of(values) is None


@pytest.mark.parametrize("values", [["br"], ["gzip, gzip"], ["gzip", "deflate"], ["zstd"]])
def test_codings_that_were_not_asked_for(values: list[str]) -> None:
    with pytest.raises(BadEncoding, match="not asked for"):
        decoder_of(values)
