"""Attacks on the control API: pages of other origins, rebound names, forms, tokens."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from support.control import LIST, Control, control, problem

EVIL = "http://evil.example"
TOKEN = "c0ntr0l-t0ken"
BEARER = {"Authorization": f"Bearer {TOKEN}"}
REQUESTS = json.loads(Path(__file__).with_name("control_requests.json").read_text("utf-8"))


def known(session: Control, inside: Control, headers: dict[str, str]) -> Any:
    """What both sessions know, but for the time that the second has left."""
    found = []
    for base in (session.base, inside.base):
        for path in ("/state", "/journal"):
            reply = session.client.get(f"{base}/_mock{path}", headers=headers)
            facts = dict(reply.get_json())
            found.append({key: facts[key] for key in facts if key != "session"})
    sessions = session.client.get("/_mock/sessions", headers=headers).get_json()["sessions"]
    return found, len(sessions)


def replies_without_effect(
    client: FlaskClient, headers: dict[str, str], access: dict[str, str]
) -> Iterator[TestResponse]:
    """What each request with these headers gets, which changes nothing that is known."""
    opened = client.post("/_mock/sessions", headers=access).get_json()
    own, inside = Control(client), Control(client, f"/_session/{opened['id']}")
    before = known(own, inside, access)
    for method, path, body in REQUESTS:
        # The test client would take `//x` for a host.
        target = {"REQUEST_URI": path.format(id=opened["id"])}
        yield client.open("/", method=method, json=body, headers=headers, environ_overrides=target)
        assert known(own, inside, access) == before, (method, path)


@pytest.fixture
def session() -> Control:
    return control(cors=True)


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "evil.example"},
        {"Host": "evil.example:1234", "Origin": "http://evil.example:1234"},
        {"Host": "localhost.evil.example"},
        {"Host": "localhost@evil.example"},
        {"Host": "evil.example@localhost"},
        {"Host": "192.168.1.2"},
        {"Origin": EVIL},
        {"Origin": "null"},
        {"Origin": "https://localhost"},
        {"Origin": "http://localhost:8080"},
        {"Origin": EVIL, "Access-Control-Request-Method": "POST"},
    ],
    ids=str,
)
def test_a_foreign_page_is_refused(session: Control, headers: dict[str, str]) -> None:
    for reply in replies_without_effect(session.client, headers, {}):
        assert reply.status_code == 403
        assert "Access-Control-Allow-Origin" not in reply.headers
        if reply.request.method != "HEAD":
            assert "is refused" in problem(reply)[1]["message"]


def test_the_mocked_api_is_for_pages_all_the_same(session: Control) -> None:
    headers = {"Host": "evil.example", "Origin": EVIL}
    reply = session.client.get(LIST, headers=headers)
    assert (reply.status_code, reply.headers["Access-Control-Allow-Origin"]) == (200, "*")


class TestToken:
    @pytest.fixture
    def client(self) -> FlaskClient:
        return control(control_token=TOKEN).client

    @pytest.mark.parametrize(
        "headers",
        [
            {},
            {"Authorization": ""},
            {"Authorization": "Bearer wrong"},
            {"Authorization": TOKEN},
            {"Authorization": f"Basic {TOKEN}"},
            {"X-Control-Token": TOKEN},
            {"Cookie": f"token={TOKEN}"},
        ],
        ids=str,
    )
    def test_without_it_nothing_is_told_or_done(
        self, client: FlaskClient, headers: dict[str, str]
    ) -> None:
        for reply in replies_without_effect(client, headers, BEARER):
            assert reply.status_code == 401
            assert reply.headers["WWW-Authenticate"] == "Bearer"
            assert TOKEN not in reply.text
            if reply.request.method != "HEAD":
                assert "control token" in problem(reply)[1]["message"]

    def test_with_it_any_host_may_ask(self, client: FlaskClient) -> None:
        for host in ("evil.example", "192.168.1.2:80", "localhost"):
            reply = client.get("/_mock/state", headers={**BEARER, "Host": host})
            assert reply.status_code == 200
            assert reply.get_json()["session"]["url"] == f"http://{host}".removesuffix(":80")

    def test_with_it_a_page_is_refused_all_the_same(self, client: FlaskClient) -> None:
        reply = client.get("/_mock/state", headers={**BEARER, "Origin": EVIL})
        assert reply.status_code == 403

    def test_it_is_not_the_apis_token_nor_the_other_way_round(self) -> None:
        client = control(control_token=TOKEN, token="api-t0ken").client
        api = {"Authorization": "Bearer api-t0ken"}
        assert client.get("/_mock/state", headers=api).status_code == 401
        assert client.get(LIST, headers=BEARER).status_code == 401
        assert client.get(LIST, headers=api).status_code == 200

    def test_where_it_was_sent_by_mistake_it_is_not_written_down(self, client: FlaskClient) -> None:
        client.get(f"{LIST}?x={TOKEN}", headers=BEARER)
        journal = client.get("/_mock/journal", headers=BEARER)
        assert journal.get_json()["requests"] == 1
        assert TOKEN not in journal.text


@pytest.mark.parametrize("key", ["<<", "!!merge <<", "&a", "*a", "? a", "__proto__", "__class__"])
def test_no_key_of_an_inline_timeline_means_more_than_a_key(key: str) -> None:
    session = control()
    before = session.known()
    job = {"total_size_bytes": 1, "script": ["paused"]}
    reply = session.ask(
        "PUT", "/timeline", {"timeline": {"jobs": [job], key: {"description": "x"}}}
    )
    status, facts = problem(reply)
    assert (status, facts["pointer"]) == (422, f"/timeline/{key}")
    assert facts["message"].startswith(f"unknown key {key!r}")
    assert session.known() == before
