"""What is imported before anything is asked for: heavy packages must wait until they are."""

import subprocess
import sys

import pytest

import mockserver
from support.process import DEADLINE_S, environment

HEAVY = [
    "click",
    "flask",
    "httpx",
    "hypothesis",
    "importlib.metadata",
    "jsonschema",
    "jsonschema_rs",
    "markdown_it",
    "rich",
    "ruamel.yaml",
    "werkzeug",
]

PROBE = """
import sys
before = set(sys.modules)
import {module}
print(*sorted(set(sys.modules) - before))
"""


def imported(module: str) -> set[str]:
    """The modules that come with `import module` in a new process."""
    done = subprocess.run(
        [sys.executable, "-c", PROBE.format(module=module)],
        env=environment(),
        capture_output=True,
        text=True,
        timeout=DEADLINE_S,
        check=True,
    )
    return set(done.stdout.split())


@pytest.mark.parametrize(
    ("module", "allowed"),
    [
        ("mockserver", []),
        # pytest itself reads entry points, so its metadata reader is there before any plugin.
        ("pytest, mockserver.pytest_plugin", ["importlib.metadata"]),
        ("mockserver.server.pytest_settings", []),
        ("mockserver.cli", ["click"]),
        ("mockserver.contract", ["jsonschema_rs"]),
        ("mockserver.timeline.reader", ["jsonschema_rs", "ruamel.yaml"]),
    ],
)
def test_nothing_heavy_is_imported(module: str, allowed: list[str]) -> None:
    found = imported(module)
    assert module.split()[-1] in found
    assert sorted(found & set(HEAVY)) == allowed


def test_the_plugin_loads_the_mock_when_it_is_used() -> None:
    found = imported("pytest, mockserver.pytest_plugin")
    ours = {name for name in found if name.startswith("mockserver.")}
    assert ours == {"mockserver.pytest_plugin", "mockserver.pytest_plugin.current_test"}


def test_the_probe_sees_what_is_imported() -> None:
    assert {"flask", "werkzeug"} <= imported("mockserver.server.app")


@pytest.mark.parametrize("name", mockserver.__all__)
def test_the_public_face_gives_each_name_that_it_says(name: str) -> None:
    assert name in dir(mockserver)
    assert getattr(mockserver, name) is not None


def test_it_has_no_other_names() -> None:
    name = "Mockserver"
    with pytest.raises(AttributeError, match="no attribute 'Mockserver'"):
        getattr(mockserver, name)
