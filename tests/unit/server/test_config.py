"""One record for how a server is set up: each way to fill it takes the same values."""

import inspect
import json
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner

from mockserver.cli.options import values
from mockserver.documents.source import Source
from mockserver.errors import MockServerError, TimelineError, UnknownName
from mockserver.server.app import create_app
from mockserver.server.config import (
    MAX_SPEED,
    TOKEN_EXPECTED,
    TOKEN_PATTERN,
    AppSettings,
    BadSetting,
    ServerConfig,
    ServerSettings,
    is_loopback,
)
from mockserver.server.control.routes import COMPONENTS
from mockserver.server.mock_server import MockServer
from mockserver.server.pytest_settings import MockServerSettings, configured, over
from mockserver.server.session import Session
from mockserver.timeline.builder import Job
from mockserver.timeline.clock import ManualClock
from mockserver.timeline.model import LAST_INSTANT_MS
from mockserver.timeline.reader import load
from support.cases import table
from support.control import control

HERE = Path(__file__).parent
LONGEST = "x" * 10_000


def by_python(name: str, value: Any) -> Any:
    return getattr(ServerConfig(**{name: value}), name)


def by_marker(name: str, value: Any) -> Any:
    return getattr(over(MockServerSettings(), {name: value}, HERE, "mark.mock_server"), name)


def by_ini(name: str, value: Any) -> Any:
    return getattr(configured({name: value}, {}, rootdir=HERE, here=HERE), name)


def by_command_line(name: str, value: Any) -> Any:
    found: list[Any] = []
    kind = {"token": values.token, "speed": values.speed}[name]

    @click.command()
    @click.option("--it", type=kind)
    def command(it: Any) -> None:
        found.append(it)

    if CliRunner().invoke(command, [f"--it={value}"]).exit_code:
        raise ValueError(value)
    return found[0]


def by_control_api(name: str, value: Any) -> Any:
    client = control()
    body = {"clock": {"kind": "wall", "speed": value}} if name == "speed" else {name: value}
    reply = client.ask("PUT", "/timeline", body)
    if reply.status_code != 200:
        raise ValueError(reply.text)
    return client.get("/clock")["speed"] if name == "speed" else value


WAYS = [by_python, by_marker, by_ini, by_command_line, by_control_api]
Way = Callable[[str, Any], Any]


@pytest.mark.parametrize("way", WAYS)
class TestEachWay:
    @pytest.mark.parametrize("token", ["t", "!~", "s3cr3t:/+=", LONGEST])
    def test_a_token_is_printable_ascii_without_spaces(self, way: Way, token: str) -> None:
        assert way("token", token) == token

    @pytest.mark.parametrize(
        "token", ["", " ", "a b", "a ", " a", "a\n", "a\tb", "é", "a\x7f", LONGEST + "x"], ids=ascii
    )
    def test_and_nothing_else(self, way: Way, token: str) -> None:
        with pytest.raises((MockServerError, ValueError)):
            way("token", token)

    @pytest.mark.parametrize("speed", [0.5, 60, 1_000_000])
    def test_a_speed_is_above_0_and_at_most_a_million(self, way: Way, speed: float) -> None:
        assert way("speed", speed) == speed

    @pytest.mark.parametrize("speed", [0, -1, 1_000_001])
    def test_and_no_other(self, way: Way, speed: float) -> None:
        with pytest.raises((MockServerError, ValueError)):
            way("speed", speed)


@pytest.mark.parametrize(
    ("settings", "setting", "message"),
    [
        ({"speed": 0}, "speed", "speed is 0: expected a number above 0"),
        ({"speed": float("nan")}, "speed", "speed is nan: expected a number above 0"),
        ({"speed": "fast"}, "speed", "speed is 'fast': expected a number"),
        ({"speed": True}, "speed", "speed is True: expected a number"),
        ({"clock": "manual", "speed": 2}, "speed", "a manual clock has no speed"),
        ({"clock": "poll", "speed": 2}, "speed", "a poll clock has no speed"),
        ({"step": "1s"}, "step", "a wall clock has no step"),
        ({"clock": "poll", "step": "soon"}, "step", "soon"),
        ({"clock": "poll", "step": 0}, "step", "a step takes time"),
        ({"clock": "poll", "step": "0s"}, "step", "a step takes time"),
        ({"clock": "poll", "step": 1.5}, "step", "step is 1.5: expected a duration"),
        ({"clock": ManualClock(), "step": "1s"}, "clock", "made already"),
        ({"clock": 5}, "clock", "clock is 5: expected wall, manual or poll"),
        ({"token": "a b"}, "token", "a token is printable ASCII text without spaces"),
        ({"token": b"t"}, "token", "token is b't': expected text"),
        ({"control_token": ""}, "control_token", "a control token is printable ASCII"),
        ({"cors": 1}, "cors", "cors is 1: expected True or False"),
        ({"with_download": None}, "with_download", "with_download is None"),
        ({"port": "80"}, "port", "port is '80': expected a number"),
    ],
)
def test_what_cannot_be_is_told_with_its_setting(
    settings: dict[str, Any], setting: str, message: str
) -> None:
    with pytest.raises(BadSetting) as caught:
        ServerConfig(**settings)
    assert caught.value.setting == setting
    assert message in str(caught.value)
    assert "a b" not in str(caught.value)


