"""The requests of a client as a short log, for people who read a failure message."""

from collections import Counter
from collections.abc import Collection, Sequence
from itertools import groupby

from mockserver.api.operations import LIST_STATUS
from mockserver.client_rules.entry_queries import in_order, reported_status
from mockserver.client_rules.journal_entry import Entries, JournalEntry
from mockserver.documents import json_text
from mockserver.documents.text import cells, clipped, duration
from mockserver.errors import visible

_WIDTH = 100
_MOST_LINES = 20
_KEPT_ENDS = 4
_KEPT_MARKED = 5
_PATH_WIDTH = 40
_QUERY_WIDTH = 20


def request_log(entries: Entries, marked: Collection[int] = ()) -> str:
    """One line for each request, or for a run of alike ones; `>` marks the numbers in `marked`.

    A line has the request's number, the time since the first by the session's clock, method and
    path, and what the reply said. Of too many lines only those at both ends are kept, and the
    first marked ones.
    """
    if not entries:
        return "  (no requests)"
    ordered = in_order(entries)
    runs = [list(run) for _, run in groupby(ordered, key=lambda entry: _looks(entry, marked))]
    kept = _kept(runs, marked)
    rows = [_cells(run, ordered[0].received_ms) for run in runs]
    widths = [max(cells(rows[at][column]) for at in kept) for column in range(4)]
    shown = []
    for is_kept, places in groupby(range(len(runs)), kept.__contains__):
        if is_kept:
            marks = {at: ">" if runs[at][0].number in marked else " " for at in places}
            shown += [_aligned(mark, rows[at], widths) for at, mark in marks.items()]
        else:
            shown.append(f"  … {sum(len(runs[at]) for at in places):,} more")
    return "\n".join(shown)


def _looks(entry: JournalEntry, marked: Collection[int]) -> tuple[object, ...]:
    """Whatever of it is shown, apart from times; nothing that changes as bytes arrive."""
    request = entry.request
    is_marked = entry.number in marked
    return request.method, request.path, request.query, is_marked, _said(entry), _fault(entry)


def _kept(runs: Sequence[Entries], marked: Collection[int]) -> set[int]:
    places = range(len(runs))
    if len(runs) <= _MOST_LINES:
        return set(places)
    of_marked = [at for at in places if runs[at][0].number in marked][:_KEPT_MARKED]
    return {*places[:_KEPT_ENDS], *of_marked, *places[-_KEPT_ENDS:]}


def _cells(run: Entries, began_ms: int) -> tuple[str, str, str, str, str, str]:
    """Numbers, time, request, status, what was said, and how often."""
    first, last, request = run[0], run[-1], run[0].request
    numbers = f"#{first.number}" + (f"-{last.number}" if len(run) > 1 else "")
    passed = duration(max(0, first.received_ms - began_ms))
    path = visible(request.path)
    if f"{path}/".startswith(f"{LIST_STATUS.path}/"):
        path = "…/status" + path.removeprefix(LIST_STATUS.path)
    query = f"?{visible(request.query)}" if request.query else ""
    path = clipped(path, _PATH_WIDTH) + clipped(query, _QUERY_WIDTH)
    status, reply = _said(first)
    said = " ".join(part for part in (reply, _percent(first, last), _fault(first)) if part)
    times = f"  x{len(run):,}" if len(run) > 1 else ""
    asked = f"{clipped(visible(request.method), 10)} {path}"
    return numbers, f"+{passed}", asked, status, said, times


def _aligned(mark: str, row: Sequence[str], widths: Sequence[int]) -> str:
    numbers, passed, asked, status, said, times = row
    line = (
        f"{mark} {_left(numbers, widths[0])}  {' ' * (widths[1] - cells(passed))}{passed}  "
        f"{_left(asked, widths[2])}  {_left(status, widths[3])} "
    )
    return (line + clipped(said, max(1, _WIDTH - cells(line) - cells(times))) + times).rstrip()


def _left(text: str, width: int) -> str:
    return text + " " * (width - cells(text))


def _said(entry: JournalEntry) -> tuple[str, str]:
    """The status, and the reply in a few words."""
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
    data = json_text.loads_or_none(body) if body else None
    if not isinstance(data, dict):
        return ""
    error = data.get("error")
    if isinstance(error, dict):
        error = error.get("code") or error.get("type") or error.get("message")
    found = error or data.get("status") or ""
    return visible(found).partition(" (")[0] if isinstance(found, str) else ""


def _percent(first: JournalEntry, last: JournalEntry) -> str:
    """How far the job was at the first of a run, and at the last."""
    ends = [entry.states[0] for entry in (first, last) if len(entry.states) == 1]
    shares = [
        f"{100 * state.downloaded_bytes / state.total_size_bytes:.3g}"
        for state in ends
        if state.total_size_bytes
    ]
    return f"{'–'.join(dict.fromkeys(shares))} %" if shares else ""


def _fault(entry: JournalEntry) -> str:
    return "" if entry.fault is None else f"(fault: {entry.fault.effects_in_words()})"
