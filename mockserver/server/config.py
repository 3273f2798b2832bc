"""How a server is set up: one record, which Python, pytest, command line and control API fill."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Self, TypeAlias, TypedDict, TypeVar, get_args

from mockserver import resources
from mockserver.client_rules.context import ClockKind
from mockserver.errors import MockServerError, UnknownName

if TYPE_CHECKING:
    from mockserver.timeline.builder import Job
    from mockserver.timeline.clock import Clock
    from mockserver.timeline.model import Timeline

    Playable: TypeAlias = Timeline | str | Path | Job | Sequence[Job] | Mapping[str, Any]
    """A timeline, its name or its file; jobs written in Python; or what a file holds, as data."""

_F = TypeVar("_F", bound=Callable[..., Any])

CLOCKS: tuple[ClockKind, ...] = get_args(ClockKind)
MAX_SPEED = 1_000_000
"""Virtual seconds for each real one that a wall clock can be given."""
TOKEN_PATTERN = "[!-~]{1,10000}"
TOKEN_EXPECTED = "printable ASCII text without spaces"

_HAS = (("speed", "wall", "it does not run by itself"), ("step", "poll", "polls do not move it"))
"""Which kind of clock has a setting, and why the others have it not."""


class BadSetting(MockServerError, ValueError):
    """A value that a setting cannot have. `clock` is the kind of clock that it takes."""

    setting: str
    value: object
    expected: str
    problem: str = ""
    clock: str = ""

    def __str__(self) -> str:
        return self.problem or f"{self.setting} is {self.value!r}: expected {self.expected}"


@dataclass(frozen=True)
class ServerConfig:
    """What a server plays, how, and where. Immutable, and checked where it is made.

    `timeline` is a bundled name, one of `folder` (see `resources.own_timelines_folder`), a file's
    path, a loaded one, jobs written in Python or what a file holds as data; `healthy` unless given.
    The `edition` is the timeline's own unless given. `clock` is `"wall"` (runs, `speed` virtual
    seconds for each real one, 1 unless given), `"manual"` (stands until it is moved), `"poll"`
    (each status request moves it by `step`, `"1s"` unless given; text or milliseconds), or a
    clock of your own. With a `token`, requests must bear it; `cors` lets web pages read the
    replies; `with_download` answers POST also in an edition that does not document it. The control
    API below `/_mock` asks for the `control_token`, if there is one.

    Raises UnknownName or BadSetting; the timeline is looked up when it is played.
    """

    timeline: Playable | None = None
    _: KW_ONLY
    edition: str | None = None
    clock: Clock | ClockKind = "wall"
    speed: float | None = None
    step: str | int | None = None
    token: str | None = None
    cors: bool = False
    with_download: bool = False
    folder: str | Path | None = None
    host: str = "127.0.0.1"
    port: int = 0
    control_token: str | None = None

    TYPES: ClassVar[Mapping[str, tuple[type | tuple[type, ...], str]]] = {
        "edition": (str, "a name such as '2026-01'"),
        "speed": ((int, float), "a number"),
        "step": ((str, int), "a duration such as '1s'"),
        "token": (str, "text"),
        "cors": (bool, "True or False"),
        "with_download": (bool, "True or False"),
        "folder": ((str, Path), "a path"),
        "host": (str, "a host name or an address"),
        "port": (int, "a number"),
        "control_token": (str, "text"),
    }
    """Of each setting, what it can be and how to say so; None besides where it is the default."""

    def __post_init__(self) -> None:
        for name, (types, expected) in self.TYPES.items():
            value = getattr(self, name)
            if value is None and getattr(type(self), name) is None:
                continue
            # True is an int to Python, and no number to anybody else.
            if not isinstance(value, types) or (isinstance(value, bool) and types is not bool):
                raise BadSetting(name, value, expected)
        self._check_clock()
        for name in ("token", "control_token"):
            token = getattr(self, name)
            if token is not None and not re.fullmatch(TOKEN_PATTERN, token):
                # A token is not repeated: it may be somebody's own.
                problem = f"a {name.replace('_', ' ')} is {TOKEN_EXPECTED}"
                raise BadSetting(name, None, TOKEN_EXPECTED, problem)
        if self.edition is not None:
            resources.edition_folder(self.edition)

    def _check_clock(self) -> None:
        clock = self.clock
        if not isinstance(clock, str):
            from mockserver.timeline.clock import Clock

            is_made = isinstance(clock, Clock)
            if is_made and self.speed is self.step is None:
                return
            problem = "a clock that is made already has its speed and its step" if is_made else ""
            raise BadSetting("clock", clock, "wall, manual or poll", problem)
        if clock not in CLOCKS:
            raise UnknownName("clock", clock, CLOCKS)
        for setting, kind, why in _HAS:
            value = getattr(self, setting)
            if value is not None and clock != kind:
                problem, expected = f"a {clock} clock has no {setting}: {why}", f"a {kind} clock"
                raise BadSetting(setting, value, expected, problem, kind)
        if self.speed is not None and not 0 < self.speed <= MAX_SPEED:
            raise BadSetting("speed", self.speed, f"a number above 0, at most {MAX_SPEED:,}")
        if self.step is not None:
            _check_step(self.step)

    def changed(self, **changes: Any) -> Self:
        """The same with some settings changed.

        Another timeline brings its own edition, unless one is given, or was given before; another
        kind of clock its usual speed and step, unless they are given.
        """
        if "clock" in changes and changes["clock"] != self.clock:
            changes = {"speed": None, "step": None, **changes}
        return replace(self, **changes)

    def guarded(self) -> Self:
        """The same; on any host but a loopback address a control token is made unless given."""
        if self.control_token is not None or is_loopback(self.host):
            return self
        import secrets

        return replace(self, control_token=secrets.token_urlsafe(16))


def _check_step(step: str | int) -> None:
    from mockserver.documents.units import given_duration_ms

    try:
        step_ms = given_duration_ms(step, "step") if isinstance(step, str) else step
    except ValueError as error:
        raise BadSetting("step", step, "a duration", str(error)) from None
    if step_ms <= 0:
        raise BadSetting("step", step, "a duration above 0", f"a step takes time, not {step!r}")


def is_loopback(host: str) -> bool:
    """Whether an address can be reached from this machine alone."""
    import ipaddress

    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"


class AppSettings(TypedDict, total=False):
    """The settings of `ServerConfig` that an app has besides its timeline, as Python's keywords."""

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

    def show(function: _F) -> _F:
        signature = inspect.signature(function)
        *shown, _ = signature.parameters.values()
        shown += [
            inspect.Parameter(field.name, inspect.Parameter.KEYWORD_ONLY, default=field.default)
            for field in fields(ServerConfig)
            if field.name in vars(settings)["__optional_keys__"]
        ]
        vars(function)["__signature__"] = signature.replace(parameters=shown)
        return function

    return show
