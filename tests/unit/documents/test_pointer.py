import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.documents.pointer import parts, pointer


@pytest.mark.parametrize(
    ("steps", "text"),
    [
        ((), ""),
        (("",), "/"),
        (("foo", 0), "/foo/0"),
        (("a/b",), "/a~1b"),
        (("m~n",), "/m~0n"),
        (("~1",), "/~01"),
        (("c%d", "k l", '"'), '/c%d/k l/"'),
    ],
)
def test_examples_of_the_rfc(steps: tuple[str | int, ...], text: str) -> None:
    assert pointer(steps) == text
    assert parts(text) == tuple(str(step) for step in steps)


def test_escape_takes_one_key() -> None:
    assert pointer(["~/~1"]) == "/~0~1~01"


@pytest.mark.parametrize("text", ["a", "0", "a/b", "/~", "/~2", "/a~/b", "/~~0"])
def test_text_that_is_no_pointer(text: str) -> None:
    with pytest.raises(ValueError, match="not a JSON pointer"):
        parts(text)


@given(st.lists(st.text() | st.text("~/01"), max_size=5))
def test_round_trip(steps: list[str]) -> None:
    assert parts(pointer(steps)) == tuple(steps)
