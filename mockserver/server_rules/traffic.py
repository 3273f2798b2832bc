"""Recorded traffic held to the pages: HAR files and journals, told apart by what is in them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from mockserver import resources
from mockserver.documents import rfc3339
from mockserver.errors import visible
from mockserver.findings.report import CheckReport
from mockserver.http.message import Request
from mockserver.resources import DEFAULT_EDITION
from mockserver.server_rules import har, journal_text
from mockserver.server_rules.inspector import Inspector
from mockserver.server_rules.observation import Observation
from mockserver.server_rules.response import operation_at

_SHOWN = 3
_MAX_TEXT = 60
_WORD = re.compile(r"[A-Za-z_.-]{0,24}|v[0-9]{1,2}")


@dataclass(frozen=True, slots=True)
class Traffic:
    """What a recording has to say: a report for each server in it.

    `notes` are sentences on what could not be held to any page; the first report has them, too.
    """

    reports: tuple[CheckReport, ...]
    notes: tuple[str, ...]


@dataclass(slots=True)
class _Grouped:
    """The exchanges of a recording by server, and those that nothing can be said of."""

    seen: dict[str, list[Observation]] = field(default_factory=dict)
    left_out: Counter[str] = field(default_factory=Counter)
    others: Counter[str] = field(default_factory=Counter)
    of_editions: Counter[str] = field(default_factory=Counter)


def kind_of(payload: object) -> str | None:
    """`HAR` or `journal`; None for anything else."""
    if har.is_har(payload):
        return "HAR"
    return "journal" if journal_text.is_journal(payload) else None


def inspect(
    payload: Any, file: str, edition: str = DEFAULT_EDITION, because: str = "as asked for"
) -> Traffic:
    """Hold every exchange that asks for an operation of the edition to its page.

    `payload` is of one of the kinds. Exchanges are taken in the order in which their replies came,
    those of each server by themselves. `because` says how the edition was chosen. TrafficError
    when the recording does not have the form of its kind; UnknownName for an edition.
    """
    is_har = kind_of(payload) == "HAR"
    found = _grouped(payload, file, edition, is_har=is_har)
    notes = list(_notes(found, edition))
    if not is_har and (dropped := journal_text.dropped(payload, file)):
        notes.append(f"the journal had let go of {_requests(dropped)} before these")
    reports: list[CheckReport] = []
    for origin, seen in found.seen.items():
        subject = f"{file} ({origin})" if origin else file
        own_notes = () if reports else tuple(notes)
        reports.append(_report(subject, seen, edition, because, own_notes))
    return Traffic(tuple(reports), tuple(notes))


def _grouped(payload: Any, file: str, edition: str, *, is_har: bool) -> _Grouped:
    reader = har if is_har else journal_text
    found = _Grouped()
    for request in reader.requests(payload, file):
        asked = operation_at(request.request, edition)
        if asked is None:
            found.others[_shown(request.request)] += 1
            if (other := _other_edition(request.request, edition)) is not None:
                found.of_editions[other] += 1
            continue
        came = reader.read_entry(request, *asked)
        if isinstance(came, Observation):
            found.seen.setdefault(request.origin, []).append(came)
        else:
            found.left_out[came] += 1
    return found


def _report(
    subject: str, seen: Sequence[Observation], edition: str, because: str, notes: tuple[str, ...]
) -> CheckReport:
    inspector = Inspector(edition)
    for observation in sorted(seen, key=lambda each: (each.at_ms, each.number)):
        inspector.see(observation)
    began_ms = min(each.begun_ms for each in seen)
    return CheckReport(
        subject=subject,
        edition=edition,
        edition_because=because,
        findings=inspector.findings,
        asked=dict(Counter(each.operation or "" for each in seen)),
        tracks=inspector.tracks(),
        notes=(*notes, *inspector.notes),
        seconds=(max(each.at_ms for each in seen) - began_ms) / 1000,
        began_at=rfc3339.from_milliseconds(began_ms),
    )


def _notes(found: _Grouped, edition: str) -> Iterator[str]:
    if found.others:
        shown = list(found.others)[:_SHOWN]
        more = len(found.others) - len(shown)
        others = f" and {more:,} other path{'' if more == 1 else 's'}" if more > 0 else ""
        total = sum(found.others.values())
        yield (
            f"{_requests(total)} for no operation of edition {edition}: {', '.join(shown)}{others}"
        )
    for name, number in found.of_editions.items():
        yield f"{_requests(number)} of these would be for an operation of edition {name}"
    for why, number in found.left_out.items():
        yield f"{_requests(number)} {why}"


def _other_edition(request: Request, edition: str) -> str | None:
    """The newest other edition that has the operation, if any has."""
    names = (name for name in reversed(resources.edition_names()) if name != edition)
    return next((name for name in names if operation_at(request, name)), None)


def _shown(request: Request) -> str:
    """Method and path, but for segments that may be secrets."""
    segments = (part if _WORD.fullmatch(part) else "…" for part in request.path.split("/"))
    text = visible(f"{request.method[:10]} {'/'.join(segments)}")
    return text if len(text) <= _MAX_TEXT else text[: _MAX_TEXT - 1] + "…"


def _requests(number: int) -> str:
    return f"{number:,} request" + ("" if number == 1 else "s")
