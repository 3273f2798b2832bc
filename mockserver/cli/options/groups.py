"""Groups of options: frozen dataclasses, each field an option, filled when a command is called."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import field, fields
from functools import wraps
from typing import Any, TypeVar, cast

import click
from click.shell_completion import CompletionItem

_Command = TypeVar("_Command", bound=Callable[..., Any])
_Group = TypeVar("_Group")
_OPTION = "option"


def option(spec: str, help_: str, type_: Any = None, **facts: Any) -> Any:
    """A field that an option fills; the field's type is that of the value.

    `spec` are the option's names and what stands for its value, as in `-o --output FILE`. Without
    such a word, nor a type, it is a flag. `facts` are what else `click.option` can be given.
    """
    return field(metadata={_OPTION: _click_option(spec, help_, type_, facts)})


def option_decorator(
    name: str, spec: str, help_: str, type_: Any = None, **facts: Any
) -> Callable[[_Command], _Command]:
    """The same for an option that is in no group: the command's argument `name`."""
    names, found = _click_option(spec, help_, type_, facts)
    return click.option(*names, name, **found)


def _click_option(
    spec: str, help_: str, type_: Any, facts: dict[str, Any]
) -> tuple[list[str], dict[str, Any]]:
    words = spec.split()
    names = [word for word in words if word.startswith("-")]
    metavar = " ".join(words[len(names) :])
    found = {"help": help_, "type": type_, **facts}
    if metavar:
        found["metavar"] = metavar
    elif type_ is None and "/" not in spec:
        found["is_flag"] = True
    if metavar == "FILE":
        found.setdefault("shell_complete", file_names)
    if "default" in facts:
        found["show_default"] = facts["default"] is not None
    return names, found


def file_names(ctx: click.Context, parameter: click.Parameter, typed: str) -> list[CompletionItem]:
    """Shell completion with files, by the shell itself.

    Whether a file can be read is told when it is read, in the same words everywhere.
    """
    return [CompletionItem(typed, type="file")]


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
