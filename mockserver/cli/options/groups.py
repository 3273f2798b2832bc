"""Groups of options: frozen dataclasses, each field an option, filled when a command is called."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import field, fields
from functools import wraps
from typing import Any, TypeVar, cast

import click

__all__ = ["filled", "option", "option_groups"]

_Command = TypeVar("_Command", bound=Callable[..., Any])
_Group = TypeVar("_Group")
_OPTION = "option"


def option(*names: str, **facts: Any) -> Any:
    """A field that `click.option` with these arguments fills. Its type is that of the value."""
    return field(metadata={_OPTION: (names, facts)})


def option_groups(**groups: type[Any]) -> Callable[[_Command], _Command]:
    """Give a command the options of these groups; it gets each group as one argument.

    Rules that bind several options stand in the group's `__post_init__`.
    """

    def decorate(function: _Command) -> _Command:
        @wraps(function)
        def run(*arguments: Any, **values: Any) -> Any:
            found = {name: filled(group, values) for name, group in groups.items()}
            grouped = {option_.name for group in groups.values() for option_ in fields(group)}
            rest = {name: value for name, value in values.items() if name not in grouped}
            return function(*arguments, **rest, **found)

        command: Callable[..., Any] = run
        for group in reversed(groups.values()):
            for option_ in reversed(fields(group)):
                names, facts = option_.metadata[_OPTION]
                command = click.option(*names, option_.name, **facts)(command)
        return cast("_Command", command)

    return decorate


def filled(group: type[_Group], values: Mapping[str, Any]) -> _Group:
    """The group with its share of a command's values."""
    return group(**{option_.name: values[option_.name] for option_ in fields(cast("Any", group))})
