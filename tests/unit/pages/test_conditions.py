from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.pages.conditions import (
    PATTERNS,
    Absent,
    Condition,
    Format,
    Present,
    ProseValue,
    StartsWith,
    Together,
    Unread,
    read,
)

X, Y, Z = (ProseValue(text, quoted=False) for text in "xyz")

# Pattern: each wording, and what it says (the sentence aside).
READ: dict[str, list[tuple[str, Condition]]] = {
    "present-when": [
        ("Present when `a` is `x`", Present("a", (X,), "")),
        ("present when `a` is `x`", Present("a", (X,), "")),
        ("Only present when `a` is `x`", Present("a", (X,), "")),
        ("Present only when `a` is `x`", Present("a", (X,), "")),
        ("Included only when `a` is `x`", Present("a", (X,), "")),
        ("Included when `a` is `x`", Present("a", (X,), "")),
        ("Present when `a` is `x` or `y`", Present("a", (X, Y), "")),
        ("Present when `a` is either `x` or `y`", Present("a", (X, Y), "")),
        ("Present when `a` is `x`, `y`, or `z`", Present("a", (X, Y, Z), "")),
        ("Present when `a` is `x`, `y` or `z`", Present("a", (X, Y, Z), "")),
        ("Present when `a` is `x` or `y` or `z`", Present("a", (X, Y, Z), "")),
        ('Present when `a` is "x"', Present("a", (ProseValue("x", True),), "")),
        ("Present when `a` is 'true'", Present("a", (ProseValue("true", True),), "")),
        ('Present when `a` is `"x y"`', Present("a", (ProseValue("x y", True),), "")),
        ("Present when `a` is `'x.'`", Present("a", (ProseValue("x.", True),), "")),
        ("Present when `a` is `null`", Present("a", (ProseValue("null", False),), "")),
        ("Present when `a/b.c` is `x`", Present("a/b.c", (X,), "")),
        ("The speed (present when `a` is `x`)", Present("a", (X,), "")),
        ("The speed (only present when `a` is `x`)", Present("a", (X,), "")),
        ("The speed, present when `a` is `x`", Present("a", (X,), "")),
        ("The speed — included when `a` is `x`", Present("a", (X,), "")),
        ("Note: present when `a` is `x`", Present("a", (X,), "")),
        ("When the job began, present when `a` is `x`", Present("a", (X,), "")),
    ],
    "absent-when": [
        ("Absent when `a` is `x`", Absent("a", (X,), "")),
        ("absent when `a` is `x`, `y`, or `z`", Absent("a", (X, Y, Z), "")),
        ("The id (absent when `a` is `false`)", Absent("a", (ProseValue("false", False),), "")),
    ],
    "present-with": [
        ("Present when `a` is present", Together("a", "")),
        ("Only present when `a` is present", Together("a", "")),
        ("The end, present only when `a` is present", Together("a", "")),
    ],
    "starts-with": [
        ('Must start with `"resp_"`', StartsWith("resp_", "")),
        ("Must start with `resp_`", StartsWith("resp_", "")),
        ('Must start with "a.b"', StartsWith("a.b", "")),
        ("An id, must start with 'x y'", StartsWith("x y", "")),
    ],
    "iso-8601": [
        ("Start time in ISO 8601 format", Format("date-time", "")),
        ("In ISO 8601 format", Format("date-time", "")),
        ("When it began, in iso 8601 format", Format("date-time", "")),
        ("Not the local time, in ISO 8601 format", Format("date-time", "")),
        ("The end in ISO 8601 format, or null", Format("date-time", "")),
        ("The end in ISO 8601 format or `null`", Format("date-time", "")),
        ("The end (if any) in ISO 8601 format", Format("date-time", "")),
    ],
}  # fmt: skip

