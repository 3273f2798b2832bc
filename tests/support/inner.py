"""Pytest inside pytest, with the plugin, as users run it."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from support.process import DEADLINE_S, FORK_SERVER

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
    pytester.makepyfile(helpers=HELPERS)
    for name, text in modules.items():
        pytester.makepyfile(**{name: text})
    # Once by name, and once more by the entry point where the package is installed.
    plugins = ("-p", "mockserver.pytest_plugin", "-W", "error")
    started_s = time.monotonic()
    done = FORK_SERVER.run(
        "pytest",
        [f"--basetemp={pytester.path / 'basetemp'}", *plugins, *arguments],
        cwd=Path.cwd(),
        env={**os.environ, "PYTHONIOENCODING": "utf-8"},
        timeout_s=DEADLINE_S,
    )
    out, err = done.out.decode(), done.err.decode()
    assert "INTERNALERROR" not in out + err
    took_s = time.monotonic() - started_s
    return pytest.RunResult(done.code, out.splitlines(), err.splitlines(), took_s)
