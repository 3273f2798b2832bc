"""Files of payloads: JSON documents out of files and pipes, one of a file or one a line."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from mockserver import files
from mockserver.contract import Violation
from mockserver.contract.validator import of_text
from mockserver.documents import json_text
from mockserver.errors import JsonTextError

_LINES_SUFFIXES = (".jsonl", ".ndjson")
_MAX_BYTES = 100 * 1024 * 1024
"""Recorded traffic may be large."""
_BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class PayloadDocument:
    """One JSON document of a file. `line` is where it begins, None where the file is one document.

    `fault` says why it is no JSON.
    """

    path: str
    line: int | None
    payload: object
    fault: Violation | None = None

    @property
    def recorded_as(self) -> str | None:
        """What kind of recorded traffic the file is, if it is any."""
        from mockserver.server_rules.traffic import kind_of

        return None if self.line is not None else kind_of(self.payload)


def read_payloads(path: str, *, as_lines: bool) -> Iterator[PayloadDocument]:
    """The documents of a file, of standard input with `-`; UnreadableFile above 100 MiB."""
    name = "<stdin>" if path == "-" else path
    if path == "-":
        body = files.read_standard_input(name, _MAX_BYTES)
    else:
        body = files.read_bytes(path, _MAX_BYTES)
    if as_lines or path.endswith(_LINES_SUFFIXES):
        yield from _lines(name, body)
        return
    try:
        yield PayloadDocument(name, None, json_text.loads(body, path=name))
    except JsonTextError as error:
        # A pipe has no ending that tells: several documents, each on its line, are JSON lines.
        if error.rule == "json:trailing" and error.line > 1 and not path.endswith(".json"):
            yield from _lines(name, body)
        else:
            yield _with_bom(name, body) or PayloadDocument(name, None, None, of_text(error))


def _with_bom(name: str, body: bytes) -> PayloadDocument | None:
    """Recorded traffic that begins with a byte order mark: some programs write HAR so."""
    if not body.startswith(_BOM):
        return None
    try:
        found = PayloadDocument(name, None, json_text.loads(body.removeprefix(_BOM), path=name))
    except JsonTextError:
        return None
    return found if found.recorded_as else None


def _lines(name: str, body: bytes) -> Iterator[PayloadDocument]:
    for number, line in enumerate(body.split(b"\n"), 1):
        if line.strip():
            try:
                yield PayloadDocument(name, number, json_text.loads(line, path=name))
            except JsonTextError as error:
                yield PayloadDocument(name, number, None, of_text(error))
