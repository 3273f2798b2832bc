"""The rules for what a job may become from one poll to the next."""

from __future__ import annotations

from mockserver.findings.rule import Rule

__all__ = ["HISTORY_RULES"]

_REPORT = "Record the polls, and report them to whoever runs the server."

HISTORY_RULES = (
    Rule(
        "completed-stays",
        "error",
        "G",
        "A completed job stays completed until its model is asked for again.",
        "Clients stop polling at `completed`, and never learn of what comes after.",
        "Check the model before it is used. " + _REPORT,
    ),
    Rule(
        "legal-transition",
        "warning",
        "G",
        "A failed job is paused or completed only after new bytes: it has to download first.",
        "Clients give up at `failed`, and miss that the model is there.",
        "After `failed`, ask for the model again: the reply says what is so.",
    ),
    Rule(
        "bytes-never-fall",
        "error",
        "G",
        "The bytes that have arrived never become fewer, unless a failed job begins again.",
        "Progress bars jump back, and clients that count new bytes take it for a stall.",
        "Show the largest count so far. " + _REPORT,
    ),
    Rule(
        "total-is-constant",
        "error",
        "G",
        "The size of a download does not change; it may come late.",
        "Percentages jump, and may fall although bytes arrive.",
        "Work the percentage out with the total of the same reply.",
    ),
    Rule(
        "start-is-constant",
        "error",
        "G",
        "A job keeps the time at which it started.",
        "The duration and the average speed that clients show jump.",
        "Remember the first `started_at`.",
    ),
    Rule(
        "completed-at-constant",
        "error",
        "G",
        "A completed job keeps the time at which it was completed.",
        "Clients that know a download by its end take one for several.",
        "Remember the first `completed_at`.",
    ),
    Rule(
        "list-and-job-agree",
        "error",
        "G",
        "The list and the job's own reply tell the same of a job, but for what time changes.",
        "What a client shows depends on which of the two it polls.",
        "Poll one of the two. A list that is out of date comes from a cache.",
    ),
    Rule(
        "forgotten-job",
        "info",
        "O",
        "A job that was known stays known.",
        "Jobs are forgotten after updates of the app, and clients that take 404 for transient "
        "poll for ever.",
        "Take 404 for the end of the job, and ask for the model again.",
    ),
    Rule(
        "stalled",
        "info",
        "O",
        "A job that is downloading gets new bytes within a minute.",
        "Stalled downloads keep saying `downloading`, with a speed; clients wait for ever.",
        "Look at the server's connection. Clients need a deadline for the next new byte.",
    ),
    Rule(
        "never-completed",
        "info",
        "O",
        "A job that has all its bytes is completed within a minute.",
        "Downloads stay at 100 % for ever, and clients with them.",
        "Restart the app. Clients need a deadline, and must not take 100 % for completed.",
    ),
)
