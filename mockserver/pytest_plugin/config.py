"""What a test wants of its server, said once for all tests and anew by single ones.

Nothing heavy is imported before it is played.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from mockserver.errors import UnknownName

if TYPE_CHECKING:
    from mockserver.client_rules.judge import Limits
    from mockserver.server.handle import MockServer
    from mockserver.server.settings import ClockKind, Playable

__all__ = [
    "CLOCKS",
    "VERDICTS",
    "MockServerSettings",
    "configured",
    "over",
    "placed",
    "play",
    "with_folder",
]

VERDICTS = ("error", "warning", "off")
CLOCKS = ("wall", "manual", "poll")

_Types: TypeAlias = type | tuple[type, ...]
_EXPECTED: Mapping[str, tuple[_Types, str]] = {
    "clock": (str, "wall, manual or poll"),
    "speed": ((int, float), "a number"),
    "step": ((str, int), "a duration such as '1s'"),
    "edition": (str, "a name such as '2026-01'"),
    "token": (str, "text"),
    "cors": (bool, "True or False"),
    "with_download": (bool, "True or False"),
    "folder": ((str, Path), "a path"),
    "verdict": (str, "error, warning or off"),
    "expect": ((tuple, list, set, frozenset), "ids of rules"),
    "strict": (bool, "True or False"),
    "host": (str, "a host name or an address"),
    "port": (int, "a number"),
}
_MAY_BE_NONE = ("speed", "step", "edition", "token", "folder")


@dataclass(frozen=True)
class MockServerSettings:
    """What tests play, and how their clients are judged, unless a marker says otherwise.

    Override the fixture `mock_server_settings` to give others for a whole session. `timeline`,
    `clock`, `speed`, `step`, `edition`, `token`, `cors`, `with_download`, `host` and `port` are
    those of `MockServer`; names of timelines are also looked up in `folder` (by default the one
    that MOCKSERVER_TIMELINES names, or `timelines` in the rootdir). `verdict` says which
    remarks about the client fail a test: `"error"`, `"warning"` (both kinds) or `"off"`. `expect`
    are the ids of rules that clients may break. `strict`: a test fails that names a timeline and
    never asks for it. `limits` are where habits become mistakes; None is the usual ones.

    Raises ValueError or UnknownName for what no setting can be.
    """

    timeline: Playable | None = None
    clock: ClockKind = "wall"
    speed: float | None = None
    step: str | int | None = None
    edition: str | None = None
    token: str | None = None
    cors: bool = False
    with_download: bool = True
    folder: str | Path | None = None
    verdict: str = "error"
    expect: Sequence[str] = ()
    strict: bool = True
    limits: Limits | None = None
    host: str = "127.0.0.1"
    port: int = 0

    def __post_init__(self) -> None:
        for name, (types, expected) in _EXPECTED.items():
            value = getattr(self, name)
            if value is None and name in _MAY_BE_NONE:
                continue
            is_stray_flag = isinstance(value, bool) and types is not bool
            if is_stray_flag or not isinstance(value, types):
                raise ValueError(f"{name} is {value!r}: expected {expected}")
        for name, value, known in (
            ("clock", self.clock, CLOCKS),
            ("verdict", self.verdict, VERDICTS),
        ):
            if value not in known:
                raise UnknownName(name, value, known)


_OF_A_TEST = tuple(
    one.name for one in fields(MockServerSettings) if one.name not in ("host", "port")
)


def over(
    under: MockServerSettings, said: Mapping[str, Any], folder: Path, where: str
) -> MockServerSettings:
    """Settings with what is said anew; a path counts from `folder`.

    Speed and step go with their kind of clock. `where` is what says it. Raises UnknownName or
    ValueError.
    """
    for name in said:
        if name not in _OF_A_TEST:
            raise UnknownName("argument", name, _OF_A_TEST, where)
    changes = dict(said)
    if changes.get("clock", under.clock) != under.clock:
        changes = {"speed": None, "step": None, **changes}
    if isinstance(changes.get("expect"), str):
        changes["expect"] = (changes["expect"],)
    if "timeline" in changes:
        changes["timeline"] = placed(changes["timeline"], folder)
    return replace(under, **changes)


def configured(
    ini: Mapping[str, str], typed: Mapping[str, str], *, rootdir: Path, here: Path
) -> dict[str, Any]:
    """The settings that an ini-file and a command line give as text.

    Paths of the file count from `rootdir`, those of the line from `here`. Raises MockServerError or
    ValueError for text that no setting can be.
    """
    given: dict[str, Any] = {**ini, **typed}
    clock = given.get("clock", "wall")
    for name, kind in (("speed", "wall"), ("step", "poll")):
        if name in given and clock != kind:
            if "clock" not in typed:
                raise ValueError(f"a {clock} clock has no {name}")
            del given[name]  # it goes with the file's clock
    if "folder" in given:
        given["folder"] = rootdir / given["folder"]
        if not given["folder"].is_dir():
            raise ValueError(f"mock_server_folder is no folder: {given['folder']}")
    if "timeline" in given:
        folder = here if "timeline" in typed else rootdir
        given["timeline"] = _existing(placed(given["timeline"], folder), given.get("folder"))
    if "edition" in given:
        from mockserver.resources import edition_folder

        edition_folder(given["edition"])
    if "speed" in given:
        given["speed"] = _speed(given["speed"])
    if "step" in given:
        from mockserver.documents.units import given_duration_ms

        given_duration_ms(given["step"], "mock_server_step")
    MockServerSettings(**given)
    return given


def _speed(text: str) -> float:
    try:
        speed = float(text)
    except ValueError:
        speed = 0.0
    if not 0 < speed < float("inf"):
        raise ValueError(f"mock_server_speed is {text!r}: expected a number above 0")
    return speed


def _existing(timeline: str | Path, folder: Path | None) -> str | Path:
    """The same, if there is one of this name, or such a file."""
    from mockserver.resources import own_timeline_files, timeline_files

    if isinstance(timeline, Path):
        if not timeline.is_file():
            raise ValueError(f"there is no timeline {timeline}")
        return timeline
    known = {**timeline_files(), **own_timeline_files(folder)}
    if timeline not in known:
        raise UnknownName("timeline", timeline, tuple(known))
    return timeline


def with_folder(settings: MockServerSettings, rootdir: Path) -> MockServerSettings:
    """The same; names of timelines are looked up in the rootdir's `timelines`, if nothing else."""
    from mockserver.resources import TIMELINES_FOLDER, TIMELINES_VARIABLE

    folder = rootdir / TIMELINES_FOLDER
    is_said = settings.folder is not None or bool(os.environ.get(TIMELINES_VARIABLE))
    return settings if is_said or not folder.is_dir() else replace(settings, folder=folder)


