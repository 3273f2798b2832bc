"""What to do when a server gives no response at all."""

from __future__ import annotations

from dataclasses import replace

from mockserver.errors import UnreachableServer
from mockserver.remote.address import Address
from mockserver.server_rules.observation import Observation

__all__ = ["UNREACHED", "advice", "require_response"]

UNREACHED = {
    "refused": "see whether the server runs, and whether host and port are right",
    "dns": "see whether the host is spelt right",
    "tls": "see whether the server speaks https, and --cacert or --insecure",
    "timeout": "see whether the server is busy, or give it a longer --timeout",
}
"""What to do, by the kind of the failure."""
LM_STUDIO_PORT = 1234
"""Where LM Studio listens unless it is set otherwise."""


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
