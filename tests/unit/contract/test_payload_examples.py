"""Every file under fixtures/payloads is a test: its name says what must be found in it.

    valid/<edition>/<operation>/<note>.json
    invalid/<edition>/<operation>/<rule>@<pointer>~<note>.json

An operation's request body stands under `<operation>.request`. In a rule `:` is written `_`; in a
pointer the first slash is dropped and the others are dots; `root` is the whole document.
"""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from mockserver import resources
from mockserver.contract import RULES, edition, violations_in_body
from support.schemas import broken

FOLDER = resources.folder("fixtures") / "payloads"
VALID = sorted(path for path in (FOLDER / "valid").rglob("*") if path.is_file())
INVALID = sorted(path for path in (FOLDER / "invalid").rglob("*") if path.is_file())

NAME = re.compile(r"(?P<rule>[^@~]+)@(?P<pointer>[^@~]+)~(?P<note>[a-z0-9-]+)\.json")
BY_FILE_NAME = {rule.replace(":", "_"): rule for rule in RULES}
# No schema of ours can be broken so, or no text can hold it.
NOT_TO_BE_BROKEN = {"json:type", "pattern", "anyOf", "dependentRequired"}


def from_name(name: str) -> tuple[str, str]:
    """The rule and the JSON pointer that a file's name promises."""
    match = NAME.fullmatch(name)
    if match is None:
        pytest.fail(f"{name}: the name is not <rule>@<pointer>~<note>.json")
    if match["rule"] not in BY_FILE_NAME:
        pytest.fail(f"{name}: no rule {match['rule']!r}; one of {', '.join(BY_FILE_NAME)}")
    place = match["pointer"]
    return BY_FILE_NAME[match["rule"]], "" if place == "root" else "/" + place.replace(".", "/")


def found_in(path: Path) -> list[tuple[str, str]]:
    """The rules that the file's text breaks, and where."""
    name, _, part = path.parent.name.partition(".")
    edition_name = path.parent.parent.name
    return broken(violations_in_body(path.read_bytes(), name, edition_name, part or "response"))


def label(path: Path) -> str:
    return "/".join(path.parts[-3:])


@pytest.mark.parametrize("path", VALID, ids=label)
def test_nothing_is_found_in_a_valid_payload(path: Path) -> None:
    assert path.suffix == ".json"
    assert found_in(path) == []


@pytest.mark.parametrize("path", INVALID, ids=label)
def test_exactly_what_the_name_says_is_found(path: Path) -> None:
    assert found_in(path) == [from_name(path.name)]


def test_each_file_lies_under_an_operation_of_an_edition() -> None:
    for path in [*VALID, *INVALID]:
        kind, version, operation, _ = path.relative_to(FOLDER).parts
        assert kind in ("valid", "invalid")
        name, _, part = operation.partition(".")
        assert part in ("", "request")
        edition(version).operation(name).schema(part or "response")


def test_there_are_plenty() -> None:
    assert len(INVALID) >= 60
    assert len(VALID) >= 20


def test_every_rule_that_can_be_broken_is() -> None:
    broken = {from_name(path.name)[0] for path in INVALID}
    assert set(RULES) - broken - NOT_TO_BE_BROKEN == set()


def keywords(node: object) -> Iterator[str]:
    if isinstance(node, dict):
        for key, value in node.items():
            yield key
            yield from keywords(value)
    elif isinstance(node, list):
        for item in node:
            yield from keywords(item)


@pytest.mark.parametrize("name", resources.edition_names())
def test_no_schema_has_what_no_payload_tries(name: str) -> None:
    for schema in resources.edition_schemas(name):
        assert NOT_TO_BE_BROKEN.isdisjoint(keywords(schema))


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("type@root.json", "is not <rule>@<pointer>~<note>"),
        ("type~note.json", "is not <rule>@<pointer>~<note>"),
        ("type@root~Note.json", "is not <rule>@<pointer>~<note>"),
        ("type@root~note.txt", "is not <rule>@<pointer>~<note>"),
        ("typo@root~note.json", "no rule 'typo'; one of required, absent"),
    ],
)
def test_a_name_of_another_form_is_told(name: str, message: str) -> None:
    with pytest.raises(pytest.fail.Exception, match=message):
        from_name(name)


def test_names_are_read() -> None:
    assert from_name("json_duplicate-key@a.0.b~two.json") == ("json:duplicate-key", "/a/0/b")
    assert from_name("type@root~a-b.json") == ("type", "")
