"""Our OpenAPI documents in the hands of others: Prism mocks from them, Schemathesis tests by them.

MOCKSERVER_PEERS=1 pytest tests/peers
"""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from mockserver import MockServer, files, resources
from mockserver.contract.openapi import document
from mockserver.remote.check_server import check_server
from mockserver.server_rules.traffic import inspect
from peers.prism import command, mocking
from peers.schemathesis_run import run

EXAMPLES = 300
JOB = "job_493c7c9ded"

# An example's estimate was right on the day of the example.
OF_OLD_EXAMPLES = {"2025-10": {"eta-in-past:/downloading/*/estimated_completion"}, "2026-01": set()}


@pytest.fixture(params=resources.edition_names())
def edition(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def described(edition: str) -> dict[str, Any]:
    return document(map(files.read_source, resources.edition_pages(edition)), edition)


@pytest.fixture(scope="session")
def prism(tmp_path_factory: pytest.TempPathFactory) -> Sequence[str]:
    return command(tmp_path_factory.mktemp("prism"))


def test_the_validator_of_openapi_accepts_it(described: dict[str, Any]) -> None:
    OpenAPIV31SpecValidator(described).validate()


def test_prism_mocks_from_it_and_the_check_passes(
    prism: Sequence[str], described: dict[str, Any], edition: str, tmp_path: Path
) -> None:
    with mocking(prism, described, tmp_path) as url:
        report = check_server(
            url, edition=edition, jobs=[JOB], downloads=["qwen/qwen3-4b"], asks_for_unknown=False
        )
    operations = {operation for operation, number in report.asked.items() if number}
    methods = [method for path in described["paths"].values() for method in path.values()]
    assert {method["operationId"] for method in methods} <= operations
    assert report.at_or_above("error") == ()
    assert {finding.id for finding in report.findings} == OF_OLD_EXAMPLES[edition]


def test_schemathesis_finds_nothing_in_the_mock(
    described: dict[str, Any], edition: str, tmp_path: Path
) -> None:
    with MockServer(edition=edition, clock="manual") as server:
        said = run(described, server.url, tmp_path, examples=EXAMPLES)
    assert "No issues found" in said


def test_the_traffic_that_schemathesis_records_is_read_as_the_mock_saw_it(
    described: dict[str, Any], edition: str, tmp_path: Path
) -> None:
    har = tmp_path / "traffic.har"
    with MockServer(edition=edition, clock="manual") as server:
        run(described, server.url, tmp_path, examples=20, har=har)
        with urlopen(f"{server.url}/_mock/journal") as reply:
            journal = json.load(reply)
    (sent,) = inspect(json.loads(har.read_bytes()), "traffic.har", edition).reports
    (answered,) = inspect(journal, "journal", edition).reports
    assert (sent.findings, answered.findings) == ((), ())
    assert sent.asked == answered.asked
