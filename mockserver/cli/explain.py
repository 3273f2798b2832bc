"""`mockserver explain`: what a rule demands, how that is known, and what to do about it."""

import textwrap
from collections.abc import Mapping
from itertools import groupby
from operator import itemgetter
from typing import Any

import click

from mockserver.cli.options.common import completing, json_option
from mockserver.cli.options.groups import argument, click_command, option
from mockserver.cli.views.output import SEVERITY_COLOURS, print_json
from mockserver.documents.text import counted
from mockserver.errors import UnknownName
from mockserver.findings.finding import PROVENANCES, Finding, Rule

_MEANINGS: dict[str, tuple[Mapping[str, str], Mapping[Any, str]]] = {
    "server": (
        {
            "error": "a broken promise",
            "warning": "what clients trip over",
            "drift": "what the pages do not know",
            "info": "worth knowing",
        },
        PROVENANCES,
    ),
    "client": (
        {"error": "fails the client's test", "warning": "fails no test"},
        {"D": "documented", "O": "observed on a real server or client", "G": "guessed"},
    ),
}
"""What severities and provenances mean, of rules for servers and for clients."""
_WIDTH = 88


@click_command("explain")
def command(
    rule: str | None = argument(required=False, shell_complete=completing(lambda _: _rules())),
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
    if rule is None:
        _print_all(as_json=as_json)
    elif as_list:
        raise click.UsageError("--list shows all rules; give a RULE or --list, not both")
    elif rule in _rules():
        kind, _, found = _rules()[rule]
        _print_rule(kind, found, as_json=as_json)
    else:
        raise UnknownName("rule", rule, tuple(_rules()))


def _rules() -> dict[str, tuple[str, str, Rule]]:
    """Of each rule: whom it binds, the title of its group, and itself."""
    from mockserver.client_rules.rules import RULES
    from mockserver.server_rules.inspector import GROUPS

    groups = [("server", group.title, group.rules) for group in GROUPS]
    groups.append(("client", "What a client does (the mock's verdict)", [*RULES.values()]))
    return {rule.id: (kind, title, rule) for kind, title, rules in groups for rule in rules}


def _facts(kind: str, rule: Rule) -> dict[str, Any]:
    return {"kind": kind, **rule.as_dict(), **({"incident": rule.why} if kind == "client" else {})}


def _print_all(*, as_json: bool) -> None:
    found = list(_rules().values())
    if as_json:
        print_json([{**_facts(kind, rule), "group": title} for kind, title, rule in found])
        return
    for title, group in groupby(found, itemgetter(1)):
        click.secho(title, bold=True)
        for _, _, rule in group:
            severity = click.style(f"{rule.severity:<7}", fg=SEVERITY_COLOURS[rule.severity])
            click.echo(f"  {rule.id:<25} {severity}  {rule.sentence.replace('`', '')}")
        click.echo()
    kinds = [kind for kind, _, _ in found]
    servers = counted(kinds.count("server"), "rule")
    clients = counted(kinds.count("client"), "rule")
    click.echo(f"{servers} for servers, {clients} for clients; `mockserver explain RULE` says more")


def _print_rule(kind: str, rule: Rule, *, as_json: bool) -> None:
    from mockserver.server_rules.inspector import example

    finding = example(rule.id) if kind == "server" else None
    words = _in_words(finding) if finding else None
    if as_json:
        print_json({**_facts(kind, rule), **({"example": words} if kind == "server" else {})})
        return
    severities, known = _MEANINGS[kind]
    click.echo(f"{click.style(rule.id, bold=True)}  a rule for {kind}s\n")
    click.echo(f"{_wrapped(rule.sentence)}\n")
    severity = click.style(rule.severity, fg=SEVERITY_COLOURS[rule.severity])
    click.echo(f"{'severity':<10}{severity}: {severities[rule.severity]}")
    parts = {"known": known[rule.provenance], "why": rule.why, "advice": rule.advice}
    for name, text in (parts | ({"example": words} if words else {})).items():
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
    where = " ".join(filter(None, (finding.operation, finding.pointer)))
    source = f" ({finding.page}:{finding.line})" if finding.page else ""
    return f"{where}{': ' * bool(where)}expected {finding.expected}, found {finding.found}{source}"
