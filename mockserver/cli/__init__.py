"""The command line: the only place that prints, parses arguments and exits.

Exit codes: 0 fine, 1 findings, 2 usage or unreadable input, 3 a server that cannot be reached,
130 interrupted.
"""

import errno
import os
import sys
from contextlib import suppress
from io import TextIOWrapper

import click

from mockserver import __version__
from mockserver.cli.views.output import print_error
from mockserver.errors import MockServerError, UnknownName, UnreachableServer, UnreadableFile

# Command, and its line in the overview. Its module is loaded when it is named, so that none pays
# for all.
_COMMANDS = {
    "demo": "Watch a download on a mock server, every reply checked.",
    "serve": "Serve a timeline for a client to poll.",
    "exercise": "Run a client against every incident, and say what it did wrong.",
    "fuzz": "Give a client any reply, and find the smallest that breaks it.",
    "check": "Hold a real server to the documented API.",
    "record": "Follow a real job, and write a timeline that replays it.",
    "proxy": "Sit between a client and a real server, and say what both did wrong.",
    "timelines": "List, show, check and plot timelines.",
    "validate": "Check JSON payloads against the documented tables.",
    "schemas": "List, show, build and compare the schemas.",
    "generate": "Print payloads, valid or broken in one place.",
    "lint": "Check pages against themselves and each other.",
    "behaviours": "What the mock does, and how that is known.",
    "explain": "Explain a rule that a finding or a verdict names.",
}


class _OutputLost(Exception):
    """What a command printed could not be written: `args[0]` is the system's error."""


class _LazyGroup(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return None
        from importlib import import_module

        command: click.Command = import_module(f"{__name__}.{cmd_name}").command
        return command

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except OSError as error:
            if error.filename is not None:
                reason = (error.strerror or str(error)).lower()
                raise UnreadableFile(str(error.filename), reason) from error
            if error.errno not in (errno.EPIPE, errno.ENOSPC, errno.EIO, errno.EBADF):
                raise
            # click would end with 1 by itself, which here means findings.
            raise _OutputLost(error) from error

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        # The overview needs no command's module.
        with formatter.section("Commands"):
            formatter.write_dl(list(_COMMANDS.items()))

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            if args and args[0] not in _COMMANDS and not args[0].startswith("-"):
                sentence = str(UnknownName("command", args[0], list(_COMMANDS)))
                raise click.UsageError(sentence, ctx) from error
            raise


@click.group(
    cls=_LazyGroup,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="""\b
Examples:
  mockserver demo
  mockserver serve paused-then-resumed
  mockserver COMMAND --help""",
)
@click.version_option(__version__, message="mockserver %(version)s")
@click.pass_context
def cli(ctx: click.Context) -> None:
    """A mock of LM Studio's model download API, for testing clients.

    Its schemas are made from the tables of the API's own documentation. Exit codes: 0 fine,
    1 findings, 2 wrong usage or unreadable input.
    """
    if os.environ.get("NO_COLOR"):
        ctx.color = False


def main() -> None:
    """The `mockserver` command: runs, and turns every failure outside our code into a sentence."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            # What a console cannot print is shown as an escape, instead of ending the command.
            stream.reconfigure(errors="backslashreplace")
    try:
        cli.main(prog_name="mockserver", standalone_mode=False)
    except click.exceptions.Exit as stop:
        sys.exit(stop.exit_code)
    except click.ClickException as error:
        with suppress(OSError):
            error.show()
        sys.exit(2)
    except MockServerError as error:
        print_error(str(error))
        sys.exit(3 if isinstance(error, UnreachableServer) else 2)
    except (click.Abort, KeyboardInterrupt):
        with suppress(OSError):
            click.echo("interrupted", err=True)
        sys.exit(130)
    except _OutputLost as lost:
        # Nothing more can be written; without this the interpreter would try once more at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        cause = lost.args[0]
        if isinstance(cause, BrokenPipeError):  # the reader went away (`… | head`): all is well
            sys.exit(141)
        print_error(f"the output cannot be written: {(cause.strerror or str(cause)).lower()}")
        sys.exit(2)
