"""Reports as lines for a terminal; whoever prints them gives each style its colour."""

from collections.abc import Iterator, Sequence
from typing import Literal, NamedTuple, TypeAlias

from mockserver.documents.text import cells, clipped, counted, plain, wrapped
from mockserver.errors import visible
from mockserver.findings.finding import Finding, Severity
from mockserver.findings.report import Case, CheckReport, ExerciseReport
from mockserver.report import summary
from mockserver.report.formats import AnyReport

Style: TypeAlias = Severity | Literal["plain", "strong", "dim", "good", "passed", "failed"]

WIDTH = 100
_LEAST_WIDTH = 40
_INDENT = "    "
_NAME_WIDTH = 36
_SHOWN_OUTPUT_LINES = 3
_OF_RULE = ("why", "advice", "more")
_COMMANDS = ("again", "more")
"""A command that is broken into lines cannot be copied."""


class Piece(NamedTuple):
    """Printable text without line ends, and how it is meant."""

    text: str
    style: Style = "plain"


Line: TypeAlias = tuple[Piece, ...]


def render(report: AnyReport, fails_on: Severity = "error") -> str:
    found = lines(report, fails_on=fails_on)
    return "".join("".join(piece.text for piece in line) + "\n" for line in found)


def lines(
    report: AnyReport,
    *,
    width: int = WIDTH,
    fails_on: Severity = "error",
    shows_output: bool = False,
) -> Iterator[Line]:
    """A check's are at most `width` columns, or 40 where that is less, but for commands to copy.

    `shows_output`: all that a client printed, not just the end of its standard error.
    """
    if isinstance(report, ExerciseReport):
        return _exercise_lines(report, shows_output=shows_output)
    return _check_lines(report, max(width, _LEAST_WIDTH), fails_on)


def _check_lines(report: CheckReport, width: int, fails_on: Severity) -> Iterator[Line]:
    """The findings by severity; what there is to say of a rule is said at its first finding."""
    if report.findings:
        title = f"{plain(report.subject)}, held to edition {plain(report.edition)}"
        yield from _wrapped(title, width, "", "strong")
        yield from _wrapped(report.edition_because, width, "  ", "dim")
    seen_rules: set[str] = set()
    for group in summary.grouped(report.findings):
        yield ()
        title = f"{group.amount}: {summary.MEANINGS[group.severity]}"
        yield from _wrapped(title, width, "", group.severity)
        for _, finding in group.findings:
            yield from _check_finding(finding, width, is_first=finding.rule.id not in seen_rules)
            seen_rules.add(finding.rule.id)
    notes = list(_baseline_and_notes(report, width))
    if report.findings and notes:
        yield ()
    yield from notes
    if report.findings:
        yield ()
    yield from _conclusion(report, width, fails_on)


def _check_finding(finding: Finding, width: int, *, is_first: bool) -> Iterator[Line]:
    yield from _wrapped(finding.id, width, "  ", finding.severity)
    yield from _wrapped(finding.rule.sentence, width, _INDENT)
    for name, text in summary.facts(finding):
        if name in _OF_RULE and not is_first:
            continue
        label = Piece(f"{_INDENT}{name:<10}", "dim")
        room = width - len(label.text)
        for line in [plain(text)] if name in _COMMANDS else wrapped(plain(text), room):
            yield (label, Piece(line))
            label = Piece(" " * len(label.text))


def _baseline_and_notes(report: CheckReport, width: int) -> Iterator[Line]:
    if report.accepted:
        known = counted(len(report.accepted), "finding")
        yield from _wrapped(f"accepted by the baseline: {known}", width, "", "dim")
    for finding in report.accepted:
        text = summary.fingerprint_in_words(finding.fingerprint)
        yield from _wrapped(f"{text} ({finding.severity})", width, "  ", "dim")
    if report.stale:
        gone = counted(len(report.stale), "entry")
        yield from _wrapped(f"no longer seen: {gone} of the baseline", width, "", "warning")
    for fingerprint in report.stale:
        yield from _wrapped(summary.fingerprint_in_words(fingerprint), width, "  ", "dim")
    for note in report.notes:
        yield from _wrapped(f"note: {note}", width, "", "dim")


