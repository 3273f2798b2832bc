"""The control API as a test's client uses it, on an app in this process."""

from __future__ import annotations

from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from mockserver.server.app import create_app
from mockserver.timeline.clock import Clock, ManualClock

LIST = "/api/v1/models/download/status"
DOWNLOAD = "/api/v1/models/download"


class Control:
    """A client of a session: `base` is the path of its base URL."""

    def __init__(self, client: FlaskClient, base: str = "") -> None:
        self.client = client
        self.base = base

    def ask(self, method: str, path: str, json: Any = None, **more: Any) -> TestResponse:
        """A request to the control API."""
        if json is not None:
            more["json"] = json
        return self.client.open(f"{self.base}/_mock{path}", method=method, **more)

    def get(self, path: str) -> Any:
        """What a GET gives, which goes well."""
        reply = self.ask("GET", path)
        assert reply.status_code == 200, reply.text
        return reply.json

    def post(self, path: str, json: Any = None) -> Any:
        """What a POST gives, which goes well."""
        reply = self.ask("POST", path, json)
        assert reply.status_code in (200, 201), reply.text
        return reply.json

    def put(self, json: Any) -> Any:
        """What a PUT of a timeline gives, which goes well."""
        reply = self.ask("PUT", "/timeline", json)
        assert reply.status_code == 200, reply.text
        return reply.json

    def api(self, path: str = LIST, method: str = "GET", **more: Any) -> TestResponse:
        """A request to the mocked API."""
        return self.client.open(self.base + path, method=method, **more)

    def known(self) -> tuple[Any, Any, Any]:
        """All that a session tells of itself."""
        return self.get("/state"), self.get("/journal"), self.get("/events")

    def open(self, json: Any = None) -> Control:
        """Another session of the same server."""
        opened = self.post("/sessions", json)
        return Control(self.client, opened["url"].removeprefix("http://localhost"))


def control(
    timeline: Any = "paused-then-resumed", clock: Clock | None = None, **options: Any
) -> Control:
    """A server's own session on a manual clock."""
    return Control(create_app(timeline, clock=clock or ManualClock(), **options).test_client())


def problem(reply: TestResponse) -> tuple[int, dict[str, Any]]:
    """The status of a refusal, and its facts but the type, which all have."""
    error = dict(reply.get_json()["error"])
    assert error.pop("type") == "mockserver_error"
    assert reply.content_type == "application/json; charset=utf-8"
    return reply.status_code, error


def refused(
    session: Control, method: str, path: str, body: Any = None, **more: Any
) -> dict[str, Any]:
    """The facts of a refusal with its status, which has changed nothing."""
    before = session.known(), session.get("/sessions")["sessions"]
    status, facts = problem(session.ask(method, path, body, **more))
    assert (session.known(), session.get("/sessions")["sessions"]) == before
    return {"status": status, **facts}
