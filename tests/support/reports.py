"""A report with all that one can hold, for tests of how it is written."""

from dataclasses import replace

from mockserver.findings.finding import Finding, Rule, Severity
from mockserver.findings.report import Case, ExerciseReport

NASTY = "<script>alert('&')</script> ]]> \x00\x1b[31m\ud800\uffff {{ 7 * 7 }}"

HELD = NASTY.translate(dict.fromkeys(map(ord, "\x00\x1b\ud800\uffff"), "\N{REPLACEMENT CHARACTER}"))
"""What a document can hold of it."""


def found(
    rule: str, severity: Severity, message: str, advice: str, numbers: tuple[int, ...] = ()
) -> Finding:
    """A mistake of a client, shown by the requests with these numbers."""
    return Finding(Rule(rule, severity, "G", "", "", advice), message, numbers=numbers)


LATE = found("never-stopped", "error", "polled 1,900 times", "Give up.", (3, 5, 6, 7, 9))
FAST = found("poll-too-fast", "warning", "polled too fast", "Slow down.", (1, 2))
CRASH = found("crash", "error", "KeyError: 'status'", "Expect it.", (1,))

PASSED = Case("healthy", True, "success", "success (exit 0)", "success", 0.25, 21, exit_code=0)
WARNED = Case(
    *("instant", True, "success", "success (exit 0)", "success", 0.5, 3),
    exit_code=0,
    findings=(FAST,),
    stderr="slow\n",
)
HUNG = Case(
    *("paused-for-ever", False, "hang", "hang", "failure", 61.0, 1_900),
    description="Pauses at 40 % and stays paused.",
    does="has a deadline.",
    findings=(FAST, LATE),
    accepted=(CRASH,),
    timeline="  #1-2  +0 s  GET /\n> #3    +2 s  GET /",
)
CRASHED = Case(
    *(NASTY, False, "crash", "crash (exit 1)", "either", 1.0, 1),
    exit_code=1,
    description=NASTY,
    does=NASTY,
    findings=(found("crash", "error", NASTY, NASTY),),
    timeline=f"> {NASTY}",
    stdout=NASTY,
    stderr=NASTY,
)

REPORT = ExerciseReport(
    subject="./client '{url}' <&>",
    cases=(PASSED, WARNED, HUNG, CRASHED),
    seconds=62.75,
    settings={"clock": "moved by 1s", "token": "none"},
    made_by="mockserver 0.1.0",
    began_at="2025-10-03T15:33:23Z",
)
STOPPED = replace(REPORT, cases=(PASSED,), is_whole=False, not_run=("instant", NASTY))
EMPTY = replace(REPORT, subject="./client", cases=(), seconds=0.0, settings={}, is_whole=False)
