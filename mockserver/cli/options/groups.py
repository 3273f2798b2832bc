"""Commands that say by their parameters what they can be given: options, alone or in groups.

A group is a frozen dataclass of which each field is an option. Rules that bind several options
stand in its `__post_init__`.
"""

import inspect
from collections.abc import Callable, Mapping
from dataclasses import Field, field, fields
from typing import Any, TypeVar, cast

import click
from click.core import ParameterSource
from click.shell_completion import CompletionItem

_Group = TypeVar("_Group")
_PARAMETER = "parameter"
_EXAMPLES = "\n\nExamples:\n"


def option(spec: str, help_: str, type_: Any = None, **facts: Any) -> Any:
    """What a field of a group, or a parameter of a command, has for its default: an option.

    `spec` are the option's names and what stands for its value, as in `-o --output FILE`. Without
    such a word, nor a type, it is a flag. `facts` are what else `click.Option` can be given.
    """
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
    return field(metadata={_PARAMETER: (click.Option, names, found)})


def argument(metavar: str | None = None, **facts: Any) -> Any:
    return field(metadata={_PARAMETER: (click.Argument, [], {"metavar": metavar, **facts})})


def file_names(ctx: click.Context, parameter: click.Parameter, typed: str) -> list[CompletionItem]:
    """Shell completion with files, by the shell itself.

    Whether a file can be read is told when it is read, in the same words everywhere.
    """
    return [CompletionItem(typed, type="file")]


def click_command(
    name: str, parent: click.Group | None = None, **facts: Any
) -> Callable[[Callable[..., None]], click.Command]:
    """Make a command of a function: its docstring is the help, the epilog from `Examples:` on.

    A parameter has an option or an argument for its default, or a group for its type.
    """

    def decorate(function: Callable[..., None]) -> click.Command:
        defaults: dict[str, Field[Any]] = {}
        groups: dict[str, type[Any]] = {}
        stated: dict[str, Field[Any]] = {}
        for parameter in inspect.signature(function, eval_str=True).parameters.values():
            if parameter.default is parameter.empty:
                groups[parameter.name] = parameter.annotation
                stated |= {option_.name: option_ for option_ in fields(parameter.annotation)}
            else:
                defaults[parameter.name] = stated[parameter.name] = parameter.default

        def run(**values: Any) -> None:
            found = {name: filled(group, values) for name, group in groups.items()}
            function(**found, **{name: values[name] for name in defaults})

        params = []
        for field_name, stated_field in stated.items():
            kind, names, given = stated_field.metadata[_PARAMETER]
            params.append(kind([*names, field_name], **given))
        more = {**_described(function), **facts}
        made = click.Command(name, params=params, callback=run, **more)
        if parent is not None:
            parent.add_command(made)
        return made

    return decorate


def _described(function: Callable[..., None]) -> dict[str, Any]:
    text, found, rest = inspect.cleandoc(function.__doc__ or "").partition(_EXAMPLES)
    epilog = (found + rest).replace("\n\n", "\n\n\b\n")
    return {"help": text, "epilog": epilog.removeprefix("\n\n")}


def is_given(name: str) -> bool:
    """Whether a parameter of the command that runs was given, and is no default."""
    source = click.get_current_context().get_parameter_source(name)
    return source is ParameterSource.COMMANDLINE


def filled(group: type[_Group], values: Mapping[str, Any]) -> _Group:
    """The group with its share of a command's values."""
    return group(**{option_.name: values[option_.name] for option_ in fields(cast("Any", group))})
