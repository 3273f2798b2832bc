"""Reports of checks: one with all that they can hold, and any at all."""

from dataclasses import replace

from hypothesis import strategies as st

from mockserver.findings.finding import PROVENANCES, SEVERITIES, Finding, Occurrence, Rule
from mockserver.findings.report import CheckReport, JobSample, JobSeries

JOB, OTHER_JOB = "job_493c7c9ded", "job_5a1b2c3d4e"
BEGAN_MS = 1_759_505_603_496
"""2025-10-03T15:33:23.496Z"""

REQUIRED = Rule(
    "required",
    "error",
    "D",
    "A member that must be there is missing.",
    "A client that reads it fails with a KeyError, or shows nothing for ever.",
    "Send it in every reply for which the page does not make it optional.",
)
_SAID = ("What ought to be.", "Why it matters.", "What to do.")
BACKWARDS = Rule("bytes-go-back", "warning", "O", *_SAID)
UNKNOWN_FIELD = Rule("unknown-field", "drift", "G", *_SAID)
SLOW = Rule("slow-reply", "info", "G", *_SAID)

MISSING = Finding(
    REQUIRED,
    operation="list_status",
    pointer="/downloading/0/job_id",
    place="/downloading/*/job_id",
    expected="`job_id`",
    found="nothing",
    page="2025-10/download-status.md",
    line=34,
    count=17,
    first=Occurrence(4, BEGAN_MS + 3_000),
    last=Occurrence(120, BEGAN_MS + 118_000),
    curl="curl http://127.0.0.1:1234/api/v1/models/download/status",
    job_id=JOB,
)
_AT_41 = Occurrence(41, BEGAN_MS + 41_000)
BACK = Finding(
    BACKWARDS,
    operation="job_status",
    pointer="/downloaded_bytes",
    place="/downloaded_bytes",
    expected="at least 911,000,000",
    found="0",
    first=_AT_41,
    last=_AT_41,
    curl=f"{MISSING.curl}/{JOB}",
    job_id=JOB,
)
EXTRA = replace(
    MISSING,
    rule=UNKNOWN_FIELD,
    operation="job_status",
    pointer="/queue_position",
    place="/queue_position",
    expected="one of job_id, status, total_size_bytes, downloaded_bytes, bytes_per_second",
    found="3",
    line=None,
    first=Occurrence(42, BEGAN_MS + 42_000),
)
LATE = replace(BACK, rule=SLOW, operation=None, pointer="", place="", job_id=None, found="1.4 s")


def _points(statuses: str) -> tuple[JobSample, ...]:
    """A point for each letter: downloading, paused, completed, failed, queued."""
    names = {"d": "downloading", "p": "paused", "c": "completed", "f": "failed", "q": "queued"}
    points, done = [], 0.0
    for number, letter in enumerate(statuses, 1):
        done = min(done + 3.1e7 * (letter == "d"), 2.28e9)
        known = None if letter == "q" else done
        at_ms = BEGAN_MS + 1_000 * number
        points.append(JobSample(number, at_ms, names[letter], known, 2.28e9, 3.1e7))
    return tuple(points)


TRACKS = (
    JobSeries(JOB, _points("q" * 4 + "d" * 36 + "p" * 20 + "d" * 40 + "c" * 20)),
    JobSeries(OTHER_JOB, _points("d" * 60 + "f" * 10)),
)

REPORT = CheckReport(
    subject="http://127.0.0.1:1234",
    edition="2025-10",
    edition_because="The server answers the list of downloads, which only these pages have.",
    findings=(MISSING, BACK, EXTRA, LATE),
    accepted=(replace(MISSING, place="/model", pointer="/model", operation="job_status"),),
    stale=(("download", "required", "/job_id"), ("", "slow-reply", "")),
    asked={"job_status": 120, "list_status": 120, "download": 1},
    tracks=TRACKS,
    notes=("Nothing was posted: --post MODEL starts a download.",),
    seconds=121.25,
    began_at="2025-10-03T15:33:23.496Z",
    made_by="mockserver 0.1.0",
)
CLEAN = replace(REPORT, findings=(), accepted=(), stale=(), notes=())

NASTY = "<script>alert('&')</script> ]]> \x00\x1b[31m\ud800\uffff {{ 7 * 7 }}\n::error::x\r%0A"

_texts = st.sampled_from(
    (
        *("", "job_status", "/downloading/*/job_id", "2.5", "Zwölf Boxkämpfer", "漢字" * 20),
        *("x" * 300, NASTY, '"><img src=x onerror=alert(1)>', "' a='b", "&lt;&amp;", "{% raw %}"),
        *("</title></svg><b onclick=x>", "a\r\nb\u2028c\x85d\x0be", "\u202eevil", "\ud800"),
        *("\x7f\x9f\ufeff", "100%, a: b"),
    )
)
_any_text = st.text(st.characters(exclude_categories=[]), max_size=20)
_times = st.one_of(st.integers(BEGAN_MS, BEGAN_MS + 10**6), st.integers(-(2**63), 2**63))
_sizes = st.one_of(st.none(), st.floats(), st.integers(0, 10**12), st.just(10**400))
_severities, _provenances = st.sampled_from(SEVERITIES), st.sampled_from(list(PROVENANCES))
_rules = st.builds(Rule, _texts, _severities, _provenances, *[_texts] * 3)
_occurrences = st.builds(Occurrence, st.integers(1, 10**6), _times)
_ids = st.one_of(st.sampled_from([JOB, OTHER_JOB]), _texts)
findings = st.builds(
    Finding,
    rule=_rules,
    operation=st.none() | st.just("job_status") | _texts,
    pointer=_texts,
    place=_texts,
    expected=_texts,
    found=_any_text,
    page=st.none() | _texts,
    line=st.none() | st.integers(1, 10**4),
    count=st.integers(1, 10**6),
    first=_occurrences,
    last=_occurrences,
    curl=_texts,
    job_id=st.none() | _ids,
)
_statuses = st.one_of(st.sampled_from(["downloading", "paused", "completed", "failed"]), _texts)
_points_drawn = st.builds(
    JobSample, st.integers(1, 10**6), _times, _statuses, _sizes, _sizes, _sizes
)
tracks = st.builds(JobSeries, _ids, st.lists(_points_drawn, max_size=5).map(tuple))


def _worst_first(some: list[Finding]) -> tuple[Finding, ...]:
    return tuple(sorted(some, key=lambda finding: SEVERITIES.index(finding.rule.severity)))


reports = st.builds(
    CheckReport,
    subject=_any_text,
    edition=_texts,
    edition_because=_texts,
    findings=st.lists(findings, max_size=3).map(_worst_first),
    accepted=st.lists(findings, max_size=1).map(tuple),
    stale=st.lists(st.tuples(_texts, _texts, _texts), max_size=2).map(tuple),
    asked=st.dictionaries(_texts, st.integers(0, 10**6), max_size=3),
    tracks=st.lists(tracks, max_size=3).map(tuple),
    notes=st.lists(_texts, max_size=2).map(tuple),
    seconds=st.floats(0, 10**6),
    began_at=st.just("2025-10-03T15:33:23.496Z"),
    made_by=_texts,
    is_whole=st.booleans(),
)
