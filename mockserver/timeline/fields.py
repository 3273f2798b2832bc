"""The fields of a timeline file, from which its reader, JSON Schema and reference page come.

Those of a job are in `job_fields`, the steps of its script in `steps`, faults in `faults`.
"""

from typing import ClassVar, get_args

from mockserver import resources
from mockserver.documents.fields import Field, Members
from mockserver.documents.kinds import BYTES, TEXT, Kind, Schema, list_of, words
from mockserver.documents.node import Node
from mockserver.documents.units import DURATION, PERCENTAGE
from mockserver.errors import nearest
from mockserver.faults.reader import FAULT, MAX_FAULTS, definitions
from mockserver.timeline import steps
from mockserver.timeline.job_fields import DATE_TIME, MAX_JOBS, JobFields
from mockserver.timeline.model import Ends
from mockserver.timeline.overrides import OMIT, REPORT
from mockserver.timeline.script import EVENT

_OTHER_ENDS: dict[str, Ends] = {
    **dict.fromkeys(("succeeds", "completed"), "success"),
    **dict.fromkeys(("fails", "failed", "error"), "failure"),
    **dict.fromkeys(("any", "both"), "either"),
}


def _read_edition(node: Node) -> str:
    known, name = resources.edition_names(), node.value
    if not isinstance(name, str):
        raise node.wrong(EDITION.expected)
    if name not in known:
        raise node.error(f"unknown edition {name!r}", EDITION.expected, nearest(name, known))
    return name


def _read_phrase(node: Node) -> str:
    phrase = node.text()
    if not phrase.strip():
        raise node.error(f"{node.name} says nothing", "what a good client does, in a sentence")
    return phrase


EDITION = Kind(
    " or ".join(resources.edition_names()), _read_edition, {"enum": list(resources.edition_names())}
)
PHRASE = Kind("a phrase", _read_phrase, {"type": "string", "pattern": r"\S"})


class GoodClientFields(Members):
    """How a client ends that makes no mistake, and what it does."""

    ends = Field(
        words(*get_args(Ends), old=_OTHER_ENDS),
        "Whether it says that the model is there: success, failure, or either when both are right.",
        required=True,
    )
    does = Field(
        PHRASE,
        'What it does, as a phrase that goes on from "a good client".',
        required=True,
        examples=["says that it is paused, and has a deadline of its own."],
    )
    MORE: ClassVar[Schema] = {
        "examples": [{"ends": "success", "does": "asks again after a while."}]
    }


_JOB = JobFields.kind("a job", "job")


class TimelineFields(Members):
    """What a mock of LM Studio's download API serves: jobs with their scripts, and faults. For
    editors; the loader checks more."""

    description = Field(
        TEXT,
        "What happens, for the reader, in one sentence.",
        examples=["Pauses at 40 %, resumes after five seconds, completes."],
    )
    edition = Field(
        EDITION,
        "The edition of the API's pages that the replies keep to; 2025-10 unless given.",
        default=resources.DEFAULT_EDITION,
    )
    starts_at = Field(
        DATE_TIME,
        "What the clock shows at first. Unless given: the earliest `started_at`, or wherever the "
        "clock stands.",
    )
    good_client = Field(
        GoodClientFields.kind("a mapping", "good_client"),
        "What a client does that makes no mistake. `mockserver exercise` expects it to end so.",
    )
    jobs = Field(
        Kind(
            "a list of jobs", lambda node: node.items("job"), list_of(_JOB, "job", MAX_JOBS).schema
        ),
        "The download jobs, in the order in which the list operation shows them.",
        required=True,
    )
    faults = Field(
        Kind("a list", lambda node: node, list_of(FAULT, "fault", MAX_FAULTS).schema),
        "What goes wrong with replies on their way. Of two that fit a request, the first strikes.",
    )


def schema() -> Schema:
    kinds = (DURATION, PERCENTAGE, DATE_TIME, BYTES, EVENT, REPORT, OMIT)
    example = {
        "description": "Fails at 63.5 % after nine seconds, and stays failed.",
        "jobs": [
            {
                "model": "ibm/granite-4-micro",
                "total_size_bytes": 2279145003,
                "script": [{"downloading": {"for": "9s", "to": "63.5%"}}, "failed"],
            }
        ],
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "urn:lmstudio-mockserver:timeline",
        "title": "A timeline of download jobs",
        **TimelineFields.schema(),
        "examples": [example],
        "$defs": {
            "good_client": GoodClientFields.schema(),
            **{str(kind.name): dict(kind.schema) for kind in kinds},
            "job": JobFields.schema(),
            **steps.definitions(),
            **dict(definitions()),
        },
    }
