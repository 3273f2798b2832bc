"""Bodies followed as their bytes pass by, and heads read so that they can be forwarded."""

from hypothesis import given
from hypothesis import strategies as st

from mockserver.net.framing import BodyReader
from mockserver.net.raw_head import (
    MalformedMessage,
    encode_head,
    read_request_head,
    read_response_head,
)

_chunks = st.lists(st.binary(min_size=1, max_size=40), max_size=6)


@given(_chunks, st.data(), st.sampled_from([b"", b"X: 1\r\n", b"X: 1\r\nY: 2\r\n"]))
def test_chunks_are_followed_however_they_are_cut(
    chunks: list[bytes], data: st.DataObject, trailer: bytes
) -> None:
    wire = b"".join(b'%X;odd="1"\r\n%s\r\n' % (len(chunk), chunk) for chunk in chunks)
    wire += b"0\r\n" + trailer + b"\r\n"
    body, found, rest = BodyReader.framed_as("chunked"), b"", wire + b"GET /next"
    while not body.is_done:
        size = data.draw(st.integers(1, 10))
        used, payload = body.take(rest[:size])
        assert used == min(size, len(rest)) or body.is_done
        found, rest = found + payload, rest[used:]
    assert (found, rest) == (b"".join(chunks), b"GET /next")


@given(st.binary(max_size=60))
def test_whatever_comes_is_a_head_or_is_refused(data: bytes) -> None:
    for read in (read_request_head, read_response_head):
        for start in (b"", b"GET / HTTP/1.1\r\n", b"HTTP/1.1 200 OK\r\n"):
            try:
                head = read(start + data + b"\r\n\r\n")
                BodyReader.of_request(head)
                BodyReader.of_response(head, "GET").take(data)
            except MalformedMessage:
                continue
            assert encode_head(head.start, *head.forwarded_lines()).endswith(b"\r\n\r\n")
