"""A mock of LM Studio's download API, and the judge of its clients.

The names below are loaded when they are used, so that importing the package costs nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mockserver.client_rules.journal_entry import JournalEntry as JournalEntry
    from mockserver.client_rules.judge import Limits as Limits
    from mockserver.client_rules.verdict import Verdict as Verdict
    from mockserver.contract import Violation as Violation
    from mockserver.contract import is_valid as is_valid
    from mockserver.contract import violations as violations
    from mockserver.errors import MockServerError as MockServerError
    from mockserver.exercise.survive import assert_client_survives as assert_client_survives
    from mockserver.http.message import Exchange as Exchange
    from mockserver.remote.check_server import check_server as check_server
    from mockserver.server.app import create_app as create_app
    from mockserver.server.mock_server import MockServer as MockServer
    from mockserver.server.pytest_settings import MockServerSettings as MockServerSettings
    from mockserver.server.stand_in import StandIn as StandIn
    from mockserver.server_rules.response import assert_conforms as assert_conforms
    from mockserver.server_rules.response import validate_response as validate_response
    from mockserver.timeline.builder import Job as Job
    from mockserver.timeline.builder import timeline_of as timeline_of
    from mockserver.timeline.clock import ManualClock as ManualClock

__version__ = "0.1.0"

_HOMES = {
    "Exchange": "mockserver.http.message",
    "Job": "mockserver.timeline.builder",
    "JournalEntry": "mockserver.client_rules.journal_entry",
    "Limits": "mockserver.client_rules.judge",
    "ManualClock": "mockserver.timeline.clock",
    "MockServer": "mockserver.server.mock_server",
    "MockServerError": "mockserver.errors",
    "MockServerSettings": "mockserver.server.pytest_settings",
    "StandIn": "mockserver.server.stand_in",
    "Verdict": "mockserver.client_rules.verdict",
    "Violation": "mockserver.contract",
    "assert_client_survives": "mockserver.exercise.survive",
    "assert_conforms": "mockserver.server_rules.response",
    "check_server": "mockserver.remote.check_server",
    "create_app": "mockserver.server.app",
    "is_valid": "mockserver.contract",
    "timeline_of": "mockserver.timeline.builder",
    "validate_response": "mockserver.server_rules.response",
    "violations": "mockserver.contract",
}

__all__ = ["__version__", *_HOMES]


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted(__all__)
