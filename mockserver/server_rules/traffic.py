"""Recorded traffic held to the pages: HAR files and journals, told apart by what is in them."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from mockserver import resources
from mockserver.documents import rfc3339
from mockserver.documents.text import counted
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
    reader = har if is_har else journal_text
    seen: dict[str, list[Observation]] = {}
    left_out, others, of_editions = Counter[str](), Counter[str](), Counter[str]()
    for request in reader.requests(payload, file):
        asked = operation_at(request.request, edition)
        if asked is None:
            others[_shown(request.request)] += 1
            newest = (name for name in reversed(resources.edition_names()) if name != edition)
            having = [name for name in newest if operation_at(request.request, name) is not None]
            of_editions.update(having[:1])
        elif isinstance(came := reader.read_entry(request, *asked), Observation):
            seen.setdefault(request.origin, []).append(came)
        else:
            left_out[came] += 1
    notes = [*_notes_on_others(others, of_editions, edition)]
    notes += [f"{counted(number, 'request')} {why}" for why, number in left_out.items()]
    if not is_har and (dropped := journal_text.dropped(payload, file)):
        notes.append(f"the journal had let go of {counted(dropped, 'request')} before these")
    reports: list[CheckReport] = []
    for origin, its in seen.items():
        subject = f"{file} ({origin})" if origin else file
        own_notes = () if reports else tuple(notes)
        reports.append(_report(subject, its, edition, because, own_notes))
    return Traffic(tuple(reports), tuple(notes))


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


def _notes_on_others(
    others: Counter[str], of_editions: Counter[str], edition: str
) -> Iterator[str]:
    if others:
        shown = ", ".join(list(others)[:_SHOWN])
        more = len(others) - _SHOWN
        also = f" and {counted(more, 'other path')}" if more > 0 else ""
        requests = counted(others.total(), "request")
        yield f"{requests} for no operation of edition {edition}: {shown}{also}"
    for name, number in of_editions.items():
        requests = counted(number, "request")
        yield f"{requests} of these would be for an operation of edition {name}"


def _shown(request: Request) -> str:
    """Method and path, but for segments that may be secrets."""
    segments = (part if _WORD.fullmatch(part) else "…" for part in request.path.split("/"))
    text = visible(f"{request.method[:10]} {'/'.join(segments)}")
    return text if len(text) <= _MAX_TEXT else text[: _MAX_TEXT - 1] + "…"
