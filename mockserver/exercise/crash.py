"""What an uncaught error leaves at the end of a command's standard error."""

from __future__ import annotations

import re

__all__ = ["crash_in"]

_PYTHON_HEAD = "Traceback (most recent call last):"
_PYTHON_ERROR = re.compile(r"[A-Za-z_][\w.]*(?:: .*)?")
_NODE_END = re.compile(r"Node\.js v\d+[\w.-]*")
_NODE_ERROR = re.compile(r"(?:Uncaught )?[A-Z]\w*(?:Error|Exception|Rejection)\b.*")
_DENO = re.compile(r"error: (Uncaught .+)")
_GO = re.compile(r"(?:panic|fatal error): .+")
_GO_STACK = re.compile(r"goroutine \d+ \[")
_RUST = re.compile(r"thread '.*' (?:\(\d+\) )?panicked at .*")
_JAVA = re.compile(r'Exception in thread "[^"]*" (.+)')
_DOT_NET = re.compile(r"Unhandled exception\. (.+)")
_SHOWN_LINES = 200


def crash_in(stderr: str) -> str | None:
    """The uncaught error that ended the command, in a line; None when there is none.

    Python, Node and Deno, Go, Rust, Java and .NET are known. A traceback that was only logged, with
    something else after it, is no crash.
    """
    lines = [line.rstrip() for line in stderr.splitlines() if line.strip()][-_SHOWN_LINES:]
    for reader in (_python, _node, _deno, _go, _rust, _java, _dot_net):
        found = reader(lines)
        if found is not None:
            return found.strip()
    return None


def _python(lines: list[str]) -> str | None:
    heads = [at for at, line in enumerate(lines) if line.strip() == _PYTHON_HEAD]
    if not heads:
        return None
    rest = lines[heads[-1] + 1 :]
    at = next((at for at, line in enumerate(rest) if not line[0].isspace()), None)
    if at is None or not _PYTHON_ERROR.fullmatch(rest[at]):
        return None
    # The message may go on over lines, of which the last is indented, as pydantic's are.
    is_last = at == len(rest) - 1 or rest[-1][0].isspace()
    return rest[at] if is_last else None


def _node(lines: list[str]) -> str | None:
    if not lines or not _NODE_END.fullmatch(lines[-1]):
        return None
    errors = [line for line in lines if _NODE_ERROR.match(line)]
    return errors[-1] if errors else next((one for one in lines if "Error" in one), lines[0])


def _deno(lines: list[str]) -> str | None:
    return _first(_DENO, lines, group=1)


def _go(lines: list[str]) -> str | None:
    if not any(_GO_STACK.match(line) for line in lines):
        return None
    return _first(_GO, lines)


def _rust(lines: list[str]) -> str | None:
    for at, line in enumerate(lines):
        if _RUST.match(line):
            said = [one for one in lines[at + 1 :] if not one.startswith("note: ")]
            return f"panicked: {said[0]}" if said else line
    return None


def _java(lines: list[str]) -> str | None:
    return _first(_JAVA, lines, group=1)


def _dot_net(lines: list[str]) -> str | None:
    return _first(_DOT_NET, lines, group=1)


def _first(pattern: re.Pattern[str], lines: list[str], group: int = 0) -> str | None:
    return next((match[group] for line in lines if (match := pattern.match(line))), None)
