"""Text of clients and servers, as each kind of document can hold it."""

from __future__ import annotations

import re

# What a program printed that is no UTF-8 comes as lone surrogates; JSON and HTML are UTF-8.
_SURROGATES = re.compile("[\ud800-\udfff]")
# XML has no form for these, not even an escaped one.
_NOT_IN_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_WORKFLOW_COMMAND = re.compile(r"^(\s*:)(?=:)|(##)(?=\[)", re.MULTILINE)


def utf8_safe(text: str) -> str:
    """The text with U+FFFD in place of what UTF-8 cannot write."""
    return _SURROGATES.sub("\N{REPLACEMENT CHARACTER}", text)


def xml_safe(text: str) -> str:
    """The text with U+FFFD in place of what neither XML nor HTML can hold."""
    return _NOT_IN_XML.sub("\N{REPLACEMENT CHARACTER}", text)


def inert(text: str) -> str:
    """The text without workflow commands: a space breaks up `::` that begins a line, and `##[`.

    GitHub obeys both in whatever a step prints, also when a server has written it.
    """
    return _WORKFLOW_COMMAND.sub(lambda match: match[0] + " ", text)


def workflow_message(text: str) -> str:
    """A workflow command's message, escaped as GitHub's own toolkit does it; `%` goes first."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def workflow_property(text: str) -> str:
    """A property's value, which may hold neither the end of its list nor the next one."""
    return workflow_message(text).replace(":", "%3A").replace(",", "%2C")
