"""ruamel.yaml's events, with its objections in our own words."""

import re
from collections.abc import Iterator
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError

from mockserver.documents.source import Excerpt
from mockserver.errors import YamlError

_UNPRINTABLE = re.compile("[^\t\n\r -~\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
TAG = "a tag, which nothing here reads"
NO_TAG = "no tag: how a value is written tells its type"
_NOT_CLOSED = "a quotation is not closed"
_NO_COLON = "a key without a colon"
_SYNTAX: tuple[tuple[str, str, str | None], ...] = (
    # A part of what ruamel.yaml says; the problem; what was expected.
    ("found character '\\t'", "a tab where only spaces indent", "spaces"),
    ("cannot start any token", "a character that cannot begin a value", "quotes around the text"),
    ("could not find expected ':'", _NO_COLON, "':' after the key"),
    ("mapping values are not", "a colon that cannot stand here", "quotes around the text"),
    ("sequence entries are not", "a list item that cannot stand here", "a line of its own"),
    ("mapping keys are not", "a key that cannot stand here", "a line of its own"),
    ("unexpected end of stream", _NOT_CLOSED, "a closing quotation mark"),
    ("unexpected document separator", _NOT_CLOSED, "a closing quotation mark"),
    ("expected ',' or ']'", "a list in brackets that goes wrong", "',' or ']'"),
    ("expected ',' or '}'", "a mapping in braces that goes wrong", "',' or '}'"),
    ("a block mapping", "no key of the mapping before it", "a key at the same indentation"),
    ("a block collection", "no item of the list before it", "'- ' at the same indentation"),
    ("expected the node content", "a value is missing", "a value"),
    ("unknown escape character", "an unknown escape", "single quotes, or \\\\ for a backslash"),
    ("expected escape sequence", "an escape with too few digits", "hexadecimal digits"),
    ("a block scalar", "a block text that goes wrong", "text indented evenly after | or >"),
    ("a tag", TAG, NO_TAG),
    ("undefined tag handle", TAG, NO_TAG),
    ("a directive", "a directive that goes wrong", "%YAML 1.2 or none"),
    ("YAML d", "a directive that goes wrong", "%YAML 1.2 or none"),
    ("document", "text after the end of the document", "nothing"),
)


MAX_CHARACTERS = 1_048_576
MAX_DEPTH = 50
MAX_NODES = 100_000
"""Keys and values, with every alias written out."""


def fault(excerpt: Excerpt, index: int, problem: str, expected: str | None = None) -> YamlError:
    place = excerpt.place(index)
    return excerpt.source.error(YamlError, *place, problem, expected=expected)


def events(excerpt: Excerpt) -> Iterator[Any]:
    """ruamel.yaml's events; all that it raises becomes a YamlError."""
    if len(excerpt.text) > MAX_CHARACTERS:
        problem = f"{len(excerpt.text):,} characters of YAML"
        raise fault(excerpt, 0, problem, f"at most {MAX_CHARACTERS:,}")
    if unprintable := _UNPRINTABLE.search(excerpt.text):
        problem = f"a character that YAML does not allow (U+{ord(unprintable[0]):04X})"
        raise fault(excerpt, unprintable.start(), problem, "an escape in double quotes")
    index = 0
    try:
        for event in YAML(typ="safe", pure=True).parse(excerpt.text):
            index = event.end_mark.index
            yield event
    except MarkedYAMLError as error:
        raise _syntax_error(excerpt, error, index) from None
    except (ValueError, OverflowError):
        # ruamel.yaml hands numbers to chr() and int() unchecked: "\U00110000", "\UFFFFFFFF", and
        # %YAML 1.<thousands of digits>.
        at = excerpt.text.find("\\U", index)
        if at < 0:
            raise version_error(excerpt) from None
        raise fault(excerpt, at, "an escape beyond Unicode", "at most \\U0010FFFF") from None
    except AssertionError:
        # ruamel.yaml asserts that the version is 1.1 or 1.2: %YAML 1.3.
        raise version_error(excerpt) from None


def version_error(excerpt: Excerpt) -> YamlError:
    at = max(excerpt.text.find("%YAML"), 0)
    return fault(excerpt, at, "a version of YAML that we do not read", "%YAML 1.2 or none")


def _syntax_error(excerpt: Excerpt, error: MarkedYAMLError, index: int) -> YamlError:
    said = f"{error.context or ''} {error.problem or ''}"
    unknown = ("", "this breaks the rules of YAML", None)
    _, problem, expected = next((row for row in _SYNTAX if row[0] in said), unknown)
    mark = error.problem_mark or error.context_mark
    if problem in (_NOT_CLOSED, _NO_COLON):
        mark = error.context_mark
    return fault(excerpt, mark.index if mark else index, problem, expected)
