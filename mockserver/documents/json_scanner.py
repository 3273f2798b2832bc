"""The first fault of a text that is not strictly JSON: which rule it breaks, and where.

Slow and exact: plain Python. No text is too deep for it, unless its caller has used up the stack.
"""

import json
import math
import re
from dataclasses import dataclass, field

from mockserver.documents.pointer import pointer
from mockserver.documents.source import Source
from mockserver.errors import JsonTextError

MAX_DEPTH = 200
"""Arrays and objects within one another; a single array has depth 1."""
MAX_INTEGER_DIGITS = 1000

RULES = {
    "json:empty": "A body holds a JSON value, not nothing or only white space.",
    "json:bom": "JSON text does not begin with a byte order mark (RFC 8259 §8.1).",
    "json:encoding": "JSON text is UTF-8 (RFC 8259 §8.1).",
    "json:syntax": "The text follows the grammar of JSON and is complete (RFC 8259 §2).",
    "json:trailing": "Nothing but white space follows the JSON value.",
    "json:duplicate-key": "The keys of an object differ from one another (RFC 8259 §4).",
    "json:non-finite": "Numbers are finite: no NaN, no Infinity, none beyond a double's range.",
    "json:depth": f"Arrays and objects are nested at most {MAX_DEPTH} deep.",
    "json:number": f"An integer has at most {MAX_INTEGER_DIGITS:,} digits.",
    "json:surrogate": "Strings are Unicode text: a surrogate stands only in a pair.",
}
"""The rule ids of JsonTextError, each with a sentence on what the rule demands."""

SURROGATE = re.compile("[\ud800-\udfff]")

_SPACE = re.compile(r"[ \t\n\r]*")
_WORD = re.compile(r"[-+.\w]*")
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?")
_STRING_BODY = re.compile(
    r'[^"\\\x00-\x1f]*+(?:\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})[^"\\\x00-\x1f]*+)*+'
)
_SHOWN_LENGTH = 60


@dataclass(slots=True)
class _Open:
    """An array or object whose end is still to come, and the index or key now being read."""

    start: int
    name: str
    closer: str
    step: str | int | None = None
    keys: dict[str, int] = field(default_factory=dict)


