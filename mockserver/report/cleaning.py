"""What a client prints, as a document can hold it."""

from __future__ import annotations

import re

__all__ = ["encodable", "holdable"]

_SURROGATES = re.compile("[\ud800-\udfff]")
_NOT_IN_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def encodable(text: str) -> str:
    """The text with U+FFFD in place of what UTF-8 cannot write."""
    return _SURROGATES.sub("\N{REPLACEMENT CHARACTER}", text)


def holdable(text: str) -> str:
    """The text with U+FFFD in place of what neither XML nor HTML can hold."""
    return _NOT_IN_XML.sub("\N{REPLACEMENT CHARACTER}", text)
