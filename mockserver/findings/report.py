"""What one run over a server or a client has to say, as every report format renders it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from mockserver import __version__
from mockserver.findings.finding import Finding, Fingerprint, Severity, at_least


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What every report holds. `subject` is who was judged: a URL, a file or a command.

    `notes` are sentences on what was not judged, and why. `began_at` is an RFC 3339 date-time,
    `made_by` this program's name and version. `is_whole`: it was not interrupted.
    """

    subject: str
    notes: tuple[str, ...] = ()
    seconds: float = 0.0
    began_at: str = ""
    made_by: str = f"mockserver {__version__}"
    is_whole: bool = True


@dataclass(frozen=True, slots=True)
class JobSample:
    """A job as one poll showed it; a number is None where the reply had none."""

    number: int
    at_ms: int
    status: str
    downloaded_bytes: float | None
    total_size_bytes: float | None
    bytes_per_second: float | None = None


@dataclass(frozen=True, slots=True)
class JobSeries:
    """A job over time, for a chart: at most some thousand samples, thinned evenly beyond that."""

    job_id: str
    points: tuple[JobSample, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckReport(Report):
    """The findings against a server, the gravest first, and what they rest on.

    `edition` is what the server was held to, `edition_because` how that was chosen, in a sentence.
    `asked` counts the requests by operation. `accepted` are findings that a baseline knows,
    `stale` what it knows besides and this run has not seen, though it asked. `tracks` are the jobs
    over time.
    """

    edition: str
    edition_because: str
    findings: tuple[Finding, ...]
    accepted: tuple[Finding, ...] = ()
    stale: tuple[Fingerprint, ...] = ()
    asked: Mapping[str, int] = field(default_factory=dict)
    tracks: tuple[JobSeries, ...] = ()

    def at_or_above(self, severity: Severity) -> tuple[Finding, ...]:
        """The findings that are at least this grave."""
        return tuple(found for found in self.findings if found.severity in at_least(severity))


@dataclass(frozen=True, slots=True)
class Case:
    """A client run against one incident, and how it did.

    `outcome` is success, failure, crash or hang, `ending` the same in words; `expected` is how a
    good client ends, `does` what it does. `timeline` are the requests, a line for each or for
    several alike. `accepted` are findings that do not count, because the caller allows them.
    """

    name: str
    has_passed: bool
    outcome: str
    ending: str
    expected: str
    seconds: float
    requests: int
    exit_code: int | None = None
    description: str | None = None
    does: str | None = None
    findings: tuple[Finding, ...] = ()
    accepted: tuple[Finding, ...] = ()
    timeline: str = ""
    stdout: str = ""
    stderr: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExerciseReport(Report):
    """All cases of one exercise of a client. `not_run` are the incidents that have no case,
    because it was interrupted; `settings` say under which conditions the command ran.
    """

    cases: tuple[Case, ...]
    settings: Mapping[str, str] = field(default_factory=dict)
    not_run: tuple[str, ...] = ()

    @property
    def failed(self) -> tuple[Case, ...]:
        return tuple(case for case in self.cases if not case.has_passed)
