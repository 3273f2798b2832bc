"""What stands in a command for the server's URL and the like."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.errors import MockServerError
from mockserver.exercise.command import PLACEHOLDERS, check_placeholders, fill

VALUES = {name: f"<{name}>" for name in PLACEHOLDERS}


@pytest.mark.parametrize(
    ("argument", "filled"),
    [
        ("{url}", "<url>"),
        ("--at={host}:{port}", "--at=<host>:<port>"),
        ("{{url}}", "{url}"),
        ("{{{url}}}", "{<url>}"),
        ("{{}}", "{}"),
        ("plain", "plain"),
        ("", ""),
    ],
)
def test_an_argument_is_filled(argument: str, filled: str) -> None:
    assert fill(["client", argument], VALUES) == ("client", filled)


@pytest.mark.parametrize(
    ("argument", "words"),
    [
        ("{jobid}", ["'{jobid}'", "did you mean {job_id}?"]),
        ("{URL}", ["did you mean {url}?"]),
        ("{}", ["'{}'", "known: {url}, {host}"]),
        ('{"model": 1}', ["written twice: {{ or }}"]),
        ("f() { curl", ["a lone '{'", "written twice"]),
        ("}", ["a lone '}'"]),
    ],
)
def test_any_other_brace_is_refused(argument: str, words: list[str]) -> None:
    with pytest.raises(MockServerError) as caught:
        check_placeholders(["client", argument])
    for word in words:
        assert word in str(caught.value)


@given(st.text())
def test_text_whose_braces_are_doubled_stays_what_it_is(text: str) -> None:
    doubled = text.replace("{", "{{").replace("}", "}}")
    assert fill([doubled], VALUES) == (text,)


@given(st.lists(st.text("{}url \n")))
def test_a_command_is_filled_if_it_was_found_right(command: list[str]) -> None:
    try:
        check_placeholders(command)
    except MockServerError:
        with pytest.raises(MockServerError):
            fill(command, VALUES)
    else:
        assert len(fill(command, VALUES)) == len(command)
