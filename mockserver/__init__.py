"""A mock of LM Studio's download API, and the judge of its clients.

The names below are loaded when they are used, so that importing the package costs nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mockserver.client_rules.journal_entry import JournalEntry
    from mockserver.client_rules.judge import Limits
    from mockserver.client_rules.verdict import Verdict
    from mockserver.contract import Violation, is_valid, violations
    from mockserver.errors import MockServerError
    from mockserver.exercise.survive import assert_client_survives
    from mockserver.http.exchange import Exchange
    from mockserver.remote.check_server import check_server
    from mockserver.server.app import create_app
    from mockserver.server.mock_server import MockServer
    from mockserver.server.pytest_settings import MockServerSettings
    from mockserver.server.stand_in import StandIn
    from mockserver.server_rules.response import assert_conforms, validate_response
    from mockserver.timeline.builder import Job, timeline_of
    from mockserver.timeline.clock import ManualClock

__version__ = "0.1.0"

__all__ = [
    "Exchange",
    "Job",
    "JournalEntry",
    "Limits",
    "ManualClock",
    "MockServer",
    "MockServerError",
    "MockServerSettings",
    "StandIn",
    "Verdict",
    "Violation",
    "__version__",
    "assert_client_survives",
    "assert_conforms",
    "check_server",
    "create_app",
    "is_valid",
    "timeline_of",
    "validate_response",
    "violations",
]

_HOMES = {
    "Exchange": "mockserver.http.exchange",
    "Job": "mockserver.timeline.builder",
    "JournalEntry": "mockserver.client_rules.journal_entry",
    "Limits": "mockserver.client_rules.judge",
    "ManualClock": "mockserver.timeline.clock",
    "MockServerSettings": "mockserver.server.pytest_settings",
    "timeline_of": "mockserver.timeline.builder",
    "MockServer": "mockserver.server.mock_server",
    "MockServerError": "mockserver.errors",
    "StandIn": "mockserver.server.stand_in",
    "Verdict": "mockserver.client_rules.verdict",
    "Violation": "mockserver.contract",
    "assert_client_survives": "mockserver.exercise.survive",
    "assert_conforms": "mockserver.server_rules.response",
    "check_server": "mockserver.remote.check_server",
    "create_app": "mockserver.server.app",
    "is_valid": "mockserver.contract",
    "validate_response": "mockserver.server_rules.response",
    "violations": "mockserver.contract",
}


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted(__all__)
