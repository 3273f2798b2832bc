"""The requests of a client as a short log, for people who read a failure message."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from mockserver.api.operations import LIST_STATUS
from mockserver.client_rules.entry_queries import json_of, reported_status
from mockserver.client_rules.journal_entry import Entries, JournalEntry
from mockserver.documents.text import cells, clipped, duration
from mockserver.errors import visible

__all__ = ["request_log"]

_WIDTH = 100
_MOST_LINES = 20
_KEPT_ENDS = 4
_KEPT_MARKED = 5
_PATH_WIDTH = 40
_QUERY_WIDTH = 20


@dataclass(frozen=True, slots=True)
class _LogLine:
    """A request, or a run of alike ones, before it is written."""

    first: JournalEntry
    last: JournalEntry
    count: int
    is_marked: bool


def request_log(entries: Entries, marked: Collection[int] = ()) -> str:
    """One line for each request, or for a run of alike ones; `>` marks the numbers in `marked`.

    A line has the request's number, the time since the first by the session's clock, method and
    path, and what the reply said. Of too many lines only those at both ends are kept, and the
    first marked ones.
    """
    if not entries:
        return "  (no requests)"
    ordered = sorted(entries, key=lambda entry: entry.number)
    lines = list(_runs(ordered, frozenset(marked)))
    kept = _kept(lines)
    rows = [_cells(line, ordered[0].received_ms) for line in lines]
    widths = [max(cells(rows[at][column]) for at in kept) for column in range(4)]
    shown, left_out = [], 0
    for at, line in enumerate(lines):
        if at not in kept:
            left_out += line.count
            continue
        if left_out:
            shown.append(f"  … {left_out:,} more")
            left_out = 0
        shown.append(_aligned(line.is_marked, rows[at], widths))
    return "\n".join(shown)


def _runs(entries: Entries, marked: frozenset[int]) -> Iterator[_LogLine]:
    line: _LogLine | None = None
    key = None
    for entry in entries:
        is_marked = entry.number in marked
        same = (
            entry.method,
            entry.path,
            entry.request.query,
            is_marked,
            _said(entry),
            _fault(entry),
        )
        if line is not None and key == same:
            line = _LogLine(line.first, entry, line.count + 1, is_marked)
            continue
        if line is not None:
            yield line
        line, key = _LogLine(entry, entry, 1, is_marked), same
    if line is not None:
        yield line


def _kept(lines: Sequence[_LogLine]) -> set[int]:
    if len(lines) <= _MOST_LINES:
        return set(range(len(lines)))
    places = range(len(lines))
    first_marked = [at for at in places if lines[at].is_marked][:_KEPT_MARKED]
    return {*places[:_KEPT_ENDS], *first_marked, *places[-_KEPT_ENDS:]}


def _cells(line: _LogLine, began_ms: int) -> tuple[str, str, str, str, str]:
    """Numbers, time, request, status, and what was said."""
    first, last = line.first, line.last
    numbers = f"#{first.number}" + (f"-{last.number}" if line.count > 1 else "")
    passed = duration(max(0, first.received_ms - began_ms))
    query = f"?{visible(first.request.query)}" if first.request.query else ""
    path = clipped(_short(first.path), _PATH_WIDTH) + clipped(query, _QUERY_WIDTH)
    times = f"  x{line.count:,}" if line.count > 1 else ""
    said = " ".join(part for part in (_said(first)[1], _percent(line), _fault(first)) if part)
    asked = f"{clipped(visible(first.method), 10)} {path}"
    return numbers, f"+{passed}", asked, _said(first)[0], f"{said}{times}"


def _aligned(is_marked: bool, row: Sequence[str], widths: Sequence[int]) -> str:
    numbers, passed, asked, status, said = row
    line = (
        f"{'>' if is_marked else ' '} {_left(numbers, widths[0])}  "
        f"{' ' * (widths[1] - cells(passed))}{passed}  {_left(asked, widths[2])}  "
        f"{_left(status, widths[3])} "
    )
    head, _, times = said.rpartition("  x")
    tail = f"  x{times}" if head or said.startswith("  x") else ""
    text = head if tail else said
    return (line + clipped(text, max(1, _WIDTH - cells(line) - cells(tail))) + tail).rstrip()


def _left(text: str, width: int) -> str:
    return text + " " * (width - cells(text))


def _short(path: str) -> str:
    shown = visible(path)
    if shown == LIST_STATUS.path or shown.startswith(f"{LIST_STATUS.path}/"):
        return "…/status" + shown.removeprefix(LIST_STATUS.path)
    return shown


def _said(entry: JournalEntry) -> tuple[str, str]:
    """The status, and the reply in a few words; nothing that changes as bytes arrive."""
    if entry.took_s is None:
        return "…", "not answered yet"
    if entry.reply is None:
        return "-", "no reply"
    status = str(entry.reply.status)
    if len(entry.states) == 1:
        return status, visible(str(reported_status(entry.states[0]) or "no status"))
    if entry.states:
        counted = Counter(state.status for state in entry.states)
        return status, ", ".join(f"{number} {name}" for name, number in counted.items())
    return status, _error(entry.reply.body.start)


def _error(body: bytes) -> str:
    data = json_of(body) if body else None
    if not isinstance(data, dict):
        return ""
    error = data.get("error")
    if isinstance(error, dict):
        error = error.get("code") or error.get("type") or error.get("message")
    found = error or data.get("status") or ""
    return visible(found).partition(" (")[0] if isinstance(found, str) else ""


def _percent(line: _LogLine) -> str:
    """How far the job was at the first of a run, and at the last."""
    ends = [entry.states[0] for entry in (line.first, line.last) if len(entry.states) == 1]
    shares = [
        f"{100 * state.downloaded_bytes / state.total_size_bytes:.3g}"
        for state in ends
        if state.total_size_bytes
    ]
    return f"{'–'.join(dict.fromkeys(shares))} %" if shares else ""


def _fault(entry: JournalEntry) -> str:
    return "" if entry.fault is None else f"(fault: {entry.fault.effects_in_words()})"
