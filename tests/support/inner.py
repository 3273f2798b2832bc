"""Pytest inside pytest, with the plugin, as users run it."""

from __future__ import annotations

import pytest

from support.process import DEADLINE_S

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
    result = pytester.runpytest_subprocess(
        "-p", "mockserver.pytest_plugin", "-W", "error", *arguments, timeout=DEADLINE_S
    )
    assert "INTERNALERROR" not in result.stdout.str() + result.stderr.str()
    return result
