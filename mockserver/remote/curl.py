"""A request as the curl command that sends it, with variables in the place of secrets."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator

from mockserver.errors import visible
from mockserver.remote.access import Access, is_secret
from mockserver.remote.address import Address, without_credentials

__all__ = ["TOKEN_VARIABLE", "curl_command"]

TOKEN_VARIABLE = "LM_API_TOKEN"
"""What LM Studio's own pages call the variable that holds the token."""


def curl_command(
    access: Access, address: Address, method: str, path: str, body: str | None = None
) -> str:
    """The command, on one line."""
    words = ["curl", *_flags(access)]
    if method != ("GET" if body is None else "POST"):
        words += ["-X", shlex.quote(method)]
    for name, value in access.sent_headers(address):
        words += ["-H", _header(name, value)]
    if body is not None:
        words += ["-H", "'Content-Type: application/json'", "-d", shlex.quote(body)]
    return visible(" ".join([*words, shlex.quote(address.origin + address.target(path))]))


def _flags(access: Access) -> Iterator[str]:
    if access.insecure:
        yield "-k"
    proxy = access.proxy and without_credentials(access.proxy)
    files = (("--cacert", access.cacert), ("--cert", access.cert), ("--key", access.key))
    for flag, value in (("-x", proxy), *files):
        if value:
            yield from (flag, shlex.quote(value))


def _header(name: str, value: str) -> str:
    if not is_secret(name):
        return shlex.quote(f"{name}: {value}")
    scheme, space, _ = value.partition(" ")
    if name.lower() != "authorization" or not space:
        return f'"{name}: ${_variable(name)}"'
    variable = TOKEN_VARIABLE if scheme.lower() == "bearer" else "CREDENTIALS"
    return f'"{name}: {scheme} ${variable}"'


def _variable(name: str) -> str:
    return re.sub(r"\W", "_", name.upper(), flags=re.ASCII)
