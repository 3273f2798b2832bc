"""What the mock does with jobs, and with requests for a model."""

from __future__ import annotations

from functools import partial

from mockserver.api.behaviours.behaviour import Behaviour, documented, guessed, observed

_STATUS = "2025-10/download-status.md"
_DOWNLOAD = "2026-01/download.md"
_asking = partial(Behaviour, editions=("2026-01",), option="with_download")
_EXPRESS = "as Express does, which the server seems to be built on"
_EVENTS = "documented for streamed events only"

OF_JOBS: tuple[Behaviour, ...] = (
    # Jobs
    Behaviour(
        "job-status",
        "GET /api/v1/models/download/status/:job_id reports one job.",
        (documented(_STATUS, 154),),
    ),
    Behaviour(
        "list-of-jobs",
        "GET /api/v1/models/download/status lists the jobs by status, with a list for each.",
        (documented(_STATUS, 7),),
        ("2025-10",),
    ),
    Behaviour(
        "no-list-of-jobs",
        "The list of jobs is not there: 404, as for an unknown path.",
        (observed("one user of today's server; only the older pages have the list"),),
        ("2026-01",),
        timeline="no-list",
    ),
    Behaviour(
        "statuses",
        "A job is `downloading`, `paused`, `completed` or `failed`.",
        (documented(_STATUS, 184), observed("all four, in status replies")),
    ),
    Behaviour(
        "job-ids",
        "An id that the server makes is `job_` and ten hex digits.",
        (documented(_STATUS, 219),),
    ),
    Behaviour(
        "times",
        "Times are in UTC with milliseconds, such as `2025-10-03T15:33:23.496Z`.",
        (documented(_STATUS, 223),),
    ),
    Behaviour(
        "byte-counts",
        "Byte counts are integers; `bytes_per_second` may have a fraction.",
        (documented(_STATUS, 131),),
    ),
    Behaviour(
        "fields-by-status",
        "Speed and estimate are there only while downloading, `completed_at` only once completed.",
        (documented(_STATUS, 189),),
    ),
    Behaviour(
        "unknown-job",
        "An unknown job id gets 404 with the type `job_not_found`.",
        (guessed(f"the type is {_EVENTS}"),),
    ),
    Behaviour("compact-replies", "Replies to GET are JSON on one line.", (guessed(_EXPRESS),)),
    # Accidents that befall jobs
    Behaviour(
        "frozen-stall",
        "A download can stall, with the bytes and the reported speed frozen.",
        (observed("stalled downloads"),),
        timeline="stalled-frozen-speed",
    ),
    Behaviour(
        "suspended",
        "A download can be suspended until it is resumed by hand.",
        (observed("downloads that stood still until somebody resumed them in the app"),),
        timeline="suspended-until-resumed",
    ),
    Behaviour(
        "never-completed",
        "A download can have all its bytes and never be completed.",
        (observed("downloads that stayed at 100 %"),),
        timeline="stuck-at-100-percent",
    ),
    Behaviour(
        "forgotten",
        "A job that was known can be unknown later: 404.",
        (observed("jobs forgotten after an update of the app"),),
        timeline="forgotten-job",
    ),
    Behaviour(
        "failure-in-mid-transfer",
        "A download can fail in mid-transfer, and keeps its byte count.",
        (observed("failures in mid-transfer are routine"),),
        timeline="failed-midway",
    ),
    # Asking for a model
    _asking(
        "post-begins-a-job",
        "POST /api/v1/models/download begins a job for a model, and gives its id and status.",
        (documented(_DOWNLOAD, 7),),
    ),
    Behaviour(
        "no-post",
        "POST /api/v1/models/download is not there: 404, as for an unknown path.",
        (guessed("the pages of that edition do not have it"),),
        ("2025-10",),
    ),
    _asking(
        "pretty-post-reply",
        "A successful reply to POST is JSON over several lines.",
        (observed("replies that a client read line by line, and got wrong"),),
    ),
    _asking(
        "already-downloaded",
        'For a model that is there, POST gives exactly `{"status": "already_downloaded"}`.',
        (documented(_DOWNLOAD, 43), observed("that body, without a job id")),
        timeline="already-downloaded",
    ),
    _asking(
        "completed-is-downloaded",
        "A model whose job has completed is there, also when the job has been forgotten since.",
        (guessed("the files stay where they are"),),
    ),
    _asking(
        "same-id-while-it-lasts",
        "POST for a model that is being downloaded gives its job as it is now.",
        (guessed("so it is after a failure"),),
    ),
    _asking(
        "same-id-after-failure",
        "POST after `failed` gives the same id, and the job goes on from the bytes it had.",
        (observed("the same id, and no byte lost"),),
        timeline="failed-then-same-id-resumes",
    ),
    _asking(
        "post-resumes-what-is-paused",
        "POST for a model whose job waits for the event `resume` is that event.",
        (guessed("so it is after a failure"),),
        timeline="suspended-until-resumed",
    ),
    _asking(
        "job-on-request",
        "A job that a timeline begins `on request` is unknown until POST asks for its model.",
        (documented(_DOWNLOAD, 35),),
        timeline="download-on-request",
    ),
    _asking(
        "made-jobs",
        "Any other model gets a job of 20 seconds; its id and size are the same in every run.",
        (guessed("the server would look the model up; the mock has no catalogue"),),
    ),
    _asking(
        "quantizations",
        "Each quantization of a model that no timeline has gets a job of its own.",
        (guessed("the page says that there may be several of a model"),),
    ),
    _asking(
        "repository-addresses",
        "The address of a model's repository is as good as its name.",
        (documented(_DOWNLOAD, 13),),
    ),
    _asking(
        "implausible-models",
        "Text that can be no model's name gets 404 with the type `model_not_found`.",
        (guessed(f"the type is {_EVENTS}"),),
    ),
    _asking(
        "missing-model",
        "A body without `model` gets 400 with the code `missing_required_parameter`.",
        (guessed(f"the code is {_EVENTS}"),),
    ),
    _asking(
        "wrong-types",
        "A member of a wrong type, null included, gets 400 with its name as `param`.",
        (guessed("the types are documented, what becomes of others is not"),),
    ),
    _asking(
        "unrecognized-keys",
        'Keys that are not documented get 400 with "Unrecognized key(s) in object".',
        (observed("that sentence, for the key `stop`"),),
    ),
    _asking(
        "body-is-no-json",
        "A body that is no JSON object gets 400; a key that is there twice is no JSON either.",
        (guessed("the status that such servers give"),),
    ),
    _asking(
        "media-type",
        "A POST whose Content-Type is not application/json in UTF-8 gets 415.",
        (guessed("the status that such servers give"),),
    ),
)
