"""JSON text -> plain data, strictly: what breaks a rule of JSON is named, placed and refused.

Text in good order is read by the standard library's C scanner. Only when that objects does the
scanner in `json_scanner` read the text again to find the rule and the place.
"""

import json
import math
import re
from itertools import chain
from typing import Any

from mockserver.documents.json_scanner import MAX_DEPTH, MAX_INTEGER_DIGITS, SURROGATE, Scanner
from mockserver.documents.source import JsonValue
from mockserver.errors import JsonTextError

# A high surrogate's escape without a low one after it, or a low one without a high one before it.
# An escaped backslash before `ud…` could mislead it, so that counts as suspect as well.
_SUSPECT_ESCAPE = re.compile(
    r"\\u[dD][89abAB]..(?!\\u[dD][c-fC-F])"
    r"|(?<!\\u[dD][89abAB]..)\\u[dD][c-fC-F]"
    r"|\\\\u[dD]"
)

_BOXES = frozenset((list, dict))


def loads(body: bytes | str, *, path: str = "<body>") -> JsonValue:
    """The value that the body holds; numbers with a fraction or an exponent become floats.

    Raises JsonTextError, whose `rule` is one of `json_scanner.RULES`, and whose `pointer` says
    which part of the document is at fault ("" for the whole). `path` names the body in it.
    """
    text = body if isinstance(body, str) else _decoded(body, path)
    try:
        try:
            value: JsonValue = _decoder.decode(text)
        except (ValueError, RecursionError) as error:
            out_of_stack = isinstance(error, RecursionError)
            Scanner(text, path).run()
        else:
            if _is_suspect(text, value):
                Scanner(text, path).run()
            return value
    except RecursionError:
        out_of_stack = True
    # Within our limits, yet not within those of this process: our caller has used up the stack, or
    # the interpreter is set to convert fewer digits.
    if out_of_stack:
        rule, problem = "json:depth", "nested too deep for what is left of the stack"
    else:
        rule, problem = "json:number", "an integer too long for this interpreter's setting"
    raise Scanner(text, path).fault(rule, 0, problem)


def loads_or_none(body: bytes | str) -> Any:
    """The value that the body holds; None where it is not strictly JSON."""
    try:
        return loads(body)
    except JsonTextError:
        return None


# What the C scanner hands over here may be what JSON does not allow.
def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError
    return members


def _integer(text: str) -> int:
    if len(text) > MAX_INTEGER_DIGITS and len(text.lstrip("-")) > MAX_INTEGER_DIGITS:
        raise ValueError
    return int(text)


def _float(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise ValueError
    return value


_decoder = json.JSONDecoder(
    object_pairs_hook=_object, parse_int=_integer, parse_float=_float, parse_constant=_float
)


def _is_suspect(text: str, value: JsonValue) -> bool:
    """Whether a text that the C scanner accepts may still break a rule that it does not know."""
    if text.count("[") + text.count("{") > MAX_DEPTH and _is_too_deep(value):
        return True
    if "\\u" in text and _SUSPECT_ESCAPE.search(text):
        return True
    return not text.isascii() and SURROGATE.search(text) is not None


def _is_too_deep(value: JsonValue) -> bool:
    level: list[Any] = [value]
    for _ in range(MAX_DEPTH):
        boxes = (box.values() if type(box) is dict else box for box in level if type(box) in _BOXES)
        level = [child for child in chain.from_iterable(boxes) if type(child) in _BOXES]
        if not level:
            return False
    return True


def _decoded(body: bytes, path: str) -> str:
    at, problem = 0, "the text looks like UTF-16 or UTF-32"
    if not (body.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\0" in body[:2]):
        try:
            return body.decode()
        except UnicodeDecodeError as error:
            at = error.start
            problem = f"byte {at} (0x{body[at]:02x}) is not UTF-8"
    before, after = body[:at].decode("utf-8", "replace"), body[at:].decode("utf-8", "replace")
    raise Scanner(before + after, path).fault("json:encoding", len(before), problem, "UTF-8")
