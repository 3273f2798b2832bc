"""`mockserver explain`: what a rule demands, how that is known, and what to do about it."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import click

from mockserver.cli.options.common import completing, json_option
from mockserver.cli.options.groups import argument, click_command, option
from mockserver.cli.views.output import SEVERITY_COLOURS, print_json
from mockserver.documents.text import counted
from mockserver.errors import UnknownName

if TYPE_CHECKING:
    from mockserver.findings.finding import Finding
    from mockserver.findings.rule import Rule

_FOR_SERVERS = {
    "error": "a broken promise",
    "warning": "what clients trip over",
    "drift": "what the pages do not know",
    "info": "worth knowing",
}
_FOR_CLIENTS = {"error": "fails the client's test", "warning": "fails no test"}
_KNOWN_OF_CLIENTS = {
    "D": "documented",
    "O": "observed on a real server or client",
    "G": "guessed",
}
_CLIENTS = "What a client does (the mock's verdict)"
_WIDTH = 88


def _names(ctx: click.Context) -> Iterable[str]:
    from mockserver.client_rules import rules as of_clients
    from mockserver.server_rules import catalogue as of_servers

    return (*of_servers.RULES, *of_clients.RULES)


@click_command("explain")
def command(
    rule: str | None = argument(required=False, shell_complete=completing(_names)),
    as_list: bool = option("--list", "All rules in groups, as without RULE."),
    as_json: bool = json_option(),
) -> None:
    """Explain a rule that a finding or a verdict names.

    There are rules for servers, which the checker holds them to, and rules for clients, which the
    mock's verdict speaks of. Without RULE, all of them in groups.

    Examples:
      mockserver explain
      mockserver explain bytes-never-fall
      mockserver explain poll-after-end --json
    """
    if rule is None or as_list:
        if rule is not None:
            raise click.UsageError("--list shows all rules; give a RULE or --list, not both")
        _all(as_json)
        return
    from mockserver.client_rules import rules as of_clients
    from mockserver.server_rules import catalogue as of_servers

    if rule in of_servers.RULES:
        _of_server(of_servers.RULES[rule], as_json)
    elif rule in of_clients.RULES:
        _of_client(of_clients.RULES[rule], as_json)
    else:
        raise UnknownName("rule", rule, tuple(_names(click.get_current_context())))


def _all(as_json: bool) -> None:
    from mockserver.client_rules import rules as of_clients
    from mockserver.server_rules.catalogue import GROUPS, RULES

    if as_json:
        print_json(
            [
                {**_server_facts(rule), "group": group.title}
                for group in GROUPS
                for rule in group.rules
            ]
            + [{**_client_facts(rule), "group": _CLIENTS} for rule in of_clients.RULES.values()]
        )
        return
    for group in GROUPS:
        _group(group.title, ((rule.id, rule.severity, rule.sentence) for rule in group.rules))
    _group(
        _CLIENTS, ((rule.id, rule.severity, rule.sentence) for rule in of_clients.RULES.values())
    )
    servers, clients = counted(len(RULES), "rule"), counted(len(of_clients.RULES), "rule")
    click.echo(f"{servers} for servers, {clients} for clients; `mockserver explain RULE` says more")


def _group(title: str, rules: Iterable[tuple[str, str, str]]) -> None:
    click.secho(title, bold=True)
    for id_, severity, sentence in rules:
        click.echo(f"  {id_:<25} ", nl=False)
        click.secho(f"{severity:<7}", fg=SEVERITY_COLOURS[severity], nl=False)
        click.echo(f"  {sentence.replace('`', '')}")
    click.echo()


def _of_server(rule: Rule, as_json: bool) -> None:
    from mockserver.findings.rule import PROVENANCES
    from mockserver.server_rules.inspector import example

    finding = example(rule.id)
    if as_json:
        print_json({**_server_facts(rule), "example": _in_words(finding) if finding else None})
        return
    _head(rule.id, "a rule for servers", rule.sentence)
    _severity(rule.severity, _FOR_SERVERS)
    _part("known", PROVENANCES[rule.provenance])
    _part("why", rule.why)
    _part("advice", rule.advice)
    if finding is not None:
        _part("example", _in_words(finding))


def _of_client(rule: Rule, as_json: bool) -> None:
    if as_json:
        print_json(_client_facts(rule))
        return
    _head(rule.id, "a rule for clients", rule.sentence)
    _severity(rule.severity, _FOR_CLIENTS)
    _part("known", _KNOWN_OF_CLIENTS[rule.provenance])
    _part("why", rule.why)
    _part("advice", rule.advice)


def _head(id_: str, kind: str, sentence: str) -> None:
    click.secho(id_, bold=True, nl=False)
    click.echo(f"  {kind}\n\n{_wrapped(sentence)}\n")


def _severity(severity: str, words: Mapping[str, str]) -> None:
    click.echo(f"{'severity':<10}", nl=False)
    click.secho(severity, fg=SEVERITY_COLOURS[severity], nl=False)
    click.echo(f": {words[severity]}")


def _part(name: str, text: str) -> None:
    click.echo(_wrapped(text, f"{name:<10}"))


def _wrapped(text: str, label: str = "") -> str:
    return textwrap.fill(
        text.replace("`", ""),
        _WIDTH,
        initial_indent=label,
        subsequent_indent=" " * len(label),
        break_on_hyphens=False,
        break_long_words=False,
    )


def _in_words(finding: Finding) -> str:
    """`job_status /downloaded_bytes: expected at least 400, found 300 (download-status.md:202)`."""
    where = " ".join(part for part in (finding.operation, finding.pointer) if part)
    source = f" ({finding.page}:{finding.line})" if finding.page else ""
    begin = f"{where}: " if where else ""
    return f"{begin}expected {finding.expected}, found {finding.found}{source}"


def _server_facts(rule: Rule) -> dict[str, Any]:
    return {"kind": "server", **rule.as_dict()}


def _client_facts(rule: Rule) -> dict[str, Any]:
    return {"kind": "client", **rule.as_dict(), "incident": rule.why}
