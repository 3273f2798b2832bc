"""What the options of `mockserver check` can be."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import click

from mockserver import resources
from mockserver.cli.exercise_options import checked_reports
from mockserver.cli.options import (
    checked_duration,
    checked_token,
    completing,
    file_names,
    json_option,
)

if TYPE_CHECKING:
    from mockserver.remote.access import Access
    from mockserver.remote.check import Plan
    from mockserver.remote.fetch import Limits

_F = TypeVar("_F", bound=Callable[..., Any])

SEVERITIES = ("error", "warning", "drift", "info")
_AUTO = "auto"
_LONGEST_ID = 200
_CONNECT_S = 5.0


def asking_options(function: _F) -> _F:
    """What is asked."""
    for option in reversed(_ASKING):
        function = option(function)
    return function


def access_options(function: _F) -> _F:
    """How the server is reached."""
    for option in reversed(_ACCESS):
        function = option(function)
    return function


def telling_options(function: _F) -> _F:
    """What is told of it, and when that is a failure."""
    for option in reversed(_TELLING):
        function = option(function)
    return function


def plan_of(options: dict[str, Any]) -> Plan:
    """What the asking options come to."""
    from mockserver.remote.check import Plan

    return Plan(
        options["edition"],
        options["jobs"],
        options["downloads"],
        options["follow"],
        options["interval"],
        options["deadline"],
        asks_for_unknown=options["unknown"],
    )


def access_of(options: dict[str, Any]) -> Access:
    """What the access options come to; BadHeader for a header that cannot be sent."""
    from mockserver.remote.access import Access

    return Access(
        options["token"],
        options["headers"],
        options["proxy"],
        options["cacert"],
        options["cert"],
        options["key"],
        options["insecure"],
    )


def limits_of(options: dict[str, Any]) -> Limits:
    """What `--timeout` comes to."""
    from mockserver.remote.fetch import Limits

    timeout_s = options["timeout"]
    return Limits(min(_CONNECT_S, timeout_s), timeout_s, timeout_s)


def _checked_seconds(ctx: click.Context, parameter: click.Parameter, value: str) -> float:
    """A duration, longer than nothing."""
    milliseconds = checked_duration(value)
    if not milliseconds:
        raise click.BadParameter("it must be longer than nothing, such as 500ms")
    return milliseconds / 1000


def _checked_edition(ctx: click.Context, parameter: click.Parameter, value: str) -> str:
    if value != _AUTO:
        resources.edition_folder(value)
    return value


def _checked_jobs(
    ctx: click.Context, parameter: click.Parameter, value: tuple[str, ...]
) -> tuple[str, ...]:
    for job_id in value:
        if not 0 < len(job_id) <= _LONGEST_ID:
            raise click.BadParameter(f"an id has 1 to {_LONGEST_ID} characters")
    return tuple(dict.fromkeys(value))


def _checked_models(
    ctx: click.Context, parameter: click.Parameter, value: tuple[str, ...]
) -> tuple[str, ...]:
    if not all(value):
        raise click.BadParameter("a model's name cannot be empty")
    return tuple(dict.fromkeys(value))


def _checked_headers(
    ctx: click.Context, parameter: click.Parameter, value: tuple[str, ...]
) -> tuple[tuple[str, str], ...]:
    headers = []
    for one in value:
        name, colon, rest = one.partition(":")
        if not colon:  # what it holds may be a secret
            raise click.BadParameter("expected a name, a colon and a value, such as 'X-Team: a'")
        headers.append((name.strip(), rest.strip()))
    return tuple(headers)


_ASKING = (
    click.option(
        "--edition",
        metavar="EDITION",
        default=_AUTO,
        show_default=True,
        callback=_checked_edition,
        shell_complete=completing(lambda _: [_AUTO, *resources.edition_names()]),
        help="The documented API to hold it to: auto, which finds out, or one of "
        f"{', '.join(resources.edition_names())}.",
    ),
    click.option(
        "--job",
        "jobs",
        metavar="ID",
        multiple=True,
        callback=_checked_jobs,
        help="A job to ask for, in place of those that the server lists. May be repeated.",
    ),
    click.option(
        "--download",
        "downloads",
        metavar="MODEL",
        multiple=True,
        callback=_checked_models,
        help="Have the server download this model, by POST. May be repeated.",
    ),
    click.option(
        "--unknown/--no-unknown",
        "unknown",
        default=True,
        show_default=True,
        help="Also ask for a job and a path that do not exist. A mock of fixed replies has one for "
        "any job.",
    ),
    click.option(
        "--follow",
        is_flag=True,
        help="Poll jobs until they end: those of --job and --download, else those listed.",
    ),
    click.option(
        "--interval",
        metavar="DURATION",
        default="1s",
        show_default=True,
        callback=_checked_seconds,
        help="With --follow, the time from one poll of a job to the next.",
    ),
    click.option(
        "--deadline",
        metavar="DURATION",
        default="1h",
        show_default=True,
        callback=_checked_seconds,
        help="With --follow, when to stop waiting for jobs to end.",
    ),
)

_ACCESS = (
    click.option(
        "--token",
        metavar="TOKEN",
        envvar="LM_API_TOKEN",
        callback=checked_token,
        help="The server's API token; better in the environment, where nobody sees it.  "
        "[env: LM_API_TOKEN]",
    ),
    click.option(
        "--header",
        "headers",
        metavar="'NAME: VALUE'",
        multiple=True,
        callback=_checked_headers,
        help="A header for every request. Its value is taken for a secret. May be repeated.",
    ),
    click.option(
        "--timeout",
        metavar="DURATION",
        default="30s",
        show_default=True,
        callback=_checked_seconds,
        help="How long a whole reply may take.",
    ),
    click.option(
        "--proxy",
        metavar="URL",
        help="A proxy; without it, the environment's HTTP_PROXY, HTTPS_PROXY and NO_PROXY hold.",
    ),
    click.option(
        "--cacert",
        metavar="FILE",
        shell_complete=file_names,
        help="The certificate authorities to trust, as a PEM file.",
    ),
    click.option("--insecure", is_flag=True, help="Trust any certificate."),
    click.option(
        "--cert",
        metavar="FILE",
        shell_complete=file_names,
        help="A client certificate to show, as a PEM file.",
    ),
    click.option(
        "--key",
        metavar="FILE",
        shell_complete=file_names,
        help="Its private key, if the file of --cert does not have it.",
    ),
)

_TELLING = (
    click.option(
        "--fail-on",
        type=click.Choice(SEVERITIES),
        default="error",
        show_default=True,
        help="The least grave finding that makes the exit code 1.",
    ),
    click.option(
        "--baseline",
        metavar="FILE",
        shell_complete=file_names,
        help="A file of findings that are known and accepted.",
    ),
    click.option(
        "--update-baseline",
        is_flag=True,
        help="Write what is found to the file of --baseline, which then accepts it.",
    ),
    click.option(
        "--report",
        "reports",
        metavar="FILE",
        multiple=True,
        callback=checked_reports,
        help="Write a report; .json, .xml (JUnit) or .html says which. May be repeated.",
    ),
    click.option(
        "--format",
        "format_",
        type=click.Choice(["text", "github"]),
        default="text",
        show_default=True,
        help="What to print: text, or besides it annotations for a GitHub workflow.",
    ),
    json_option,
)
