"""What a command is told of its server: the values of placeholders, and its environment."""

from __future__ import annotations

import os
from collections.abc import Mapping
from urllib.parse import urlsplit

__all__ = ["environment_of", "values_of"]

_LOOPBACK = "127.0.0.1,localhost,::1"


def values_of(url: str, job_id: str, model: str, token: str = "") -> dict[str, str]:
    """The placeholders by name."""
    place = urlsplit(url)
    return {
        "url": url,
        "host": place.hostname or "",
        "port": str(place.port),
        "job_id": job_id,
        "model": model,
        "token": token,
    }


def environment_of(values: Mapping[str, str], incident: str) -> dict[str, str]:
    """Our own environment and the values; no proxy is asked for what is on this machine."""
    names = {
        "MOCKSERVER_URL": values["url"],
        "MOCKSERVER_JOB_ID": values["job_id"],
        "MOCKSERVER_MODEL": values["model"],
        "MOCKSERVER_TOKEN": values["token"],
        "MOCKSERVER_INCIDENT": incident,
    }
    found = {**os.environ, **names}
    if not values["token"]:
        del found["MOCKSERVER_TOKEN"]
    if any(name.lower() in ("http_proxy", "all_proxy") for name in found):
        for name in ("no_proxy", "NO_PROXY"):
            found[name] = f"{found[name]},{_LOOPBACK}" if found.get(name) else _LOOPBACK
    return found
