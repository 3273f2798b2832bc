"""Formats stated as classes: read with places, and written as JSON Schema and as a reference."""

import json
from typing import Any

import jsonschema_rs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.documents import yaml_text
from mockserver.documents.data import DataDocument
from mockserver.documents.fields import Field, Members
from mockserver.documents.kinds import NODE, TEXT, WHOLE_NUMBER, Excludes, Needs, list_of, words
from mockserver.documents.node import Node
from mockserver.documents.source import Source
from mockserver.documents.units import DURATION
from mockserver.errors import FormatError, NotJson, TimelineError
from support.cases import MarkedText, data, marked
from support.timeline_format import reference


class Window(Members):
    """When a shop
    is open."""

    lasts = Field(DURATION, "For how long.", key="for", required=True)
    days = Field(WHOLE_NUMBER, "How many days in a row.", default=1, examples=[5])
    until = Field(TEXT, "What ends it.")
    reason = Field(TEXT, "Why it ends.")
    RULES = (
        Excludes("until", "days", "`until` beside `days`", "one of them"),
        Needs("reason", "until", "`reason` without `until`", "until: …"),
    )


class Shop(Members):
    """A shop."""

    kind_ = Field(words("baker", "butcher", old={"bakery": "baker"}), "What it is.", key="kind")
    open = Field(list_of(Window.kind("a window"), each="window", most=7), "When it is open.")
    rest = Field(NODE, "Whatever else.")


def yaml(text: str) -> Node:
    document = yaml_text.load(Source("shop.yaml", text))
    return Node(document, (), document.data, "the shop", TimelineError)


def python(data: object) -> Node:
    document = DataDocument.of(data, "inline")
    return Node(document, (), document.data, "the shop")


def test_values_and_defaults() -> None:
    shop = Shop(yaml("kind: baker\nopen: [{for: 8s}, {for: 1m, until: dusk, reason: dark}]\n"))
    assert (shop.kind_, shop.rest) == ("baker", None)
    first, second = shop.open or []
    assert (first.lasts, first.days, first.until, "until" in first) == (8_000, 1, None, False)
    assert (second.lasts, second.until, second["reason"]) == (60_000, "dusk", "dark")
    assert second.nodes["until"].path == ("open", 1, "until")


@pytest.mark.parametrize("case", marked(__file__, "wrong-members"))
def test_what_is_wrong_is_refused_with_its_place(case: MarkedText) -> None:
    with pytest.raises(TimelineError) as caught:
        Shop(yaml(case.text))
    case.assert_marks(caught.value)
    schema = Shop.schema() | {"$defs": {"duration": DURATION.schema}}
    assert not jsonschema_rs.is_valid(schema, yaml_text.load(Source("", case.text)).data)


def test_its_schema() -> None:
    assert Window.schema() == data(__file__, "window-schema")


def test_its_reference() -> None:
    first, _, *rows = reference(Window).splitlines()
    assert first == "| key | value | what it says |"
    assert len(rows) == 4
    assert rows[0].endswith("| For how long. Required. |")


def test_members_that_a_registry_lists() -> None:
    fields: list[Field[Any]] = [
        Field(DURATION, "How late.", key="delay"),
        Field(TEXT, "Why.", key="why", default=""),
    ]
    table = Members.of("Late", "What is late.", fields)
    late = table(python({"delay": "2s"}))
    assert (late["delay"], late["why"]) == (2_000, "")
    assert table.schema()["description"] == "What is late."


def test_data_of_python_has_the_place_that_its_json_has() -> None:
    node = python({"kind": "baker", "open": ({"for": "8s"}, {"for": "soon"})})
    with pytest.raises(FormatError) as caught:
        Shop(node)
    error = caught.value
    assert error.pointer == "/open/1/for"
    assert error.source_line[(error.column or 0) - 1 :] == '"soon"'
    assert error.source_line.strip() == '"for": "soon"'
    assert error.path == "inline"


short = st.text(max_size=3)
values = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | short,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(short, inner, max_size=3),
    max_leaves=12,
)


@given(values, st.data())
def test_a_place_is_where_the_json_has_it(value: object, data: st.DataObject) -> None:
    document = DataDocument.of(value, "inline")
    node = Node(document, (), document.data, "it")
    while node.value and data.draw(st.booleans()):
        if isinstance(node.value, dict):
            key = data.draw(st.sampled_from(sorted(node.value)))
            node = node.child(key, node.value[key])
        elif isinstance(node.value, list):
            index = data.draw(st.integers(0, len(node.value) - 1))
            node = node.child(index, node.value[index])
        else:
            break
    error = node.error("it is wrong")
    written = json.dumps(node.value, ensure_ascii=False, indent=1).split("\n")[0]
    if node.value is None and node.path and isinstance(node.path[-1], str):
        written = json.dumps(node.path[-1], ensure_ascii=False)  # what is empty has its key's place
    assert error.source_line[(error.column or 0) - 1 :].startswith(written)


@pytest.mark.parametrize("value", [object(), {1, 2}, float("nan"), b"x", "\ud800", {1: 0, "1": 0}])
def test_what_json_has_no_form_for(value: object) -> None:
    with pytest.raises(NotJson, match="inline is no JSON data"):
        python({"kind": value})
