"""`mockserver explain`, as a user who has just read a finding runs it; more is in printed.txt."""

import json

import pytest
from click.testing import CliRunner, Result

from mockserver.cli import explain
from mockserver.client_rules.rules import RULES as OF_CLIENTS
from mockserver.server_rules.inspector import RULES as OF_SERVERS

KEYS = {"kind", "id", "severity", "sentence", "advice"}


def explained(*arguments: str) -> Result:
    """The command in this process; what it raises is raised."""
    return CliRunner().invoke(explain.command, arguments, catch_exceptions=False)


@pytest.mark.parametrize("id_", [*OF_SERVERS, *OF_CLIENTS])
def test_every_rule_is_explained(id_: str) -> None:
    result = explained(id_)
    assert result.exit_code == 0
    lines = result.output.splitlines()
    assert lines[0].startswith(id_)
    assert all(len(line) <= 100 for line in lines)
    assert any(line.startswith("advice ") for line in lines)


def test_no_id_means_two_things() -> None:
    assert not OF_SERVERS.keys() & OF_CLIENTS.keys()


def test_a_rule_as_json() -> None:
    facts = json.loads(explained("required", "--json").output)
    assert facts.keys() >= {*KEYS, "provenance", "why", "example"}
    assert facts["kind"] == "server"
    assert facts["example"].endswith("found nothing (download-status.md:183)")
    assert json.loads(explained("no-token", "--json").output)["kind"] == "client"


def test_a_rule_that_no_bundled_page_has_needs_no_example() -> None:
    assert json.loads(explained("pattern", "--json").output)["example"] is None
    assert "example" not in explained("pattern").output


@pytest.mark.parametrize("arguments", [(), ("--list",)])
def test_all_rules_are_listed(arguments: tuple[str, ...]) -> None:
    out = explained(*arguments).output
    assert set(out.split()) >= OF_SERVERS.keys() | OF_CLIENTS.keys()
    assert f"{len(OF_SERVERS)} rules for servers, {len(OF_CLIENTS)} rules for clients" in out


def test_all_rules_as_json() -> None:
    rules = json.loads(explained("--json").output)
    assert len(rules) == len(OF_SERVERS) + len(OF_CLIENTS)
    assert all(rule.keys() >= {*KEYS, "group"} for rule in rules)
