"""How a server of ours is set up, where it listens, and what it says while it runs."""

from dataclasses import asdict, dataclass
from typing import Any, ClassVar

import click

from mockserver.cli.options import common, values
from mockserver.cli.options.groups import option
from mockserver.client_rules.context import ClockKind
from mockserver.server.config import BadSetting, ServerConfig


@dataclass(frozen=True, slots=True)
class ServerOptions:
    """How a mock answers, as `ServerConfig` has it; commands say what is offered, and as what."""

    default_clock: ClassVar[ClockKind] = "wall"

    clock: ClockKind
    speed: float | None
    step: int | None
    edition: str | None
    with_download: bool
    token: str | None = option(
        "--token TOKEN",
        "Answer 401 to requests that do not bear this API token.  [env: MOCKSERVER_TOKEN]",
        values.token,
        envvar="MOCKSERVER_TOKEN",
    )

    def __post_init__(self) -> None:
        try:
            self.config(None)
        except BadSetting as error:
            usual = error.clock == self.default_clock
            clock = f"with --clock {self.clock}" if usual else f"without --clock {error.clock}"
            raise click.UsageError(f"--{error.setting} does nothing {clock}: {error}") from None

    def config(self, timeline: str | None, **more: Any) -> ServerConfig:
        """For a server that plays this timeline. Options are called as the settings are."""
        return ServerConfig(timeline, **asdict(self), **more)


def speed_option(more: str = ".") -> Any:
    help_ = f"With a wall clock, virtual seconds for each real one{more}"
    return option("--speed NUMBER", help_, values.speed)


def step_option(default: str) -> Any:
    help_ = f"With a poll clock, how far each status request moves it.  [default: {default}]"
    return option("--step DURATION", help_, values.poll_step)


def edition_option(whose: str) -> Any:
    help_ = f"Which edition to answer as. Without it, {whose} own."
    return common.edition_option(help_, None)


def with_download_option(name: str, **facts: Any) -> Any:
    help_ = "Answer POST, which starts a download, also in an edition without it."
    return option(name, help_, **facts)


@dataclass(frozen=True, slots=True)
class ListeningOptions:
    """Where to listen; a command's `default_map` may have another port."""

    port: int = option(
        "-p --port PORT",
        "Where to listen; 0 takes a free port.",
        click.IntRange(0, 65535),
        default=1234,
    )
    host: str = option(
        "--host HOST",
        "Which address to listen on. Any but a loopback address can be reached from outside.",
        default="127.0.0.1",
    )


@dataclass(frozen=True, slots=True)
class LogOptions:
    quiet: bool = option("-q --quiet", "Print no line for each request.")
    log_json: bool = option(
        "--log-json", "Print JSON lines for a script: listening, request, stopped."
    )
