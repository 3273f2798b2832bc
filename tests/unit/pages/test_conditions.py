from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.pages.conditions import (
    PATTERNS,
    Condition,
    ProseValue,
    read,
)

X, Y, Z, NULL, FALSE = (ProseValue(text, quoted=False) for text in (*"xyz", "null", "false"))

# Pattern: each wording, and what it says (the sentence aside).
READ: dict[str, list[tuple[str, Condition]]] = {
    "present-when": [
        ("Present when `a` is `x`", Condition("present-when", "a", (X,))),
        ("present when `a` is `x`", Condition("present-when", "a", (X,))),
        ("Only present when `a` is `x`", Condition("present-when", "a", (X,))),
        ("Present only when `a` is `x`", Condition("present-when", "a", (X,))),
        ("Included only when `a` is `x`", Condition("present-when", "a", (X,))),
        ("Included when `a` is `x`", Condition("present-when", "a", (X,))),
        ("Present when `a` is `x` or `y`", Condition("present-when", "a", (X, Y))),
        ("Present when `a` is either `x` or `y`", Condition("present-when", "a", (X, Y))),
        ("Present when `a` is `x`, `y`, or `z`", Condition("present-when", "a", (X, Y, Z))),
        ("Present when `a` is `x`, `y` or `z`", Condition("present-when", "a", (X, Y, Z))),
        ("Present when `a` is `x` or `y` or `z`", Condition("present-when", "a", (X, Y, Z))),
        ('Present when `a` is "x"', Condition("present-when", "a", (ProseValue("x", True),))),
        ("Present when `a` is 'true'", Condition("present-when", "a", (ProseValue("true", True),))),
        ('Present when `a` is `"x y"`', Condition("present-when", "a", (ProseValue("x y", True),))),
        ("Present when `a` is `'x.'`", Condition("present-when", "a", (ProseValue("x.", True),))),
        ("Present when `a` is `null`", Condition("present-when", "a", (NULL,))),
        ("Present when `a/b.c` is `x`", Condition("present-when", "a/b.c", (X,))),
        ("The speed (present when `a` is `x`)", Condition("present-when", "a", (X,))),
        ("The speed (only present when `a` is `x`)", Condition("present-when", "a", (X,))),
        ("The speed, present when `a` is `x`", Condition("present-when", "a", (X,))),
        ("The speed — included when `a` is `x`", Condition("present-when", "a", (X,))),
        ("Note: present when `a` is `x`", Condition("present-when", "a", (X,))),
        ("When the job began, present when `a` is `x`", Condition("present-when", "a", (X,))),
    ],
    "absent-when": [
        ("Absent when `a` is `x`", Condition("absent-when", "a", (X,))),
        ("absent when `a` is `x`, `y`, or `z`", Condition("absent-when", "a", (X, Y, Z))),
        ("The id (absent when `a` is `false`)", Condition("absent-when", "a", (FALSE,))),
    ],
    "present-with": [
        ("Present when `a` is present", Condition("present-with", "a")),
        ("Only present when `a` is present", Condition("present-with", "a")),
        ("The end, present only when `a` is present", Condition("present-with", "a")),
    ],
    "starts-with": [
        ('Must start with `"resp_"`', Condition("starts-with", "", (ProseValue("resp_", True),))),
        ("Must start with `resp_`", Condition("starts-with", "", (ProseValue("resp_", False),))),
        ('Must start with "a.b"', Condition("starts-with", "", (ProseValue("a.b", True),))),
        ("An id, must start with 'x y'", Condition("starts-with", "", (ProseValue("x y", True),))),
    ],
    "iso-8601": [
        ("Start time in ISO 8601 format", Condition("iso-8601")),
        ("In ISO 8601 format", Condition("iso-8601")),
        ("When it began, in iso 8601 format", Condition("iso-8601")),
        ("Not the local time, in ISO 8601 format", Condition("iso-8601")),
        ("The end in ISO 8601 format, or null", Condition("iso-8601")),
        ("The end in ISO 8601 format or `null`", Condition("iso-8601")),
        ("The end (if any) in ISO 8601 format", Condition("iso-8601")),
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


def bare(condition: Condition) -> Condition:
    """The condition without its sentence."""
    return replace(condition, sentence="")


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
    assert read(sentence) == (Condition("unread", sentence=sentence),)
    assert read(f"Some prose. {sentence}. More prose.") == (Condition("unread", sentence=sentence),)


@pytest.mark.parametrize("description", PLAIN)
def test_leaves_plain_prose_alone(description: str) -> None:
    assert read(description) == ()


def test_reads_sentence_by_sentence() -> None:
    found = read(
        "Estimated end in ISO 8601 format. Present when `a` is `x. y`; absent unless `b`. "
        'Must start with "2. ".'
    )
    assert [bare(one) for one in found] == [
        Condition("iso-8601"),
        Condition("present-when", "a", (ProseValue("x. y", False),)),
        Condition("unread"),
        Condition("starts-with", "", (ProseValue("2. ", True),)),
    ]


def test_reads_two_conditions_of_one_sentence() -> None:
    found = read("Estimated end in ISO 8601 format, present when `a` is `x`")
    assert [one.kind for one in found] == ["present-when", "iso-8601"]


_words = st.sampled_from(
    (*"`\"'.;,()", "`a`", "`x`", '"x"', "present", "absent", "not", "when", "is", "or", "only", " ")
)


@given(st.text() | st.lists(_words, max_size=15).map(" ".join))
def test_any_prose_can_be_read(description: str) -> None:
    for condition in read(description):
        assert condition.sentence in description
        assert condition.sentence.strip() == condition.sentence != ""
