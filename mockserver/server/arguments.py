"""The settings of `ServerConfig` as the keyword arguments of Python's own functions."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path
from typing import Any, TypedDict, TypeVar

from mockserver.client_rules.context import ClockKind
from mockserver.server.config import ServerConfig
from mockserver.timeline.clock import Clock

_F = TypeVar("_F", bound=Callable[..., Any])


class AppSettings(TypedDict, total=False):
    """What an app can be set to besides its timeline; `ServerConfig` says what each means."""

    edition: str | None
    clock: Clock | ClockKind
    speed: float | None
    step: str | int | None
    token: str | None
    cors: bool
    with_download: bool
    folder: str | Path | None
    control_token: str | None


class ServerSettings(AppSettings, total=False):
    """The same of a server with a port of its own."""

    host: str
    port: int


def takes_settings(settings: type) -> Callable[[_F], _F]:
    """Show the keys of a TypedDict as the keyword arguments that `**settings` stands for."""
    names: frozenset[str] = vars(settings)["__optional_keys__"]

    def show(function: _F) -> _F:
        signature = inspect.signature(function)
        *shown, _ = signature.parameters.values()
        shown += [
            inspect.Parameter(field.name, inspect.Parameter.KEYWORD_ONLY, default=field.default)
            for field in fields(ServerConfig)
            if field.name in names
        ]
        vars(function)["__signature__"] = signature.replace(parameters=shown)
        return function

    return show
