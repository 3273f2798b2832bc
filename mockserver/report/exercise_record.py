"""What a report is made of: cases, each with its findings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

__all__ = ["Case", "Finding", "Report"]

_SHOWN_RUNS = 8


@dataclass(frozen=True, slots=True)
class Finding:
    """A mistake of the client. `requests` are the numbers of those that show it.

    Findings of the same `id` and `cause` in several cases are likely to be one mistake.
    """

    id: str
    severity: Literal["error", "warning"]
    message: str
    advice: str
    requests: tuple[int, ...] = ()
    cause: str = ""

    @property
    def where(self) -> str:
        """`#3, #5-9`: the first few runs of the requests' numbers."""
        runs: list[list[int]] = []
        for number in self.requests:
            if runs and number == runs[-1][-1] + 1:
                runs[-1] = [runs[-1][0], number]
            else:
                runs.append([number])
        shown = ["#" + "-".join(map(str, run)) for run in runs[:_SHOWN_RUNS]]
        return ", ".join([*shown, "…"] if len(runs) > _SHOWN_RUNS else shown)


@dataclass(frozen=True, slots=True)
class Case:
    """An incident, and how the client did.

    `outcome` is success, failure, crash or hang, `ending` the same in words; `expected` is how a
    good client ends, `does` what it does. `timeline` are the requests, a line for each or for
    several alike. `allowed` are findings that do not count.
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
    allowed: tuple[Finding, ...] = ()
    timeline: str = ""
    stdout: str = ""
    stderr: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """All cases of one call. `is_whole`: it was not interrupted; `not_run` are the incidents that
    have no case for that reason.

    `settings` say under which conditions the command ran; `made_by` is this program's name and
    version, `began_at` an RFC 3339 date-time.
    """

    command: str
    cases: tuple[Case, ...]
    seconds: float
    made_by: str
    began_at: str
    is_whole: bool = True
    settings: Mapping[str, str] = field(default_factory=dict)
    not_run: tuple[str, ...] = ()

    @property
    def failed(self) -> tuple[Case, ...]:
        return tuple(case for case in self.cases if not case.has_passed)
