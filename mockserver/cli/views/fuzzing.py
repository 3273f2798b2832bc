"""What `mockserver fuzz` shows: how far it is, and the reply that breaks the client."""

import base64
import shlex
from dataclasses import dataclass
from typing import Any

import click

from mockserver import contract, resources
from mockserver.cli.views.output import curl, members, print_json, print_lines
from mockserver.documents.text import clipped, counted, wrapped
from mockserver.documents.units import duration_text
from mockserver.errors import visible
from mockserver.exercise import fuzz_text
from mockserver.exercise.fuzz import FuzzPlan, FuzzRun
from mockserver.exercise.fuzz_case import FuzzFailure
from mockserver.exercise.fuzz_server import JOB_ID, MODEL
from mockserver.exercise.fuzz_strategy import edition_with

_WIDTH = 100
_SHOWN_LINES = 3
_PORT = 1234
FORMAT = 1  # rises when a script that reads the JSON would have to change


@dataclass(frozen=True, slots=True)
class FuzzResult:
    """`smallest` breaks the command; `first` of the `number` that were tried did, from 1."""

    plan: FuzzPlan
    smallest: FuzzRun | None
    number: int
    first: int
    is_whole: bool


def print_result(result: FuzzResult, path: str | None, *, as_json: bool) -> None:
    """`path` is where the reply that breaks the command is saved."""
    if as_json:
        print_json(_facts(result, path))
    elif result.smallest is None or result.smallest.failure is None or path is None:
        click.secho(_survived(result), fg="green" if result.is_whole else None, bold=True)
    else:
        _print_broken(result, result.smallest, result.smallest.failure, path)


def _print_broken(result: FuzzResult, tried: FuzzRun, broken: FuzzFailure, path: str) -> None:
    plan = result.plan
    first = f"reply {result.first:,} of {plan.examples:,} broke it first (seed {plan.seed})"
    click.secho(f"broken: {broken}", fg="red", bold=True)
    click.secho(f"{first}; the smallest that does{' so far' * (not result.is_whole)}:", dim=True)
    click.echo()
    _print_wrapped(f"{fuzz_text.describe_reply(tried.case)}.")
    for reason in tried.case.reasons:
        _print_wrapped(reason, "  ")
    codes = ", ".join(map(str, sorted(plan.success_codes)))
    success = f"ends with exit code {codes}"
    error = f"ends without a crash, with another exit code than {codes}"
    _print_wrapped(fuzz_text.expectation(tried.case, broken, success, error))
    click.echo()
    print_lines(fuzz_text.describe_body(tried.case.reply.body).splitlines(), "  ")
    _print_stderr(tried.stderr)
    click.echo(f"\nsaved as {visible(path)}")
    click.echo(f"  serve it:   {fuzz_text.serve_command(plan.target, path)}")
    click.echo(f"  look at it: {_curl(plan)}")
    again = shlex.join(["mockserver", "fuzz", *options_of(plan), "--", *plan.command])
    click.echo(f"  find it:    {visible(again)}")


def timeline_of(plan: FuzzPlan, tried: FuzzRun) -> str:
    found = f"`mockserver fuzz {shlex.join(options_of(plan))}` found it: {tried.failure}"
    return fuzz_text.timeline_text(tried.case, plan.target, MODEL, [found, *tried.case.reasons])


def options_of(plan: FuzzPlan) -> list[str]:
    """The options that lead to this plan: the seed, and what is not as it would be without."""
    usual = FuzzPlan(plan.command)
    usual_edition = edition_with(plan.operation, resources.DEFAULT_EDITION)
    codes = ",".join(map(str, sorted(plan.success_codes)))
    deadline = duration_text(round(plan.deadline_s * 1000))
    options = {
        f"--seed={plan.seed}": True,
        f"--operation={plan.operation}": plan.operation != usual.operation,
        f"--edition={plan.edition}": plan.edition != usual_edition,
        f"--examples={plan.examples}": plan.examples != usual.examples,
        f"--deadline={deadline}": plan.deadline_s != usual.deadline_s,
        f"--success-exit={codes}": plan.success_codes != usual.success_codes,
        "--strict": plan.strict,
    }
    return [option for option, is_given in options.items() if is_given]


def _survived(result: FuzzResult) -> str:
    plan, number = result.plan, result.number
    different = "different reply" if result.is_whole and number < plan.examples else "reply"
    tried = f"{counted(number, different)} of {plan.operation}"
    if not result.is_whole:
        tried += ", not all that was to be tried"
    elif number < plan.examples:
        tried += f", of {plan.examples:,} drawn"
    return f"survived {tried} (seed {plan.seed})"


def _facts(result: FuzzResult, path: str | None) -> dict[str, Any]:
    plan, tried = result.plan, result.smallest
    return {
        "format": FORMAT,
        **members(plan, "operation", "edition", "seed", "examples"),
        "tried": result.number,
        "is_whole": result.is_whole,
        "has_survived": result.is_whole and tried is None,
        "broken": None if tried is None else _broken_facts(result.first, tried, path),
    }


def _broken_facts(first: int, tried: FuzzRun, path: str | None) -> dict[str, Any]:
    case, broken, reply = tried.case, tried.failure, tried.case.reply
    try:
        body = {"text": reply.body.decode()}
    except UnicodeDecodeError:
        body = {"base64": base64.b64encode(reply.body).decode()}
    return {
        "first": first,
        "kind": None if broken is None else broken.kind,
        "message": str(broken),
        "reply": {"status": reply.status, "content_type": reply.content_type, "body": body},
        "reply_is": case.kind,
        "wanted": case.expected,
        "reasons": list(case.reasons),
        "stderr": tried.stderr,
        "timeline": path,
    }


def _curl(plan: FuzzPlan) -> str:
    operation = contract.edition(plan.edition).operation(plan.operation)
    url = f"http://127.0.0.1:{_PORT}{operation.path.replace(':job_id', JOB_ID)}"
    return curl(url, None if operation.method == "GET" else {"model": MODEL}, flags=" -i")


def _print_wrapped(text: str, indent: str = "") -> None:
    print_lines(wrapped(visible(text), _WIDTH - len(indent)), indent)


def _print_stderr(text: str) -> None:
    lines = [clipped(visible(line.expandtabs()), _WIDTH) for line in text.splitlines()]
    shown = [line for line in lines if line.strip()][-_SHOWN_LINES:]
    if shown:
        click.echo("\nthe end of its standard error:")
        print_lines(shown, "  ", dim=True)
