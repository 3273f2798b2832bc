"""A response and what the pages say of it, as the rules look at it."""

from __future__ import annotations

from codecs import BOM_UTF8
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from mockserver import contract
from mockserver.contract import Validator
from mockserver.contract.json_data import shown
from mockserver.documents import json_text
from mockserver.documents.pointer import pointer
from mockserver.errors import JsonTextError
from mockserver.findings.finding import Finding, Rule
from mockserver.server_rules.observation import Observation
from mockserver.server_rules.schema_check import ViolationKind, violation_kinds, without_surplus
from mockserver.server_rules.values import Path, clipped, source_of, starred


@dataclass(frozen=True)
class CheckedResponse:
    """One exchange, held to an edition. UnknownName when there is no such edition.

    `knows_time`: when it was observed is a real time, not a number of no meaning.
    """

    observation: Observation
    edition: str
    knows_time: bool = True

    @property
    def has_byte_order_mark(self) -> bool:
        return self.observation.body.startswith(BOM_UTF8)

    @property
    def body(self) -> bytes:
        """Without the mark, which is no part of the text."""
        return self.observation.body.removeprefix(BOM_UTF8)

    @cached_property
    def operation(self) -> contract.CompiledOperation | None:
        """The edition's own; None where its pages have no such operation."""
        return contract.edition(self.edition).operations.get(self.observation.operation or "")

    @property
    def about(self) -> str | None:
        """What was asked about, if for a documented operation: `job`, `jobs` or `model`."""
        return None if self.operation is None else self.operation.about

    @property
    def status(self) -> int:
        """0 when no response began."""
        return self.observation.status or 0

    @property
    def is_whole(self) -> bool:
        """Whether all of a response came."""
        return self.observation.failure is None and self.observation.status is not None

    @property
    def is_answer(self) -> bool:
        """Whether it is one of which a page says what it must be."""
        return self.is_whole and self.operation is not None and not 300 <= self.status < 400

    @property
    def has_expected_status(self) -> bool:
        """Whether what was asked may be answered like this.

        A request for a model may be refused: by what was asked, not by what the server is.
        """
        if self.operation is None or not self.is_answer:
            return False
        is_refusal = self.about == "model" and self.status in (400, 403, 409, 413, 415, 422)
        return is_refusal or self.status in self.operation.statuses

    @cached_property
    def _parsed(self) -> tuple[Any, JsonTextError | None]:
        try:
            return json_text.loads(self.body), None
        except JsonTextError as error:
            return None, error

    @property
    def text_error(self) -> JsonTextError | None:
        """Why the body is no JSON, where the page says that it is."""
        return self._parsed[1] if self.has_expected_status else None

    @property
    def document(self) -> Any:
        """What a body that can be read holds; None where it cannot."""
        return self._parsed[0]

    @property
    def is_error(self) -> bool:
        """Whether it is an error's envelope and no job: a job may have a member `error` too."""
        data = self.document
        return isinstance(data, dict) and bool(data.get("error")) and "status" not in data

    @property
    def is_job_made_up(self) -> bool:
        """Whether it shows a job of an id that was asked for because there is none."""
        data, job_id = self.document, self.observation.job_id
        is_its_own = isinstance(data, dict) and data.get("job_id") == job_id is not None
        return self.observation.is_probe and is_its_own

    @cached_property
    def is_success(self) -> bool:
        """Whether its body is what the operation's schema describes, right or not."""
        is_read = self.has_expected_status and self.status == 200 and self.text_error is None
        return is_read and not self.is_error and not self.is_job_made_up

    @cached_property
    def validator(self) -> Validator:
        return contract.validator(self.observation.operation or "", self.edition)

    @property
    def schema(self) -> dict[str, Any]:
        return self.validator.schema

    @cached_property
    def payload(self) -> Any:
        """The body of a success, with so many undocumented members as are looked at."""
        return without_surplus(self.document, self.schema)

    @property
    def surplus(self) -> int:
        """How many members were left out of the payload."""
        return len(self.document) - len(self.payload) if isinstance(self.document, dict) else 0

    @cached_property
    def violation_kinds(self) -> tuple[ViolationKind, ...]:
        """Where a success breaks its schema."""
        return violation_kinds(self.payload, self.validator) if self.is_success else ()

    @cached_property
    def jobs(self) -> tuple[ReportedJob, ...]:
        """The jobs of a success."""
        if not self.is_success or not isinstance(self.payload, dict):
            return ()
        if self.about != "jobs":
            return (ReportedJob(self, (), self.payload),)
        return tuple(
            ReportedJob(self, (name, index), job)
            for name, jobs in self.payload.items()
            for index, job in enumerate(jobs if isinstance(jobs, list) else ())
            if isinstance(job, dict)
        )

    def finding(self, rule: Rule, expected: str, found: str, **about: Any) -> Finding:
        """The rule, broken by this response; `about` are other fields of a finding."""
        return self.observation.finding(rule, expected, found, **about)

    def finding_at(
        self, rule: Rule, path: Path, expected: str, found: str, **about: Any
    ) -> Finding:
        """The same at a place of the payload, with the row of the page that this comes from."""
        place = starred(path)
        page, line = source_of(self.schema, place)
        at = {"pointer": pointer(path), "place": place, "page": page, "line": line}
        return self.finding(rule, expected, found, **at, **about)


@dataclass(frozen=True, slots=True)
class ReportedJob:
    """A job in a response: where it stands there, and its members."""

    response: CheckedResponse
    path: Path
    members: Mapping[str, Any]

    @property
    def id(self) -> str | None:
        """What stands as its id, if that is text."""
        job_id = self.members.get("job_id")
        return job_id if isinstance(job_id, str) else None

    def get(self, name: str) -> Any:
        """A member; None where there is none."""
        return self.members.get(name)

    def shown(self, name: str) -> str:
        """A member as a reader needs it: short JSON text."""
        return shown(self.members.get(name))

    def finding(self, rule: Rule, member: str, expected: str, found: str = "") -> Finding:
        """The rule, broken by a member; what was found is that, unless it is said."""
        job_id = None if self.id is None else clipped(self.id)
        path, found = (*self.path, clipped(member)), found or self.shown(member)
        return self.response.finding_at(rule, path, expected, found, job_id=job_id)