def placed(timeline: Any, folder: Path) -> Any:
    """The same timeline; where it is named by a path, that path from this folder."""
    if isinstance(timeline, str):
        from mockserver.resources import TIMELINE_SUFFIXES

        if not ("/" in timeline or "\\" in timeline or timeline.endswith(TIMELINE_SUFFIXES)):
            return timeline
    return folder / timeline if isinstance(timeline, str | Path) else timeline


def play(handle: MockServer, wanted: MockServerSettings, *, strict: bool) -> None:
    """Make the server new for a test. Raises MockServerError or ValueError."""
    from mockserver.client_rules.judge import Limits
    from mockserver.server.settings import Settings

    if wanted.limits is not None and not isinstance(wanted.limits, Limits):
        raise ValueError(f"limits is {wanted.limits!r}: expected mockserver.Limits(...)")
    settings = Settings.of(
        _timeline(wanted),
        wanted.edition,
        wanted.clock,
        speed=wanted.speed,
        step=wanted.step,
        token=wanted.token,
        cors=wanted.cors,
        with_download=wanted.with_download,
    )
    handle.play(
        settings,
        expect=tuple(wanted.expect),
        limits=wanted.limits,
        strict=strict,
        breaks_off=wanted.verdict != "off",
    )


def _timeline(wanted: MockServerSettings) -> Playable:
    from mockserver.server.library import timeline_named
    from mockserver.timeline.builder import Job
    from mockserver.timeline.model import Timeline

    given: Any = wanted.timeline
    if given is None or isinstance(given, str | Path):
        return timeline_named(given, wanted.folder)
    is_listed = isinstance(given, Sequence) and given and all(isinstance(one, Job) for one in given)
    if not (is_listed or isinstance(given, Timeline | Job | Mapping)):
        kinds = "a name, a path, Job(...) or several, timeline_of(...) or a dict"
        raise ValueError(f"timeline is {given!r}: expected {kinds}")
    playable: Playable = given
    return playable
