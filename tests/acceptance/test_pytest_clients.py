"""Who can ask the fixture's server: clients of all kinds, in tests of all kinds."""

from __future__ import annotations

import pytest

from support.inner import run

CLIENTS = """\
from helpers import *
import os
import subprocess
import sys
import unittest
import aiohttp
import httpx
import pytest
import requests

CODE = "import os, urllib.request; urllib.request.urlopen(os.environ['MOCKSERVER_URL']).close()"

@pytest.fixture(autouse=True)
def one_request(mock_server):
    assert mock_server.requests == ()
    yield
    assert [request.status for request in mock_server.requests] == [200]

@pytest.fixture
def anyio_backend():
    return "asyncio"

def test_urllib(mock_server):
    assert status(mock_server) == "downloading"

def test_requests(mock_server):
    assert requests.get(mock_server.job_url(JOB), timeout=30).json()["job_id"] == JOB

def test_a_session_that_nobody_closes(mock_server, request):
    request.module.SESSION = requests.Session()
    assert request.module.SESSION.get(mock_server.job_url(JOB), timeout=30).ok

def test_that_session_goes_on(mock_server, request):
    with request.module.SESSION as session:
        assert session.get(mock_server.job_url(JOB), timeout=30).ok

def test_httpx(mock_server):
    assert httpx.get(mock_server.job_url(JOB), timeout=30).json()["job_id"] == JOB

@pytest.mark.anyio
async def test_httpx_async(mock_server):
    async with httpx.AsyncClient(timeout=30) as client:
        assert (await client.get(mock_server.job_url(JOB))).json()["job_id"] == JOB

@pytest.mark.anyio
async def test_aiohttp(mock_server):
    async with aiohttp.ClientSession() as session:
        async with session.get(mock_server.job_url(JOB)) as reply:
            assert (await reply.json())["job_id"] == JOB

def test_another_process(mock_server):
    environment = {**os.environ, "MOCKSERVER_URL": mock_server.job_url(JOB)}
    subprocess.run([sys.executable, "-c", CODE], env=environment, check=True, timeout=60)

def test_no_socket(mock_server):
    with mock_server.wsgi_client() as client:
        assert client.get(f"{STATUS}/{JOB}").get_json()["job_id"] == JOB

class TestUnittest(unittest.TestCase):
    @pytest.fixture(autouse=True)
    def server(self, mock_server):
        self.mock_server = mock_server

    def test_method(self):
        assert status(self.mock_server) == "downloading"

@pytest.mark.usefixtures("mock_server")
class TestUsing:
    def test_method(self, mock_server):
        assert status(mock_server) == "downloading"
"""


def test_clients_of_all_kinds(pytester: pytest.Pytester) -> None:
    result = run(pytester, test_clients=CLIENTS)
    result.assert_outcomes(passed=11)


PARALLEL = """\
from helpers import *
import os
import pathlib
import pytest

@pytest.mark.parametrize("number", range(12))
def test_it(mock_server, number):
    assert mock_server.requests == ()
    assert status(mock_server) == "downloading"
    worker = os.environ["PYTEST_XDIST_WORKER"]
    pathlib.Path(f"{worker}-{mock_server.port}").touch()
    if number == 7:
        misbehave(mock_server)
"""


def test_each_worker_of_xdist_has_a_server(pytester: pytest.Pytester) -> None:
    result = run(pytester, "-n", "2", test_parallel=PARALLEL)
    result.assert_outcomes(passed=12, errors=1)
    result.stdout.fnmatch_lines(["ERROR test_parallel.py::test_it?7? - *unknown-path: *"])
    seen = [path.name.partition("-") for path in pytester.path.glob("gw*-*")]
    assert {worker for worker, _, _ in seen} == {"gw0", "gw1"}
    assert len({port for _, _, port in seen}) == len(seen) == 2
