"""How somebody else's server is reached, and what it is asked for."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import click

from mockserver.cli.options import values
from mockserver.cli.options.common import edition_or_auto_option
from mockserver.cli.options.groups import option
from mockserver.remote.access import Access

if TYPE_CHECKING:
    from mockserver.remote.check import CheckPlan
    from mockserver.remote.fetch import Fetcher

_CONNECT_S = 5.0


def duration_option(name: str, default: str, help_: str) -> Any:
    return option(f"{name} DURATION", help_, values.seconds, default=default)


@dataclass(frozen=True, slots=True)
class CertificateOptions:
    cacert: str | None = option(
        "--cacert FILE", "The certificate authorities to trust, as a PEM file."
    )
    insecure: bool = option("--insecure", "Trust any certificate.")

    def __post_init__(self) -> None:
        if self.insecure and self.cacert is not None:
            raise click.UsageError("--cacert does nothing with --insecure")


@dataclass(frozen=True, slots=True)
class AccessOptions(CertificateOptions):
    token: str | None = option(
        "--token TOKEN",
        "The server's API token; better in the environment, where nobody sees it.  "
        "[env: LM_API_TOKEN]",
        values.token,
        envvar="LM_API_TOKEN",
    )
    headers: tuple[tuple[str, str], ...] = option(
        "--header 'NAME: VALUE'",
        "A header for every request. Its value is taken for a secret. May be repeated.",
        values.header,
        multiple=True,
    )
    timeout: float = duration_option("--timeout", "30s", "How long a whole reply may take.")
    proxy: str | None = option(
        "--proxy URL",
        "A proxy; without it, the environment's HTTP_PROXY, HTTPS_PROXY and NO_PROXY hold.",
    )
    cert: str | None = option("--cert FILE", "A client certificate to show, as a PEM file.")
    key: str | None = option(
        "--key FILE", "Its private key, if the file of --cert does not have it."
    )

    def __post_init__(self) -> None:
        if self.key is not None and self.cert is None:
            raise click.UsageError("--key does nothing without --cert")
        CertificateOptions.__post_init__(self)

    def fetcher(self, url: str) -> Fetcher:
        """BadHeader for a header that cannot be sent."""
        from mockserver.remote.fetch import Fetcher
        from mockserver.remote.http_client import RequestLimits

        facts = asdict(self)
        timeout_s = facts.pop("timeout")
        limits = RequestLimits(min(_CONNECT_S, timeout_s), timeout_s, timeout_s)
        return Fetcher(url, Access(**facts), limits)


@dataclass(frozen=True, slots=True)
class AskingOptions:
    """What a check asks, as `CheckPlan` has it."""

    edition: str = edition_or_auto_option("The documented API to hold it to: auto, which finds out")
    jobs: tuple[str, ...] = option(
        "--job ID",
        "A job to ask for, in place of those that the server lists. May be repeated.",
        values.job_id,
        multiple=True,
    )
    downloads: tuple[str, ...] = option(
        "--download MODEL",
        "Have the server download this model, by POST. May be repeated.",
        values.model,
        multiple=True,
    )
    asks_for_unknown: bool = option(
        "--unknown/--no-unknown",
        "Also ask for a job and a path that do not exist. A mock of fixed replies has one for "
        "any job.",
        default=True,
    )
    follows: bool = option(
        "--follow", "Poll jobs until they end: those of --job and --download, else those listed."
    )
    interval_s: float = duration_option(
        "--interval", "1s", "With --follow, the time from one poll of a job to the next."
    )
    deadline_s: float = duration_option(
        "--deadline", "1h", "With --follow, when to stop waiting for jobs to end."
    )

    @property
    def plan(self) -> CheckPlan:
        from mockserver.remote.check import CheckPlan

        once = {name: tuple(dict.fromkeys(getattr(self, name))) for name in ("jobs", "downloads")}
        return CheckPlan(**{**asdict(self), **once})
