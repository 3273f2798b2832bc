"""`mockserver explain`, as a user who has just read a finding runs it."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner, Result

from mockserver.cli import explain
from mockserver.client_rules.rules import RULES as OF_CLIENTS
from mockserver.server_rules.catalogue import RULES as OF_SERVERS

KEYS = {"kind", "id", "severity", "sentence", "advice"}


def explained(*arguments: str) -> Result:
    """The command in this process; what it raises is raised."""
    return CliRunner().invoke(explain.command, arguments, catch_exceptions=False)


class TestOne:
    def test_rule_for_clients_says_so(self) -> None:
        out = explained("poll-after-end").output
        assert "a rule for clients" in out
        assert "fails the client's test" in out

    @pytest.mark.parametrize("id_", [*OF_SERVERS, *OF_CLIENTS])
    def test_every_rule_is_explained(self, id_: str) -> None:
        result = explained(id_)
        assert result.exit_code == 0
        lines = result.output.splitlines()
        assert lines[0].startswith(id_)
        assert all(len(line) <= 100 for line in lines)
        assert any(line.startswith("advice ") for line in lines)

    def test_no_id_means_two_things(self) -> None:
        assert not OF_SERVERS.keys() & OF_CLIENTS.keys()

    def test_as_json(self) -> None:
        facts = json.loads(explained("required", "--json").output)
        assert facts.keys() >= {*KEYS, "provenance", "why", "example"}
        assert facts["kind"] == "server"
        assert facts["example"].endswith("found nothing (download-status.md:183)")
        assert json.loads(explained("no-token", "--json").output)["kind"] == "client"

    def test_rule_that_no_bundled_page_has_needs_no_example(self) -> None:
        assert json.loads(explained("pattern", "--json").output)["example"] is None
        assert "example" not in explained("pattern").output


class TestAll:
    @pytest.mark.parametrize("arguments", [(), ("--list",)])
    def test_lists_all_rules(self, arguments: tuple[str, ...]) -> None:
        out = explained(*arguments).output
        words = set(out.split())
        assert words >= OF_SERVERS.keys() | OF_CLIENTS.keys()
        counts = f"{len(OF_SERVERS)} rules for servers, {len(OF_CLIENTS)} rules for clients"
        assert counts in out

    def test_as_json(self) -> None:
        rules = json.loads(explained("--json").output)
        assert len(rules) == len(OF_SERVERS) + len(OF_CLIENTS)
        assert all(rule.keys() >= {*KEYS, "group"} for rule in rules)
