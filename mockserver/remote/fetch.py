"""One request to a server, and what came of it: always a record, within limits, never a secret."""

import json
from dataclasses import dataclass, replace
from itertools import count
from typing import Self
from urllib.request import getproxies, proxy_bypass

from mockserver.api.operations import DOWNLOAD, JOB_STATUS, LIST_STATUS
from mockserver.errors import UnreachableServer
from mockserver.http.message import (
    Body,
    Exchange,
    Failure,
    Headers,
    Request,
    Response,
    split_target,
)
from mockserver.remote.access import Access, curl_command
from mockserver.remote.address import Address, read_address, without_credentials
from mockserver.remote.http_client import HttpClient, Received, RequestLimits
from mockserver.remote.time_source import SYSTEM_TIME, TimeSource
from mockserver.server_rules.observation import Observation

UNREACHED = {
    "refused": "see whether the server runs, and whether host and port are right",
    "dns": "see whether the host is spelt right",
    "tls": "see whether the server speaks https, and --cacert or --insecure",
    "timeout": "see whether the server is busy, or give it a longer --timeout",
}
"""What to do, by the kind of the failure."""
LM_STUDIO_PORT = 1234
"""Where LM Studio listens unless it is set otherwise."""


@dataclass(frozen=True, slots=True)
class ApiRequest:
    """The request without the base URL's own path, and without what goes with all of them.

    `operation`, `job_id` and `model` say what it is about, as in an `Observation`.
    """

    request: Request
    operation: str | None = None
    job_id: str | None = None
    model: str | None = None


FOR_LIST = ApiRequest(Request(LIST_STATUS.method, LIST_STATUS.path), LIST_STATUS.id)
"""All jobs."""


def for_job(job_id: str) -> ApiRequest:
    """One job."""
    path = JOB_STATUS.path_for(job_id=job_id)
    return ApiRequest(Request(JOB_STATUS.method, path), JOB_STATUS.id, job_id)


def for_download(model: str) -> ApiRequest:
    """Begin a download, or resume it."""
    body = Body.of(json.dumps({"model": model}, ensure_ascii=False).encode())
    headers = Headers([("Content-Type", "application/json")])
    request = Request(DOWNLOAD.method, DOWNLOAD.path, headers=headers, body=body)
    return ApiRequest(request, DOWNLOAD.id, model=model)


class Fetcher:
    """Sends requests to one server, each on a connection of its own; several threads may.

    Redirects are not followed, and no cookie is kept. Raises BadAddress for a URL or a proxy that
    cannot be used, UnreadableFile for certificates that cannot be.
    """

    def __init__(
        self,
        url: str | Address,
        access: Access | None = None,
        limits: RequestLimits | None = None,
        clock: TimeSource = SYSTEM_TIME,
    ) -> None:
        self.address = url if isinstance(url, Address) else read_address(url)
        self._access = access or Access()
        self.clock = clock
        self._redaction = self._access.redaction(self.address)
        self._numbers = count(1)
        self._client = HttpClient(self.address, self._access, limits or RequestLimits())

    def fetch(self, asked: ApiRequest) -> Observation:
        """Ask, and say what was seen, numbered from 1 and with every known secret taken out."""
        began_s = self.clock.monotonic_s()
        received = self._client.send(asked.request)
        took_s, at_ms = self.clock.monotonic_s() - began_s, self.clock.now_ms()
        hidden = self._redaction
        target = hidden.target(self.address.target(asked.request.target))
        failure = received.failure
        if failure is not None:
            message = hidden.target(failure.message + self._by_way_of())
            failure = Failure(failure.kind, message)
        exchange = Exchange(
            number=next(self._numbers),
            request=Request(asked.request.method, *split_target(target)),
            response=self._response(received),
            failure=failure,
            started_s=began_s,
            took_s=took_s,
        )
        return Observation(
            exchange,
            at_ms=at_ms,
            operation=asked.operation,
            job_id=asked.job_id and hidden.target(asked.job_id),
            model=asked.model and hidden.target(asked.model),
            curl=hidden.target(curl_command(self._access, self.address, asked.request)),
        )

    def close(self) -> None:
        """End all connections."""
        self._client.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _response(self, received: Received) -> Response | None:
        if received.status is None:
            return None
        names = Headers((self._redaction.target(name), value) for name, value in received.headers)
        body = self._redaction.reply_body(bytes(received.body))
        return Response(received.status, self._redaction.headers(names), Body(body, len(body)))

    def _by_way_of(self) -> str:
        """The proxy, if there is one: the user's, or the one that the environment names."""
        if self._access.proxy is not None:
            return f", by way of the proxy {without_credentials(self._access.proxy)}"
        proxies = {} if proxy_bypass(self.address.host) else getproxies()
        proxy = proxies.get(self.address.scheme) or proxies.get("all")
        return f", by way of the environment's proxy {without_credentials(proxy)}" if proxy else ""


def advice(kind: str, address: Address) -> str:
    """What to do about a failure of this kind; a port that was forgotten is named."""
    if kind != "refused" or address.port is not None:
        return UNREACHED[kind]
    likely = replace(address, port=LM_STUDIO_PORT)
    return f"{UNREACHED[kind]}: LM Studio's is {LM_STUDIO_PORT}, as in {likely}"


def require_response(observation: Observation, address: Address) -> None:
    """Raises UnreachableServer when there is no response at all, for a reason of these kinds."""
    failure = observation.failure
    if observation.status is None and failure is not None and failure.kind in UNREACHED:
        hint = advice(failure.kind, address)
        raise UnreachableServer(str(address), failure.kind, failure.message, hint)
