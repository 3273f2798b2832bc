"""Conditions as schemas: what must be there, or must not, under a condition on another field."""

from collections.abc import Callable, Iterator, Mapping, Sequence

from mockserver.pages import conditions, types
from mockserver.pages.conditions import Condition, ProseValue
from mockserver.pages.schema_node import SOURCE, Scalar, Schema, literals
from mockserver.pages.table import Row


def unenforced(rows: Sequence[Row]) -> Iterator[tuple[Row, str, str]]:
    """The row, the sentence and the reason of each condition that `compile_part` leaves out."""
    siblings = {row.name: row for row in rows if not row.alternative}
    for row in rows:
        for condition in conditions.read(row.description):
            reason = reason_against(condition, row, siblings)
            if reason is not None:
                yield row, condition.sentence, reason
        yield from unenforced(row.children)


def keywords(
    rows: Sequence[Row], siblings: Mapping[str, Row], source_at: Callable[[int], str]
) -> Schema:
    """What the rows' conditions of presence demand of an object; `source_at` a line names it."""
    together: dict[str, dict[str, None]] = {}
    rules: list[Schema] = []
    enforced = (
        (row, condition)
        for row in rows
        for condition in conditions.read(row.description)
        if condition.is_of_presence and reason_against(condition, row, siblings) is None
    )
    for row, condition in enforced:
        other = siblings[condition.field]
        if condition.kind == "present-with":
            for first, second in ((row, other), (other, row)):
                if second.optional:  # else it would be missing twice
                    together.setdefault(first.name, {})[second.name] = None
            continue
        about = {"description": condition.sentence, SOURCE: source_at(row.line)}
        for when, then in _cases(row, condition, other):
            rules.append({**about, "if": when, "then": then})
    found: Schema = {}
    if together:
        found["dependentRequired"] = {name: [*needed] for name, needed in together.items()}
    return found | ({"allOf": rules} if rules else {})


def _cases(row: Row, condition: Condition, other: Row) -> Iterator[tuple[Schema, Schema]]:
    """What holds when the other field has the values, and what otherwise: pairs of if and then."""
    values = _resolved(condition.values, other)
    then: Schema = {"required": [row.name]}
    otherwise: Schema = {"not": then}
    if condition.kind == "absent-when":
        then, otherwise = otherwise, then
    yield _when(other, values), then
    if (rest := _otherwise(other, values)) is not None:
        yield rest, otherwise


def reason_against(condition: Condition, row: Row, siblings: Mapping[str, Row]) -> str | None:
    """Why it cannot be enforced, or None; `siblings` matters to conditions on another field."""
    if condition.kind == "unread":
        return "not one of the wordings that are read"
    if not condition.is_of_presence:
        if types.PrimitiveType("string") in types.options(row.type):
            return None
        return f"the field's type is {types.render(row.type)}, not string"
    if row.alternative:
        return f"{row.name!r} is an alternative, not a field"
    return _reason_against_presence(condition, row, siblings)


def _reason_against_presence(
    condition: Condition, row: Row, siblings: Mapping[str, Row]
) -> str | None:
    if sum(other.is_of_presence for other in conditions.read(row.description)) > 1:
        return "the row states more than one condition of presence"
    other = siblings.get(condition.field)
    if other is None:
        return f"{condition.field!r} is not a field beside it"
    if other is row:
        return "a field cannot depend on itself"
    if condition.kind == "present-with":
        may_miss = other.optional
    else:
        try:
            values = _resolved(condition.values, other)
        except ValueError as error:
            return str(error)
        may_miss = condition.kind == "absent-when" or _otherwise(other, values) is not None
    if may_miss and not row.optional:
        return "the field is not marked optional, so it is always required"
    return None


def _resolved(values: tuple[ProseValue, ...], other: Row) -> list[Scalar]:
    """The prose's values as JSON; ValueError when the other field can never have one of them."""
    domain = _domain(other)
    found: list[Scalar] = []
    for value in values:
        candidates: list[Scalar] = [value.text]
        if not value.quoted and value.text in types.CONSTANTS:
            candidates.insert(0, types.CONSTANTS[value.text])
        fitting = [candidate for candidate in candidates if _can_be(other, candidate, domain)]
        if not fitting:
            raise ValueError(f"{other.name!r} ({types.render(other.type)}) is never {value.text}")
        found.append(fitting[0])
    return found


def _can_be(row: Row, value: Scalar, domain: list[Scalar] | None) -> bool:
    if domain is not None:
        return value in domain
    literal = types.LiteralType(value)
    fitting = (literal, types.PrimitiveType(types.kind(literal)))
    return any(option in fitting for option in types.options(row.type))


def _domain(row: Row) -> list[Scalar] | None:
    """Every value the field may have when its type counts them, else None."""
    values: list[Scalar] = []
    for option in types.options(row.type):
        if isinstance(option, types.LiteralType):
            values.append(option.value)
        elif option == types.PrimitiveType("boolean"):
            values += [True, False]
        else:
            return None
    return values


def _when(other: Row, values: list[Scalar]) -> Schema:
    return {
        "type": "object",  # what is none breaks no rule about its members
        "properties": {other.name: literals(values)},
        "required": [other.name],
    }


def _otherwise(other: Row, values: list[Scalar]) -> Schema | None:
    """The reverse of `_when`, or None when there is none: the field can have no other value.

    A value that the other field must not have at all, or its being missing although required, is a
    violation of its own and makes no case here: one fault gives one violation.
    """
    domain = _domain(other)
    if domain is None:
        kinds = list(dict.fromkeys(types.kind(option) for option in types.options(other.type)))
        case: Schema = {"type": kinds[0] if len(kinds) == 1 else kinds}
        case["not"] = literals(values)
    else:
        rest = [left for left in domain if left not in values]
        if not rest and not other.optional:
            return None
        case = literals(rest) if rest else {"not": {}}
    when: Schema = {"type": "object", "properties": {other.name: case}}
    if not other.optional:
        when["required"] = [other.name]
    return when
