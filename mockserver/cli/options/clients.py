"""How a client of the user's is run."""

import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from mockserver.cli.options import values
from mockserver.cli.options.groups import argument, option
from mockserver.exercise.command import PLACEHOLDERS, WITHOUT_TOKEN, check_placeholders, fill

_MOST_JOBS = 8


def deadline_option(default: str, help_: str) -> Any:
    return option(
        "--deadline DURATION",
        f"How much real time the command has for each {help_}",
        values.deadline,
        default=default,
    )


def success_exit_option(what: str) -> Any:
    return option(
        "--success-exit CODES",
        f"The exit codes by which the command says that {what}, such as 0,3.",
        values.exit_codes,
        default="0",
    )


@dataclass(frozen=True, slots=True)
class ClientOptions:
    """How many runs there are at a time; commands say what the rest means for them."""

    deadline: float
    success_exit: frozenset[int]
    jobs: int | None = option(
        "-j --jobs N",
        f"How many runs at a time.  [default: as many as there are CPUs, at most {_MOST_JOBS}]",
        click.IntRange(1, 100),
    )

    @property
    def workers(self) -> int:
        return self.jobs or min(_MOST_JOBS, os.cpu_count() or 1)


def client_argument() -> Any:
    """`-- COMMAND [ARG]...`, of which nothing is an option of ours."""
    return argument("-- COMMAND [ARG]...", nargs=-1, type=click.UNPROCESSED)


def check_client(name: str, client: tuple[str, ...], *, knows_token: bool = True) -> None:
    """UsageError for a command that cannot be run, MockServerError for its placeholders."""
    if not client:
        raise click.UsageError(f"no command: mockserver {name} [OPTIONS] -- COMMAND [ARG]...")
    check_placeholders(client, PLACEHOLDERS if knows_token else WITHOUT_TOKEN)
    program = fill(client[:1], dict.fromkeys(PLACEHOLDERS, ""))[0]
    if not program:
        raise click.UsageError("the command's first word is empty: which program is to be run?")
    if shutil.which(program) is not None:
        return
    path = Path(program)
    if path.name == program and not path.exists():
        raise click.UsageError(f"command not found: {program}")
    if not path.exists():
        raise click.UsageError(f"no such file: {program}")
    if path.is_dir():
        raise click.UsageError(f"{program} is a folder, and no command")
    advice = f"; to run it from here, write ./{program}" if path.name == program else ""
    raise click.UsageError(
        f"{program} is not executable: name its interpreter, such as `python {program}`{advice}"
    )
