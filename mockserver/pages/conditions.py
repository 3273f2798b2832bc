"""Prose that is contract: the sentences of a description that say when and how a field is there.

Only the patterns named here are read. A sentence that speaks of a condition in other words is
never guessed at: it comes back as `unread`, and `lint` lists it.
"""

import re
from typing import NamedTuple


class ProseValue(NamedTuple):
    """A value as the prose writes it. `quoted` values are strings whatever they look like."""

    text: str
    quoted: bool


class Condition(NamedTuple):
    """What one sentence demands. `kind` is the name of the pattern that it fits.

    `present-when`: required when the sibling `field` has one of `values`, and absent otherwise;
    `absent-when` the reverse; `present-with`: there exactly when `field` is there; `starts-with`:
    text that begins with the one value; `iso-8601`: a date-time; `unread`: it sounds like a
    condition and fits no pattern.
    """

    kind: str
    field: str = ""
    values: tuple[ProseValue, ...] = ()
    sentence: str = ""

    @property
    def is_of_presence(self) -> bool:
        return self.field != ""


_FIELD = r"`(?P<field>[^`\s]+)`"
_VALUE = r"""(?:`[^`]+`|"[^"]*"|'[^']*')"""
_VALUES = rf"(?:either )?(?P<values>{_VALUE}(?:(?:, or |, | or ){_VALUE})*)"
_LEAD = r"(?:^|[,:(—–] ?)"
_TAIL = r"\)?$"

PATTERNS: dict[str, re.Pattern[str]] = {
    name: re.compile(pattern, re.IGNORECASE)
    for name, pattern in {
        "present-with": rf"{_LEAD}(?:only )?present (?:only )?when {_FIELD} is present{_TAIL}",
        "present-when": (
            rf"{_LEAD}(?:only )?(?:present|included) (?:only )?when {_FIELD} is {_VALUES}{_TAIL}"
        ),
        "absent-when": rf"{_LEAD}absent when {_FIELD} is {_VALUES}{_TAIL}",
        "starts-with": rf"{_LEAD}must start with (?P<prefix>{_VALUE}){_TAIL}",
        "iso-8601": (
            r"\bin ISO 8601 format\b(?! (?:when|if|unless|while|until|except)\b)"
            r"(?!, (?:when|if|unless|while|until) (?:the )?`)(?!,? or\b(?! `?null))"
        ),
    }.items()
}

# Words before a match that turn its meaning: a negation, or a second condition.
_TURNED = re.compile(
    r"\b(?:not|never|unless|if|until|while|except|otherwise)\b|n['’]t\b|\bwhen (?:the )?`"
    r"|\b(?:present|absent|included)\b.*\bwhen\b",
    re.IGNORECASE,
)
# A beginning that narrows all that follows it: "On Windows, present when …".
_NARROWED = re.compile(
    r"(?:on|in|for|before|after|since|with|without|at|from|during|under|as|by|within|outside"
    r"|optionally|rarely|usually|often|sometimes|typically|normally|generally|only|most)\b",
    re.IGNORECASE,
)
_TURNED_FORM = re.compile(
    r"(?:\b(?:not|never|usually|often|sometimes|rarely|no longer|either|instead|duration)\b"
    r"|n['’]t\b)[^,;:]*$",
    re.IGNORECASE,
)

# What a sentence about presence, or about the form of a string, sounds like.
_ABOUT_PRESENCE = re.compile(
    r"\b(?:present|absent|included|omitted|returned|required|provided|missing|only|null)\b"
    r".*\b(?:when|if|unless|while|until|except|once|after|before)\b"
    r"|\b(?:when|if|unless|while|until|except)\b[^`]*`[^`]+` (?:is|are|equals|has)\b",
    re.IGNORECASE,
)
_ABOUT_FORM = re.compile(
    r"\bmust (?:not |never |always )?(?:start|begin|end|match)\b|\bISO[ -]?8601\b", re.IGNORECASE
)
_MAX_SENTENCE = 1_000
"""Characters beyond which a sentence is not read: the patterns' cost grows with its square."""
_ONE_VALUE = re.compile(_VALUE)
# The end of a sentence: a full stop or semicolon that is not inside a code span or quotes.
_SENTENCE = re.compile(r"""(?:`[^`]*`|"[^"]*"|[^.;]|[.;](?!\s|$))+""")


def read(description: str) -> tuple[Condition, ...]:
    """The conditions in a description, in the order of its sentences."""
    return tuple(
        condition
        for match in _SENTENCE.finditer(description)
        for condition in _sentence(match[0].strip())
    )


def _sentence(sentence: str) -> list[Condition]:
    if len(sentence) > _MAX_SENTENCE:
        return [Condition("unread", sentence=sentence)]
    found: list[Condition] = []
    for name, pattern in PATTERNS.items():
        match = pattern.search(sentence)
        if match is not None and not _is_turned(name, sentence[: match.start()]):
            found.append(_condition(name, match, sentence))
    is_of_presence = {condition.is_of_presence for condition in found}
    if (_ABOUT_PRESENCE.search(sentence) and True not in is_of_presence) or (
        _ABOUT_FORM.search(sentence) and False not in is_of_presence
    ):
        found.append(Condition("unread", sentence=sentence))
    return found


def _is_turned(name: str, before: str) -> bool:
    """Whether what goes before a match in its sentence makes it mean something else."""
    if name == "iso-8601":
        return _TURNED_FORM.search(before) is not None
    return _TURNED.search(before) is not None or _NARROWED.match(before) is not None


def _condition(name: str, match: re.Match[str], sentence: str) -> Condition:
    parts = match.groupdict()
    written = _ONE_VALUE.findall(parts.get("values") or parts.get("prefix") or "")
    return Condition(name, parts.get("field", ""), tuple(map(_value, written)), sentence)


def _value(text: str) -> ProseValue:
    bare = text.strip("`") if text.startswith("`") else text
    if len(bare) >= 2 and bare[0] == bare[-1] and bare[0] in "\"'":
        return ProseValue(bare[1:-1], quoted=True)
    return ProseValue(bare, quoted=False)
