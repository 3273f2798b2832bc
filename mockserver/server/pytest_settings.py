"""What a test wants of its server: ini-file, command line, Python say it for all, markers anew."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from mockserver import resources
from mockserver.errors import UnknownName
from mockserver.server.config import BadSetting, ServerConfig

if TYPE_CHECKING:
    from mockserver.client_rules.judge import Limits

VERDICTS = ("error", "warning", "off")


@dataclass(frozen=True)
class MockServerSettings(ServerConfig):
    """What tests play, and how their clients are judged, unless a marker says otherwise.

    Override the fixture `mock_server_settings` to give others for a whole session. All but the
    following are those of `MockServer`; names of timelines are also looked up in `folder` (by
    default the one that MOCKSERVER_TIMELINES names, or `timelines` in the rootdir). `verdict` says
    which remarks about the client fail a test: `"error"`, `"warning"` (both kinds) or `"off"`.
    `expect` are the ids of rules that clients may break. `strict`: a test fails that names a
    timeline and never asks for it. `limits` are where habits become mistakes; None is the usual
    ones.

    Raises ValueError or UnknownName for what no setting can be.
    """

    with_download: bool = True
    verdict: str = "error"
    expect: Sequence[str] = ()
    strict: bool = True
    limits: Limits | None = None

    TYPES: ClassVar = {
        **ServerConfig.TYPES,
        "verdict": (str, "error, warning or off"),
        "expect": ((tuple, list, set, frozenset), "ids of rules"),
        "strict": (bool, "True or False"),
    }

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.verdict not in VERDICTS:
            raise UnknownName("verdict", self.verdict, VERDICTS)
        if self.limits is not None:
            from mockserver.client_rules.judge import Limits

            if not isinstance(self.limits, Limits):
                raise BadSetting("limits", self.limits, "mockserver.Limits(...)")


_OF_THE_SERVER = ("host", "port", "control_token")
_OF_A_TEST = tuple(
    field.name for field in fields(MockServerSettings) if field.name not in _OF_THE_SERVER
)


def over(
    under: MockServerSettings, said: Mapping[str, Any], folder: Path, where: str
) -> MockServerSettings:
    """The settings with what `where` says anew, a path from `folder`; UnknownName, ValueError."""
    for name in said:
        if name not in _OF_A_TEST:
            raise UnknownName("argument", name, _OF_A_TEST, where)
    changes = dict(said)
    if isinstance(changes.get("expect"), str):
        changes["expect"] = (changes["expect"],)
    if "timeline" in changes:
        changes["timeline"] = _placed(changes["timeline"], folder)
    return under.changed(**changes)


def configured(
    ini: Mapping[str, Any], typed: Mapping[str, str], *, rootdir: Path, here: Path
) -> MockServerSettings:
    """Those of an ini-file, whose paths count from `rootdir`, and a command line, from `here`.

    MockServerError or ValueError for text that no setting can be.
    """
    given: dict[str, Any] = dict(ini)
    if "folder" in given:
        given["folder"] = rootdir / given["folder"]
        if not given["folder"].is_dir():
            raise ValueError(f"mock_server_folder is no folder: {given['folder']}")
    if "speed" in given:
        try:
            given["speed"] = float(given["speed"])
        except ValueError:
            given["speed"] = 0.0  # which is no speed either
    if "timeline" in given:
        given["timeline"] = _placed(given["timeline"], rootdir)
    try:
        settings = over(MockServerSettings(**given), typed, here, "the command line")
    except BadSetting as error:
        if error.setting not in ini or error.clock:
            raise
        text = ini[error.setting]
        problem = f"mock_server_{error.setting} is {text!r}: expected {error.expected}"
        raise ValueError(problem) from None
    _check_timeline(settings)
    return settings


def _check_timeline(settings: MockServerSettings) -> None:
    """Raise UnknownName or ValueError when there is none of this name, or no such file."""
    timeline = settings.timeline
    if isinstance(timeline, Path) and not timeline.is_file():
        raise ValueError(f"there is no timeline {timeline}")
    if isinstance(timeline, str):
        known = {**resources.timeline_files(), **resources.own_timeline_files(settings.folder)}
        if timeline not in known:
            raise UnknownName("timeline", timeline, tuple(known))


def with_folder(settings: MockServerSettings, rootdir: Path) -> MockServerSettings:
    """The same; names of timelines are looked up in the rootdir's `timelines`, if nothing else."""
    folder = rootdir / resources.TIMELINES_FOLDER
    is_said = settings.folder is not None or bool(os.environ.get(resources.TIMELINES_VARIABLE))
    return settings if is_said or not folder.is_dir() else replace(settings, folder=folder)


def _placed(timeline: Any, folder: Path) -> Any:
    """The same timeline; where it is named by a path, that path from this folder."""
    if isinstance(timeline, str) and not resources.names_a_path(timeline):
        return timeline
    return folder / timeline if isinstance(timeline, str | Path) else timeline
