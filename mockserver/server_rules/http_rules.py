"""The rules for HTTP, and the situations that explain a whole reply in one sentence."""

from __future__ import annotations

from mockserver.findings.rule import Rule

__all__ = ["HTTP_RULES", "SITUATIONS"]

HTTP_RULES = (
    Rule(
        "no-reply",
        "error",
        "D",
        "The server answers.",
        "Clients that take a refused connection for a failed download give up too early.",
        "See whether the server runs, and whether host and port are right: 127.0.0.1:1234 unless "
        "set otherwise.",
    ),
    Rule(
        "timeout",
        "error",
        "G",
        "The server answers in time.",
        "Clients without a timeout hang; others poll again while the first poll is under way.",
        "See whether the machine is busy with a model, or give the check a longer timeout.",
    ),
    Rule(
        "broken-off",
        "error",
        "D",
        "A reply comes to its end.",
        "Half a reply is no JSON, and clients report a broken server for a broken connection.",
        "Look for a crash in the server's log, or a proxy that closes connections.",
    ),
    Rule(
        "too-large",
        "warning",
        "G",
        "A reply is small enough to be read at every poll.",
        "Clients read all of it, each second.",
        "Ask for one job instead of the list.",
    ),
    Rule(
        "bad-http",
        "error",
        "D",
        "A reply is HTTP.",
        "No client can read it.",
        "See whether something else listens at this port, or whether it wants https.",
    ),
    Rule(
        "bad-encoding",
        "error",
        "D",
        "A body decodes as its Content-Encoding says.",
        "No client can read it.",
        "Look for a proxy that compresses replies.",
    ),
    Rule(
        "redirect",
        "warning",
        "G",
        "The server answers where it is asked, without a redirect.",
        "Most clients do not follow redirects, or drop the token when they do.",
        "Take the address that Location names for the base URL.",
    ),
    Rule(
        "status-code",
        "error",
        "G",
        "A request that is right gets 200; one for an unknown job or model gets 404.",
        "Clients that look at the body alone take an error page for a job, and those that look at "
        "the status poll a job that does not exist.",
        "Ask once more with the curl command; after 429 and 5xx with a pause that grows.",
    ),
    Rule(
        "content-type",
        "warning",
        "D",
        "JSON is declared as application/json, in UTF-8.",
        "Libraries that look at the type first do not parse the body at all.",
        "Parse the body whatever its type, or set the type in the proxy.",
    ),
    Rule(
        "error-in-200",
        "error",
        "O",
        "A reply with `error` has the status of an error, not 200.",
        "Clients take 200 for success, and find no job in it.",
        "Look for `error` before a 200 is believed.",
    ),
    Rule(
        "error-shape",
        "warning",
        "G",
        'An error is {"error": {"type", "message"}}, or {"error": "text"} for an unknown path.',
        "Clients can show no reason, or crash while they look for it.",
        "Read `error.message` if it is there, `error` if it is text, else show the status.",
    ),
    Rule(
        "unknown-path-status",
        "drift",
        "O",
        "An unknown path gets 404 under /api/v1, and 200 with an error elsewhere.",
        "Clients tell by this whether a server has an operation.",
        "Look for `error` in the body; the status alone does not tell.",
    ),
)

SITUATIONS = (
    Rule(
        "old-server",
        "error",
        "O",
        "The server has the API below /api/v1, as LM Studio has it from 0.4 on.",
        "Older ones answer every such path with 200 and an error, which clients take for success.",
        "Update LM Studio to 0.4 or later.",
    ),
    Rule(
        "wrong-base-url",
        "error",
        "O",
        "The base URL ends before /api/v1.",
        "With /v1 or /api/v1 at its end, every request goes to a path that does not exist.",
        "Give http://127.0.0.1:1234, without a path.",
    ),
    Rule(
        "another-server",
        "error",
        "G",
        "LM Studio answers at this address.",
        "Other servers have other paths, and their 404 looks like a job that is not known.",
        "See what listens at this port: 1234 is LM Studio's, 11434 Ollama's, 8000 that of many.",
    ),
    Rule(
        "html-page",
        "error",
        "O",
        "The API answers, and not a web page.",
        "Proxies and web servers answer with HTML, and clients fail with an error about JSON.",
        "See whether the address is a proxy's, or an app's user interface; with 502 to 504 the "
        "server behind it is down.",
    ),
    Rule(
        "token-refused",
        "error",
        "O",
        "The server takes the token that it is given, or needs none.",
        "Every reply is 401, and nothing of the server can be judged.",
        "Make a token in the server's settings and hand it over, or switch the demand for it off.",
    ),
    Rule(
        "list-missing",
        "drift",
        "O",
        "The server has the list of jobs.",
        "The pages of 2025-10 have it, today's server answers 404; clients that poll it see none.",
        "Poll jobs by their id, and hold this server to the edition 2026-01.",
    ),
    Rule(
        "operation-missing",
        "error",
        "D",
        "The server has the operations of its edition.",
        "Clients take the 404 for a job that is not known.",
        "See whether another edition fits the server; the download by POST came with 0.4.",
    ),
    Rule(
        "unknown-path-200",
        "info",
        "O",
        "A path outside of the API does not exist; it gets 200 with an error all the same.",
        "Clients that poll such a path take 200 for success, and show 0 % for ever.",
        "Ask at /api/v1/models/download/status/<job_id>.",
    ),
)
"""When one of these is recognised, no other rule speaks of that reply."""