def test_what_a_clock_does_not_have_is_told_with_its_kind() -> None:
    with pytest.raises(BadSetting) as caught:
        ServerConfig(clock="poll", speed=2)
    assert (caught.value.clock, caught.value.expected) == ("wall", "a wall clock")


@pytest.mark.parametrize(
    ("settings", "suggestion"), [({"clock": "pol"}, "poll"), ({"edition": "2025-11"}, "2025-10")]
)
def test_an_unknown_name_has_a_suggestion(settings: dict[str, Any], suggestion: str) -> None:
    with pytest.raises(UnknownName) as caught:
        ServerConfig(**settings)
    assert caught.value.suggestion == suggestion


@pytest.mark.parametrize("timeline", [5, [], [5], b"healthy"])
def test_what_is_no_timeline_is_told_when_it_is_played(timeline: Any) -> None:
    with pytest.raises(BadSetting, match="expected a name, a path"):
        Session(ServerConfig(timeline))


@pytest.mark.parametrize("ending", [".yaml", ".YAML", ".Yml", ".JSON"])
def test_an_ending_makes_a_path_in_any_case(ending: str, tmp_path: Path) -> None:
    (tmp_path / f"X{ending}").write_text(
        '{"jobs": [{"total_size_bytes": 1, "script": ["paused"]}]}', encoding="utf-8"
    )
    marked = over(MockServerSettings(), {"timeline": f"X{ending}"}, tmp_path, "mark.mock_server")
    typed = configured({}, {"timeline": f"X{ending}"}, rootdir=HERE, here=tmp_path)
    assert marked.timeline == typed.timeline == tmp_path / f"X{ending}"
    assert Session(marked).timeline.name == "X"
    assert Session(ServerConfig(str(tmp_path / f"X{ending}"))).timeline.name == "X"


@pytest.mark.parametrize("model", ["a\x7f", "a\nb", "\x00", "\x9f"], ids=ascii)
def test_a_models_name_is_printable_text(model: str) -> None:
    document = {"jobs": [{"model": model, "total_size_bytes": 1, "script": ["paused"]}]}
    told = "expected printable text such as ibm/granite-4-micro"
    with pytest.raises(TimelineError, match=told):
        Session(ServerConfig(Job(model=model).paused()))
    with pytest.raises(TimelineError, match=told):
        Session(ServerConfig(document))
    with pytest.raises(TimelineError, match=told):
        load(Source("some.yaml", json.dumps(document)))
    client = control()
    refusal = client.ask("PUT", "/timeline", {"timeline": document}).get_json()["error"]
    assert refusal["pointer"] == "/timeline/jobs/0/model"
    assert refusal["expected"] == "printable text such as ibm/granite-4-micro"


class TestChanged:
    def test_another_kind_of_clock_has_its_usual_speed_and_step(self) -> None:
        config = ServerConfig(clock="poll", step="5s")
        assert config.changed(clock="wall").step is None
        assert config.changed(clock="poll").step == "5s"
        assert config.changed(clock="poll", step=None).step is None
        assert ServerConfig(speed=60).changed(clock="manual").speed is None

    def test_an_edition_that_was_given_stays_with_another_timeline(self) -> None:
        given = Session(ServerConfig("healthy", edition="2026-01")).config
        own = Session(ServerConfig("healthy")).config
        for config, edition in ((given, "2026-01"), (own, "2025-10")):
            assert Session(config.changed(timeline="instant")).edition == edition

    def test_what_is_changed_is_checked(self) -> None:
        with pytest.raises(BadSetting, match="token"):
            ServerConfig().changed(token="a b")


def test_any_address_but_a_loopback_one_is_guarded() -> None:
    assert ServerConfig().guarded().control_token is None
    assert ServerConfig(host="0.0.0.0", control_token="mine").guarded().control_token == "mine"
    tokens = {ServerConfig(host="0.0.0.0").guarded().control_token or "" for _ in range(100)}
    assert len(tokens) == 100
    assert all(len(token) >= 20 for token in tokens)


@table(__file__, "hosts")
def test_is_loopback(host: str, expected: bool) -> None:
    assert is_loopback(host) is expected


def test_python_shows_the_settings_as_keyword_arguments() -> None:
    names = {field.name for field in fields(ServerConfig)} - {"timeline"}
    assert names == set(ServerSettings.__optional_keys__)
    assert names - {"host", "port"} == set(AppSettings.__optional_keys__)
    assert set(inspect.signature(create_app).parameters) == {
        "timeline",
        "on_request",
        *AppSettings.__optional_keys__,
    }
    server = inspect.signature(MockServer).parameters
    assert set(server) == {"timeline", *names}
    assert server["clock"].default == "wall"
    with pytest.raises(TypeError, match="clok"):
        create_app(clok="manual")  # type: ignore[call-arg]


def test_the_control_api_has_the_same_limits() -> None:
    play = COMPONENTS["Play"]["properties"]
    assert play["clock"]["properties"]["speed"]["maximum"] == MAX_SPEED
    assert play["clock"]["properties"]["step"]["maximum"] == LAST_INSTANT_MS
    assert play["token"]["pattern"] == f"^{TOKEN_PATTERN}$"
    assert play["token"]["x-expected"] == TOKEN_EXPECTED
