"""What the compiled engine finds, as rules and places alone: for proofs by the thousand."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from mockserver.documents.pointer import pointer

if TYPE_CHECKING:
    from jsonschema_rs import ValidationError

_MEMBERWISE = ("required", "dependentRequired")


def breaches(errors: Iterable[ValidationError]) -> Iterator[tuple[str, str]]:
    """The rule and the pointer of each violation, as `explanation.explain` would name them."""
    for error in errors:
        place: list[Any] = error.instance_path
        keyword = str(error.schema_path[-1])
        kind: Any = error.kind
        if keyword in _MEMBERWISE:
            yield keyword, pointer((*place, kind.property))
        elif keyword == "not":
            members = error.instance if isinstance(error.instance, dict) else {}
            for name in kind.schema["required"]:
                if name in members:
                    yield "absent", pointer((*place, name))
        elif keyword == "anyOf":
            yield from _none_of(error, kind.context)
        elif keyword == "additionalProperties":
            yield from ((keyword, pointer((*place, name))) for name in kind.unexpected)
        else:
            yield keyword, pointer(place)


def _none_of(
    error: ValidationError, forms: list[list[ValidationError]]
) -> Iterator[tuple[str, str]]:
    depth = len(error.instance_path)
    meant = [inner for inner in forms if not any(_rules_out(one, depth) for one in inner)]
    if len(forms) == 1:
        meant = forms
    if len(meant) == 1:
        yield from breaches(meant[0])
    else:
        yield "anyOf", pointer(error.instance_path)


def _rules_out(error: ValidationError, outer: int) -> bool:
    """Whether the error says that this form was not meant: another type, or another label."""
    depth = len(error.instance_path) - outer
    keyword = error.schema_path[-1]
    return depth == 0 if keyword == "type" else keyword in ("const", "enum") and depth <= 1
