"""Replies that are wrong as HTTP: refusals with odd bodies, errors that say 200, odd types."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

from mockserver.api.operations import LIST_STATUS
from mockserver.api.replies import JSON_TYPE, written

_HTML = "text/html; charset=utf-8"
_UNEXPECTED = f"Unexpected endpoint or method. (GET {LIST_STATUS.path})"
_STATUSES = (500, 404, 429, 401, 403, 400, 502, 503)

_ERRORS: dict[str, Any] = {
    "an error that is text": {"error": _UNEXPECTED},
    "an error object": {"error": {"type": "internal_error", "message": "out of memory"}},
    "an error object without a type": {"error": {"message": "out of memory"}},
    "an error of null": {"error": None},
    "a list of errors": {"errors": [{"message": "out of memory"}]},
}
_BODIES: dict[str, tuple[str, str]] = {
    "no body": ("", JSON_TYPE),
    "an HTML page": ("<html><body><h1>Bad Gateway</h1></body></html>", _HTML),
    "an HTML page that is called JSON": ("<html><body>Bad Gateway</body></html>", JSON_TYPE),
    "null": ("null", JSON_TYPE),
    "a list": ("[]", JSON_TYPE),
    "text as JSON": ('"Bad Gateway"', JSON_TYPE),
    "half of an object": ('{"error": {"type": "intern', JSON_TYPE),
    **{name: (written(error), JSON_TYPE) for name, error in _ERRORS.items()},
}


@dataclass(frozen=True, slots=True)
class OddReply:
    """A whole reply, which is no answer to what was asked; `why` says what it is."""

    status: int
    content_type: str
    body: bytes
    why: str


def odd_replies(good: bytes) -> st.SearchStrategy[OddReply]:
    """Refusals with any body, the `good` one too, and 200 with an error.

    The simplest is 200 with an error that is text, as LM Studio answers unknown paths.
    """
    said_200 = st.sampled_from(list(_ERRORS)).map(lambda name: _reply(200, name))
    refused = st.builds(_reply, st.sampled_from(_STATUSES), st.sampled_from(list(_BODIES)))
    with_good = st.sampled_from(_STATUSES).map(
        lambda status: OddReply(status, JSON_TYPE, good, f"{status} with a body that is right")
    )
    return st.one_of(said_200, refused, with_good)


def _reply(status: int, name: str) -> OddReply:
    body, content_type = _BODIES[name]
    return OddReply(status, content_type, body.encode(), f"{status} with {name}")
