"""What the mock does with paths, methods, tokens and headers."""

from __future__ import annotations

from mockserver.api.behaviours.behaviour import Behaviour, documented, guessed, observed

_STATUS = "2025-10/download-status.md"
_EXPRESS = "as Express does, which the server seems to be built on"
_EVENTS = "documented for streamed events only"

OF_HTTP: tuple[Behaviour, ...] = (
    # Paths and methods
    Behaviour(
        "unknown-path-of-the-api",
        'An unknown path under /api/v1 gets 404, and "error" is a string.',
        (observed("Unexpected endpoint or method. (GET /api/v1/x)"),),
    ),
    Behaviour(
        "unknown-path-elsewhere",
        "An unknown path anywhere else gets the same body, with 200.",
        (observed("that body and that status"),),
    ),
    Behaviour(
        "old-server",
        "A server from before 0.4 gives 200 with that body for the whole API.",
        (observed("there was no /api/v1 yet"),),
        timeline="old-server",
    ),
    Behaviour(
        "post-on-a-status-path",
        "POST on a status path gets 415.",
        (observed("the status; the body is a guess"),),
    ),
    Behaviour(
        "other-methods",
        "Any other method on a known path is answered like an unknown path, never by 405.",
        (guessed("the sentence speaks of endpoint or method"),),
    ),
    Behaviour("head", "HEAD is answered like GET, without the body.", (guessed(_EXPRESS),)),
    Behaviour(
        "options",
        "OPTIONS is answered like an unknown path, unless CORS is switched on.",
        (guessed("the server has no routes for it"),),
    ),
    Behaviour(
        "slash-at-the-end", "One slash at the end of a path is ignored.", (guessed(_EXPRESS),)
    ),
    Behaviour(
        "slashes-at-the-beginning",
        "Several slashes at the beginning of a path count as one; inside it they do not.",
        (guessed(_EXPRESS),),
    ),
    Behaviour("query", "A query is no part of the path, and is ignored.", (guessed(_EXPRESS),)),
    Behaviour(
        "percent-encoding",
        "Percent-encoding in a path is decoded; `%2F` in an id is part of the id.",
        (guessed(_EXPRESS),),
    ),
    Behaviour(
        "malformed-escapes", "A path with a malformed escape gets 400.", (guessed(_EXPRESS),)
    ),
    Behaviour(
        "list-of-models",
        "GET /api/v1/models lists the models whose download has completed.",
        (guessed("our pages do not have it, but clients ask for it"),),
    ),
    Behaviour(
        "openai-list-of-models",
        "GET /v1/models lists the same models in OpenAI's form.",
        (guessed("our pages do not have it, but clients ask for it"),),
    ),
    # Errors, access, headers
    Behaviour(
        "error-objects",
        'An error is `{"error": {"type", "message"}}`, with `code` and `param` where they apply.',
        (guessed(f"it is {_EVENTS}, and observed where a token is refused"),),
    ),
    Behaviour(
        "large-body",
        "A request's body of more than 1 MiB gets 413.",
        (guessed("servers have such a limit; which one is not known"),),
    ),
    Behaviour(
        "default-address",
        "`mockserver serve` listens on 127.0.0.1, port 1234.",
        (documented(_STATUS, 17),),
    ),
    Behaviour("no-token", "No token is needed.", (documented(_STATUS, 17),)),
    Behaviour(
        "missing-token",
        "Without the token that is demanded: 401 with the code `invalid_api_key`.",
        (observed("the status and the code"),),
        option="token",
        timeline="token-refused",
    ),
    Behaviour(
        "wrong-token",
        "With a wrong one: the same, and the message shows its first ten characters.",
        (observed("the token masked after ten characters"),),
        option="token",
    ),
    Behaviour(
        "cors",
        "With CORS switched on, pages of any origin may read the replies.",
        (guessed("the header that Express's cors package sends"),),
        option="cors",
    ),
    Behaviour(
        "preflight",
        "With CORS switched on, a browser's preflight gets 204 and what it asked for.",
        (guessed("as Express's cors package answers"),),
        option="cors",
    ),
    Behaviour(
        "date-header",
        "The Date header shows the timeline's clock.",
        (guessed("a client that reckons with it must not be led astray"),),
    ),
)
