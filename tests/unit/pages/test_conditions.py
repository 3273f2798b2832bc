import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.pages.conditions import PATTERNS, Condition, ProseValue, read
from support.cases import data

READ = {
    (kind, sentence): Condition(
        kind, field, tuple(ProseValue(value.strip('"'), value.startswith('"')) for value in values)
    )
    for kind, found in data(__file__, "read").items()
    for sentence, field, values in found
}
UNREAD = [*data(__file__, "unread"), "x " * 600 + "present when `a` is `x`"]
PLAIN = [
    "",
    "The job's identifier.",
    "How many bytes are present.",
    "When the download began.",
    "Currently included models.",
    "If in doubt, ask.",
    "A speed of 1.5 e.g. in `a.b`. Another sentence; and one more.",
]


def test_every_pattern_has_its_wordings() -> None:
    assert {kind for kind, _ in READ} == set(PATTERNS)


@pytest.mark.parametrize("end", ["", ".", ";", "  "])
@pytest.mark.parametrize(("kind", "sentence"), READ)
def test_reads(kind: str, sentence: str, end: str) -> None:
    (found,) = read(sentence + end)
    assert found == READ[kind, sentence]._replace(sentence=sentence)
    # And by the pattern that it belongs to alone.
    assert [name for name, pattern in PATTERNS.items() if pattern.search(sentence)] == [kind]


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
    assert [condition._replace(sentence="") for condition in found] == [
        Condition("iso-8601"),
        Condition("present-when", "a", (ProseValue("x. y", False),)),
        Condition("unread"),
        Condition("starts-with", "", (ProseValue("2. ", True),)),
    ]


def test_reads_two_conditions_of_one_sentence() -> None:
    found = read("Estimated end in ISO 8601 format, present when `a` is `x`")
    assert [condition.kind for condition in found] == ["present-when", "iso-8601"]


_words = st.sampled_from(
    (*"`\"'.;,()", "`a`", "`x`", '"x"', "present", "absent", "not", "when", "is", "or", "only", " ")
)


@given(st.text() | st.lists(_words, max_size=15).map(" ".join))
def test_any_prose_can_be_read(description: str) -> None:
    for condition in read(description):
        assert condition.sentence in description
        assert condition.sentence.strip() == condition.sentence != ""
