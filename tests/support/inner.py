"""Pytest inside pytest, with the plugin, as users run it."""

import re
import time
from pathlib import Path

import pytest

from support.fork_server import Command
from support.process import DEADLINE_S, FORK_SERVER, environment

HELPERS = """\
import json
import urllib.error
import urllib.request

STATUS = "/api/v1/models/download/status"
JOB = "job_493c7c9ded"


def get(url):
    try:
        with urllib.request.urlopen(url, timeout=30) as reply:
            return json.load(reply)
    except urllib.error.HTTPError as error:
        with error:
            return json.load(error)


def status(server, job=JOB):
    return get(server.job_url(job)).get("status")


def misbehave(server):
    get(server.url + "/download-status")
"""


def run(pytester: pytest.Pytester, *arguments: str, **modules: str) -> pytest.RunResult:
    """Run these modules, with warnings as errors; `from helpers import *` works in them."""
    pytester.makepyfile(helpers=HELPERS, **modules)
    # Once by name, and once more by the entry point where the package is installed.
    plugins = ["-p", "mockserver.pytest_plugin", "-W", "error"]
    if "-n" in arguments:  # each worker is a new Python, for which this takes long to import
        plugins += ["-p", "no:schemathesis"]
    started_s = time.monotonic()
    options = [f"--basetemp={pytester.path / 'basetemp'}", *plugins, *arguments]
    command = Command("pytest", options, str(Path.cwd()), environment())
    done = FORK_SERVER.run(command, timeout_s=DEADLINE_S)
    assert "INTERNALERROR" not in done.out + done.err
    took_s = time.monotonic() - started_s
    return pytest.RunResult(done.code, done.out.splitlines(), done.err.splitlines(), took_s)


def sections(result: pytest.RunResult) -> dict[str, pytest.LineMatcher]:
    """What is shown of each test that failed or could not be set up, by its name."""
    _, *parts = re.split(
        r"^_+ (?:ERROR at \w+ of )?(\S+) _+$", result.stdout.str(), flags=re.MULTILINE
    )
    return {
        name: pytest.LineMatcher(text.splitlines())
        for name, text in zip(parts[::2], parts[1::2], strict=True)
    }
