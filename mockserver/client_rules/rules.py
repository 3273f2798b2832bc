"""The rules for clients of the download API: what each demands, and the accident behind it.

The letters D, O and G say how an incident is known: documented, observed in the wild, guessed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal, TypeAlias

__all__ = ["RULES", "Rule", "Severity"]

Severity: TypeAlias = Literal["error", "warning"]
"""An error fails a client's test, a warning does not."""


@dataclass(frozen=True, slots=True)
class Rule:
    """What a client must do or not do, in a sentence.

    `incident` is the accident or habit that the rule comes from, with its provenance; `advice` is
    what to do about it.
    """

    id: str
    severity: Severity
    sentence: str
    incident: str
    advice: str

    def as_dict(self) -> dict[str, str]:
        return {
            "id": self.id,
            "severity": self.severity,
            "sentence": self.sentence,
            "incident": self.incident,
            "advice": self.advice,
        }


_ALL = (
    # Where a client asks
    Rule(
        "unknown-path",
        "error",
        "A client asks only at paths that the API has.",
        "Clients that polled a path such as /download-status, and showed 0 % for ever (O).",
        "Ask at the documented path; the API lies below /api/v1, whatever base URL a client of "
        "the OpenAI endpoints uses.",
    ),
    Rule(
        "wrong-method",
        "error",
        "A client uses the method that is documented for a path.",
        "POST to a status path is refused with 415 (O).",
        "Use GET for a status, and POST to ask for a model.",
    ),
    Rule(
        "id-in-query",
        "error",
        "A client writes the id of a job into the path.",
        "Clients that invent the shape of a request (O); this shape of it is a guess (G).",
        "Ask at /api/v1/models/download/status/<job_id>; the server ignores the query.",
    ),
    Rule(
        "list-not-in-edition",
        "error",
        "A client does without the list of jobs where the server has none.",
        "Today's server answers 404 to the list, as one user saw (O).",
        "Take the first 404 for an answer, and poll the job by its id.",
    ),
    Rule(
        "download-not-in-edition",
        "warning",
        "A client does not ask for a model where the server takes no such request.",
        "Servers from before 0.4 have no /api/v1 at all (O).",
        "If the client is to ask for models, let the test play the edition 2026-01, or set "
        "`with_download`.",
    ),
    Rule(
        "not-mocked",
        "warning",
        "A client that tests its downloads needs nothing else of LM Studio's.",
        "Clients that look for the server, or load a model, by its other endpoints (O).",
        "The mock has only the download API and the lists of models; keep the client from the "
        "rest in this test.",
    ),
    # What it asks for
    Rule(
        "no-token",
        "error",
        "A client sends its API token with every request where one is wanted.",
        "Clients without an Authorization header, or with it in some requests only (O).",
        "Send `Authorization: Bearer <token>` with polls too, not only when asking for the model.",
    ),
    Rule(
        "wrong-token",
        "error",
        "A client sends the API token that the server knows, as a bearer token.",
        "Malformed tokens are refused with 401 and the code invalid_api_key (O).",
        "Send `Authorization: Bearer <token>` with the token that the server was started with.",
    ),
    Rule(
        "undocumented-members",
        "error",
        "A client sends only the members that the request table has.",
        "LM Studio refuses a body with others: Unrecognized key(s) in object (O).",
        "Leave the member out, or write its name as it is documented.",
    ),
    Rule(
        "invalid-request",
        "error",
        "A client sends requests that the server can read.",
        "Bodies that are no JSON or lack `model`, and wrong content types, are refused (O for 415, "
        "G for the rest).",
        'Send `{"model": "<name>"}` as application/json.',
    ),
    Rule(
        "asked-too-often",
        "error",
        "A client asks for a model once, and again after a failure, but only a few times.",
        "Failures in mid-transfer are routine (O); that a client asks for ever is a guess (G).",
        "Follow the job by GET, and stop after a few failures.",
    ),
    # Which job it polls
    Rule(
        "empty-job-id",
        "error",
        "A client polls only an id that it was given.",
        "Clients that read the id from a reply which had none, and polled it all the same (O).",
        "Look whether the reply has `job_id` before the first poll.",
    ),
    Rule(
        "unknown-job-id",
        "error",
        "A client polls a job by its id, and by nothing else.",
        "Clients that take the model's name, or an id of their own, for the job's (O).",
        "Poll the `job_id` that the request for the model was answered with.",
    ),
    Rule(
        "already-downloaded-polled",
        "error",
        "A client takes `already_downloaded` for success, and polls nothing.",
        "`already_downloaded` comes without an id, and clients polled an empty one (O).",
        "Look at `status` first: with `already_downloaded` the model is there, and there is no "
        "job.",
    ),
    Rule(
        "error-taken-for-success",
        "error",
        "A client takes a 200 for success only when its body is what it asked for.",
        'An unknown path gets 200 with `{"error": …}`, and clients took it for success (O).',
        "Look for `error`, and for `job_id` and `status`, before believing a 200.",
    ),
    # When it stops
    Rule(
        "poll-after-end",
        "error",
        "A client stops polling a job that is completed or failed.",
        "Clients that knew only one way for a download to end, and polled on at the other (O).",
        "Stop at `completed` and at `failed`; after `failed`, ask for the model again.",
    ),
    Rule(
        "poll-forgotten-job",
        "error",
        "A client stops polling a job that the server does not know.",
        "Jobs are forgotten after an update of the app, and clients took 404 for transient (O).",
        "Take 404 for the end of the job: say that it is lost, or ask for the model again.",
    ),
    Rule(
        "never-stopped",
        "error",
        "A client has a deadline for a job that does not move.",
        "Downloads paused for ever, stalled with frozen bytes, or stuck at 100 %, and clients "
        "without a deadline (O).",
        "Count the time since the last new byte or status, and give up after a while.",
    ),
    Rule(
        "refusal-repeated",
        "error",
        "A client does not repeat a request that was refused for good.",
        "A refused token gets 401 for each request (O); clients that poll on are a guess (G).",
        "Take 4xx for final, apart from 408, 425 and 429, and say what the server said.",
    ),
    # How fast it goes
    Rule(
        "no-backoff",
        "error",
        "A client waits before it repeats a request that got 429 or 5xx.",
        "Retry-After and 429 come from proxies before the server (G).",
        "Wait as long as Retry-After says, else a while that grows with each failure.",
    ),
    Rule(
        "poll-too-fast",
        "warning",
        "A client leaves a pause between two polls of a job.",
        "Clients poll every 0.5 to 5 seconds (O); one that forgets to sleep is a guess (G).",
        "Poll once or twice a second; more often shows nothing new.",
    ),
    # Whether it came at all
    Rule(
        "not-observed",
        "error",
        "A client under test asks the server.",
        "Tests that pass because the client talks to something else (O).",
        "Give the client the mock's base URL, and let it finish before the verdict.",
    ),
)

RULES: Mapping[str, Rule] = MappingProxyType({rule.id: rule for rule in _ALL})
"""All rules by id: where a client asks, for what, which job, how long, how fast."""