def _conclusion(report: CheckReport, width: int, fails_on: Severity) -> Iterator[Line]:
    """The headline with what was asked, and of whom where nothing else says that."""
    asked = f"{summary.asked_in_words(report)} {summary.took(report)}"
    who = "" if report.findings else f"{report.subject}, held to edition {report.edition}: "
    end = "" if report.is_whole else "; interrupted"
    style: Style = "good"
    if report.at_or_above(fails_on):
        style = "error"
    elif report.findings or not (report.is_whole and report.tracks and any(report.asked.values())):
        style = "warning"
    yield from _wrapped(f"{who}{summary.headline(report)}; {asked}{end}", width, "", style)


def _exercise_lines(report: ExerciseReport, *, shows_output: bool) -> Iterator[Line]:
    if report.cases:
        yield from _table(report.cases)
    for case in report.failed:
        yield ()
        yield from _case(case, shows_output=shows_output)
    shared = list(summary.shared_causes(report.failed))
    if shared:
        yield from [(), (Piece("seen in several incidents:"),)]
    for rule, cause, names in shared:
        what = f"{rule}, {clipped(visible(cause), WIDTH)}" if cause else rule
        seen = f"{counted(len(names), 'incident')}: {', '.join(map(visible, names))}"
        for number, line in enumerate(wrapped(f"{what}: {seen}", WIDTH - 6)):
            yield (Piece(("      " if number else "  ") + line),)
    yield ()
    has_passed = report.is_whole and not report.failed
    yield from _wrapped(summary.failures(report), WIDTH, "", "passed" if has_passed else "failed")


def _table(cases: Sequence[Case]) -> Iterator[Line]:
    rows = [("incident", "ends", "time", "requests")]
    for case in cases:
        name = clipped(visible(case.name), _NAME_WIDTH)
        rows.append((name, case.ending, f"{case.seconds:.1f} s", f"{case.requests:,}"))
    widths = [max(map(cells, column)) for column in zip(*rows, strict=True)]
    head, *found = (_row(row, widths) for row in rows)
    yield (Piece(f"{head}verdict", "dim"),)
    for case, row in zip(cases, found, strict=True):
        yield (Piece(row), *_verdict(case))


def _row(row: Sequence[str], widths: Sequence[int]) -> str:
    """Texts to the left, then numbers to the right."""
    spaces = [" " * (width - cells(text)) for text, width in zip(row, widths, strict=True)]
    name, ends, time, requests = row
    return f"{name}{spaces[0]}  {ends}{spaces[1]}  {spaces[2]}{time}  {spaces[3]}{requests}  "


def _verdict(case: Case) -> Iterator[Piece]:
    pieces = [Piece("ok", "good")] if case.has_passed else []
    pieces += dict.fromkeys(Piece(found.rule.id, found.severity) for found in case.findings)
    for number, piece in enumerate(pieces):
        yield from [Piece(", "), piece] if number else [piece]


def _case(case: Case, *, shows_output: bool) -> Iterator[Line]:
    yield (Piece(f"{visible(case.name)}: {case.ending}", "strong"),)
    if case.description:
        yield (Piece(f"  {plain(case.description)}", "dim"),)
    for finding in case.findings:
        label = Piece(f"{finding.severity}: {finding.rule.id}", finding.severity)
        about = f" [{summary.request_numbers(finding)}]" if finding.numbers else ""
        yield (Piece("  "), label, Piece(about))
        for text in (visible(finding.message), f"→ {finding.advice}"):
            yield from _wrapped(text, WIDTH, "      ")
    if case.timeline:
        yield (Piece("  requests:"),)
        yield from ((Piece(f"  {line}"),) for line in case.timeline.splitlines())
    if case.does:
        yield (Piece(f"  good client: {plain(case.does)}"),)
    if shows_output:
        yield from _output("standard output", case.stdout, None)
    yield from _output("standard error", case.stderr, None if shows_output else _SHOWN_OUTPUT_LINES)


def _output(name: str, text: str, at_most: int | None) -> Iterator[Line]:
    """The last lines that are not blank, or all that is kept."""
    shown = kept = [visible(line.expandtabs()) for line in text.splitlines()]
    if at_most is not None:
        kept = [clipped(line, WIDTH) for line in kept if line.strip()]
        shown = kept[-at_most:]
    if shown:
        more = " (its end; --show-output shows more)" if len(shown) < len(kept) else ""
        yield (Piece(f"  {name}{more}:"),)
        yield from ((Piece(f"    {line}", "dim"),) for line in shown)


def _wrapped(text: str, width: int, indent: str, style: Style = "plain") -> Iterator[Line]:
    for line in wrapped(plain(text), width - len(indent)):
        if line:
            yield (Piece(indent), Piece(line, style)) if indent else (Piece(line, style),)
