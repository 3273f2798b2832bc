"""Why a request to the control API is refused."""

from __future__ import annotations

from typing import Any

__all__ = ["Problem"]


class Problem(Exception):
    """An HTTP status and the facts behind it.

    `pointer` is the JSON pointer into the request's body, `expected` what would have been right,
    `suggestion` the nearest right word; each None where there is none.
    """

    def __init__(
        self,
        status: int,
        message: str,
        *,
        pointer: str | None = None,
        expected: str | None = None,
        suggestion: str | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.pointer = pointer
        self.expected = expected
        self.suggestion = suggestion

    def as_dict(self) -> dict[str, Any]:
        """The facts that there are, as the reply holds them."""
        facts = {
            "type": "mockserver_error",
            "message": self.message,
            "pointer": self.pointer,
            "expected": self.expected,
            "suggestion": self.suggestion,
        }
        return {"error": {name: fact for name, fact in facts.items() if fact is not None}}