UNREAD = [
    # present-when
    "Not present when `a` is `x`",
    "On Windows, present when `a` is `x`",
    "For GGUF models: present when `a` is `x`",
    "Before 0.4, present when `a` is `x`",
    "Optionally, present when `a` is `x`",
    "Present once `a` is `x`",
    "Present after `a` is `x`",
    "Must always start with `x_`",
    "Duration in ISO 8601 format",
    "No longer in ISO 8601 format",
    "x " * 600 + "present when `a` is `x`",
    "Never present when `a` is `x`",
    "Isn't present when `a` is `x`",
    "Present when `a` is not `x`",
    "Present when `a` is `x` and `b` is `y`",
    "Present when `a` is `x` and `y`",
    "Present when `a` is `x` but not `y`",
    "Present when `a` is `x` or null",
    "Present when `a` is `x` or absent",
    "Present when `a` is `x` or when `b` is `y`",
    "Present when `a` is `x`, unless `b` is `y`",
    "Present when `a` is `x`, present when `b` is `y`",
    "Absent when `a` is `x`, present when `b` is `y`",
    "If `b` is `y`, present when `a` is `x`",
    "When `b` is `y`, present when `a` is `x`",
    "Unless the job is old, present when `a` is `x`",
    "Not always, present when `a` is `x`",
    "Doesn't matter: present when `a` is `x`",
    "May be present when `a` is `x`",
    "Usually present when `a` is `x`",
    "Present when `a` is x",
    "Present when a is `x`",
    "Present when `a` equals `x`",
    "Present when `a` is `x` for the first time",
    "Present when `a` was `x`",
    "Present if `a` is `x`",
    "Present while `a` is `x`",
    "Present unless `a` is `x`",
    "Present when the job is done",
    "Present when `a` is “x”",
    "Required when `a` is `x`",
    "Returned only if `a` is `x`",
    "Given when `a` is `x`",
    "Always zero when `a` is `x`",
    # absent-when
    "Not absent when `a` is `x`",
    "Absent when `a` is not `x`",
    "Absent unless `a` is `x`",
    "Absent when `a` is `x` and `b` is `y`",
    "Absent when `a` is absent",
    "Omitted when `a` is `x`",
    "Missing when `a` is `x`",
    "Null when `a` is `x`",
    # present-with
    "Not present when `a` is present",
    "Present when `a` is not present",
    "Present when `a` or `b` is present",
    "Present when `a` is present and `b` is `x`",
    "Absent when `a` is present",
    "Unless `b` is `x`, present when `a` is present",
    # starts-with
    "Must not start with `x`",
    "Must never begin with `x`",
    "Must start with `x` or `y`",
    "Must start with `x` when `a` is `y`",
    "Unless empty, must start with `x`",
    "Must start with a letter",
    "Must end with `x`",
    "Must match `^x`",
    # iso-8601
    "Not in ISO 8601 format",
    "Isn’t in ISO 8601 format",
    "Usually in ISO 8601 format",
    "In ISO 8601 format or a Unix time",
    "In ISO 8601 format when `a` is `x`",
    "In ISO 8601 format unless `a` is `x`",
    "In ISO 8601 format, if `a` is `x`",
    "An ISO 8601 duration",
    "An ISO-8601 date",
]  # fmt: skip

PLAIN = [
    "",
    "The job's identifier.",
    "How many bytes are present.",
    "When the download began.",
    "Currently included models.",
    "If in doubt, ask.",
    "A speed of 1.5 e.g. in `a.b`. Another sentence; and one more.",
]


def bare(condition: Condition) -> object:
    """The condition without its sentence."""
    facts = [getattr(condition, name) for name in type(condition).__slots__ if name != "sentence"]
    return type(condition), *facts


def test_every_pattern_has_its_wordings() -> None:
    assert set(READ) == set(PATTERNS)


@pytest.mark.parametrize("end", ["", ".", ";", "  "])
@pytest.mark.parametrize(
    ("name", "sentence", "condition"),
    [(name, *one) for name, found in READ.items() for one in found],
)
def test_reads(name: str, sentence: str, condition: Condition, end: str) -> None:
    (found,) = read(sentence + end)
    assert bare(found) == bare(condition)
    assert found.sentence == sentence
    # And by the pattern that it belongs to alone.
    assert [one for one, pattern in PATTERNS.items() if pattern.search(sentence)] == [name]


@pytest.mark.parametrize("sentence", UNREAD)
def test_never_misreads(sentence: str) -> None:
    assert read(sentence) == (Unread(sentence),)
    assert read(f"Some prose. {sentence}. More prose.") == (Unread(sentence),)


@pytest.mark.parametrize("description", PLAIN)
def test_leaves_plain_prose_alone(description: str) -> None:
    assert read(description) == ()


def test_reads_sentence_by_sentence() -> None:
    found = read(
        "Estimated end in ISO 8601 format. Present when `a` is `x. y`; absent unless `b`. "
        'Must start with "2. ".'
    )
    assert [bare(one) for one in found] == [
        (Format, "date-time"),
        (Present, "a", (ProseValue("x. y", False),)),
        (Unread,),
        (StartsWith, "2. "),
    ]


def test_reads_two_conditions_of_one_sentence() -> None:
    found = read("Estimated end in ISO 8601 format, present when `a` is `x`")
    assert [type(one) for one in found] == [Present, Format]


_words = st.sampled_from(
    (*"`\"'.;,()", "`a`", "`x`", '"x"', "present", "absent", "not", "when", "is", "or", "only", " ")
)


@given(st.text() | st.lists(_words, max_size=15).map(" ".join))
def test_any_prose_can_be_read(description: str) -> None:
    for condition in read(description):
        assert condition.sentence in description
        assert condition.sentence.strip() == condition.sentence != ""