class Scanner:
    """Reads a text from its start to its first fault, and raises that.

    What reads a part takes its place, and gives the place after it.
    """

    def __init__(self, text: str, path: str) -> None:
        self.text = text
        self.path = path
        self.open: list[_Open] = []

    def run(self) -> None:
        if self.text.startswith("\ufeff"):
            raise self.fault("json:bom", 0, "the text begins with a byte order mark")
        at = self.skip(0)
        if at == len(self.text):
            what = "only white space" if self.text else "nothing"
            raise self.fault("json:empty", 0, f"the text holds {what}", "a JSON value")
        at = self.skip(self.value(at))
        if at < len(self.text):
            raise self.fault("json:trailing", at, f"{self.found(at)} after the end of the value")

    def value(self, at: int) -> int:
        match self.text[at : at + 1]:
            case '"':
                return self.string(at)[0]
            case "[":
                return self.collection(_Open(at, "array", "]"))
            case "{":
                return self.collection(_Open(at, "object", "}"))
            case _:
                return self.atom(at)

    def collection(self, frame: _Open) -> int:
        if len(self.open) == MAX_DEPTH:
            raise self.fault("json:depth", frame.start, f"nested more than {MAX_DEPTH} deep")
        at = self.skip(frame.start + 1)
        if self.text[at : at + 1] == frame.closer:
            return at + 1
        self.open.append(frame)
        index = 0
        while True:
            frame.step = index if frame.name == "array" else None
            at = self.skip(self.value(at if frame.name == "array" else self.key(at, frame)))
            mark = self.text[at : at + 1]
            if mark == frame.closer:
                self.open.pop()
                return at + 1
            if mark != ",":
                raise self.syntax(at, f"',' or '{frame.closer}' in the {frame.name}")
            at = self.skip(at + 1)
            index += 1

    def key(self, at: int, frame: _Open) -> int:
        """Reads a key and its colon: where the value begins."""
        if self.text[at : at + 1] != '"':
            raise self.syntax(at, "a key in double quotes")
        end, frame.step = self.string(at)
        if frame.step in frame.keys:
            line, column = self.place(frame.keys[frame.step])
            problem = f"duplicate key {_shown(frame.step)}, first at line {line}, column {column}"
            raise self.fault("json:duplicate-key", at, problem)
        frame.keys[frame.step] = at
        end = self.skip(end)
        if self.text[end : end + 1] != ":":
            raise self.syntax(end, "':' after the key")
        return self.skip(end + 1)

    def string(self, at: int) -> tuple[int, str]:
        """The place after the closing quote, and the text."""
        end = _matched(_STRING_BODY, self.text, at + 1).end()
        mark = self.text[end : end + 1]
        if not mark:
            raise self.fault("json:syntax", at, "the string is not closed", "a closing '\"'")
        if mark == "\\":
            shown = _shown(self.text[end : end + (6 if self.text[end + 1 : end + 2] == "u" else 2)])
            raise self.fault("json:syntax", end, f"{shown} is not an escape of JSON")
        if mark != '"':
            problem = f"a control character (U+{ord(mark):04X}) in a string"
            raise self.fault("json:syntax", end, problem, "an escape")
        text: str = json.loads(self.text[at : end + 1])
        if lone := SURROGATE.search(text):
            problem = f"a lone surrogate (U+{ord(lone[0]):04X}) in a string"
            raise self.fault("json:surrogate", at, problem, "a pair of surrogates")
        return end + 1, text

    def atom(self, at: int) -> int:
        """Reads a number, true, false or null: the place after it."""
        word = _matched(_WORD, self.text, at)[0]
        digits = word.lstrip("-")
        if word in ("true", "false", "null"):
            return at + len(word)
        if word in ("NaN", "Infinity", "-Infinity"):
            raise self.fault("json:non-finite", at, f"{word} is not JSON", "a finite number")
        number = _NUMBER.match(self.text, at)
        if number is None or len(number[0]) != len(word):
            raise self.syntax(at, "a JSON value")
        if number[1] or number[2]:
            if math.isinf(float(word)):
                problem = f"{_shown(word)} is beyond a double's range"
                raise self.fault("json:non-finite", at, problem, "a finite number")
        elif len(digits) > MAX_INTEGER_DIGITS:
            problem = f"an integer of {len(digits):,} digits"
            raise self.fault("json:number", at, problem, f"at most {MAX_INTEGER_DIGITS:,} digits")
        return number.end()

    def skip(self, at: int) -> int:
        return _matched(_SPACE, self.text, at).end()

    def found(self, at: int) -> str:
        if at >= len(self.text):
            return "the end of the text"
        return _shown(_matched(_WORD, self.text, at)[0] or self.text[at])

    def syntax(self, at: int, expected: str) -> JsonTextError:
        problem = f"unexpected {self.found(at)}"
        if at >= len(self.text) and self.open:
            frame = self.open[-1]
            line, column = self.place(frame.start)
            problem = f"the text ends within the {frame.name} of line {line}, column {column}"
        return self.fault("json:syntax", at, problem, expected)

    def place(self, at: int) -> tuple[int, int]:
        line = 1 + self.text.count("\n", 0, at)
        return line, at - self.text.rfind("\n", 0, at)

    def fault(self, rule: str, at: int, problem: str, expected: str | None = None) -> JsonTextError:
        where = pointer(frame.step for frame in self.open if frame.step is not None)
        problem += f" (at {_clipped(where)})" if where else ""
        place, source = self.place(at), Source(self.path, self.text)
        return source.error(
            JsonTextError, *place, problem, expected=expected, rule=rule, pointer=where
        )


def _matched(pattern: re.Pattern[str], text: str, at: int) -> re.Match[str]:
    """The match at this place, of a pattern that also matches nothing and so always matches."""
    match = pattern.match(text, at)
    assert match is not None
    return match


def _clipped(text: str) -> str:
    return text if len(text) <= _SHOWN_LENGTH else text[:_SHOWN_LENGTH] + "…"


def _shown(text: str) -> str:
    quote = '"' if "'" in text else "'"
    return f"{quote}{_clipped(text)}{quote}"
