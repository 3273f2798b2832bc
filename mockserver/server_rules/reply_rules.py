"""The rules for what stands in one reply, beyond its schema.

Documented here also means that the pages say it by what a member means, or by their examples.
"""

from __future__ import annotations

from mockserver.findings.rule import Rule

__all__ = ["REPLY_RULES"]

_REPORT = "Report it to whoever runs the server."

REPLY_RULES = (
    Rule(
        "bytes-within-total",
        "error",
        "D",
        "No more bytes have arrived than there are in all.",
        "Progress bars go beyond 100 %, and some clients crash on it.",
        "Limit a percentage to 100, and decide by `status`.",
    ),
    Rule(
        "completed-is-whole",
        "error",
        "D",
        "A completed job has all its bytes, as in the documented example.",
        "A client that reckons with bytes waits for the rest for ever, or loads half a model.",
        "Decide by `status`, and let the model be checked before it is used.",
    ),
    Rule(
        "negative-number",
        "error",
        "D",
        "Numbers of bytes, and speeds, are not negative.",
        "Clients with unsigned numbers refuse the whole reply.",
        "-1 for what is not known is a habit of some servers: the member should be left out.",
    ),
    Rule(
        "whole-bytes",
        "warning",
        "D",
        "Numbers of bytes are written as integers.",
        "Typed clients refuse 5.0 and 5e3 where they expect an integer.",
        "Read byte counts as numbers, and round them.",
    ),
    Rule(
        "times-in-order",
        "error",
        "G",
        "A job starts before it is completed, or expected to be.",
        "Durations and speeds worked out from the two come out negative.",
        "Look at the clock of the server's machine; a change while it ran is the usual cause.",
    ),
    Rule(
        "time-in-utc",
        "warning",
        "D",
        "Times are in UTC and end with Z, as in all documented examples.",
        "Clients that cut the text at fixed places are wrong by hours.",
        "Read times with a parser that knows offsets.",
    ),
    Rule(
        "time-style",
        "warning",
        "D",
        "Times have a capital T and Z, as in all documented examples.",
        "RFC 3339 allows lower case, yet many parsers refuse it.",
        "Turn the text into upper case before it is parsed.",
    ),
    Rule(
        "time-fraction",
        "drift",
        "D",
        "Times have milliseconds: three digits, as in all documented examples.",
        "Clients with a fixed format refuse six digits, or none.",
        "Read times with a parser that takes any number of digits.",
    ),
    Rule(
        "job-listed-twice",
        "error",
        "D",
        "A job is in one of the lists, and there once.",
        "Clients show it twice, or take the one that is out of date.",
        "Ask for the job by its id to see which of the two is right.",
    ),
    Rule(
        "already-downloaded-alone",
        "warning",
        "O",
        'A reply with `already_downloaded` has no other member: {"status": "already_downloaded"}.',
        "A client that finds an id beside it polls a job that is not there.",
        "Look at `status` first; with `already_downloaded` there is nothing to poll.",
    ),
    Rule(
        "id-is-constant",
        "error",
        "D",
        "The reply is about the job that was asked for.",
        "A client shows one download's progress for another's.",
        "Look for a cache or a proxy that mixes replies up.",
    ),
    Rule(
        "id-is-empty",
        "error",
        "D",
        "A job has an id, by which it can be asked for.",
        "A client that asks for it gets the whole list, or 404, and takes that for the job.",
        "Leave a job without an id alone. " + _REPORT,
    ),
    Rule(
        "time-in-future",
        "warning",
        "G",
        "What has started or is completed has been so by the server's Date header, give or take "
        "a day.",
        "Clients show negative durations, and sort the job before all others.",
        "Look at the clock of the server's machine, and for seconds taken for milliseconds.",
    ),
    Rule(
        "eta-in-past",
        "warning",
        "G",
        "The expected end of a download lies ahead.",
        "Clients show a negative time left; a stalled download looks like this.",
        "Show no estimate when it has passed. The server's own Date header says what time it is.",
    ),
    Rule(
        "eta-absurd",
        "warning",
        "G",
        "The expected end agrees with the bytes that are left and the speed.",
        "Clients show a time left that has nothing to do with the download.",
        "Work the time left out from bytes and speed, averaged over some polls.",
    ),
)
