"""Bodies out of their Content-Encoding, in pieces, so that whoever reads can stop."""

import zlib
from collections.abc import Iterator, Sequence

ACCEPTED = "gzip, deflate"
"""What a request says in Accept-Encoding."""

_PIECE = 64 * 1024
_WINDOWS = {"gzip": 16 + zlib.MAX_WBITS, "x-gzip": 16 + zlib.MAX_WBITS, "deflate": zlib.MAX_WBITS}


class BadEncoding(Exception):
    """Bytes that are not what their Content-Encoding says; half a sentence."""


class Decoder:
    """Takes a coding off a stream of bytes."""

    def __init__(self, coding: str) -> None:
        self._coding = coding
        self._inflate = zlib.decompressobj(_WINDOWS[coding])
        self._has_begun = False

    def decoded(self, data: bytes) -> Iterator[bytes]:
        """What comes with these bytes, in pieces of at most 64 KiB; BadEncoding for wrong ones."""
        while data:
            if self._inflate.eof:  # gzip may have several members
                self._inflate = zlib.decompressobj(_WINDOWS[self._coding])
            self._has_begun = True
            try:
                piece = self._inflate.decompress(data, _PIECE)
            except zlib.error:
                raise BadEncoding(f"its body is not the {self._coding} data it says") from None
            data = self._inflate.unconsumed_tail or self._inflate.unused_data
            if piece:
                yield piece

    def end(self) -> None:
        """Say that nothing more comes: BadEncoding when something is missing."""
        if self._has_begun and not self._inflate.eof:
            raise BadEncoding(f"its {self._coding} data ends too early")


def decoder_of(values: Sequence[str]) -> Decoder | None:
    """What Content-Encoding headers ask for; None where the body is as it is.

    BadEncoding for one that was not asked for, and for one in the other.
    """
    named = [part.strip().lower() for value in values for part in value.split(",")]
    codings = [coding for coding in named if coding not in ("", "identity")]
    if not codings:
        return None
    if len(codings) > 1 or codings[0] not in _WINDOWS:
        shown = ", ".join(codings)[:60]
        raise BadEncoding(f"its Content-Encoding is {shown!r}, which was not asked for")
    return Decoder(codings[0])
