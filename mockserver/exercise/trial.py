"""A trial: the replies that a client is given, what is wrong with them, and what it has to do."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

from mockserver.faults.fault import Fault
from mockserver.faults.reply import Reply
from mockserver.faults.when import When

__all__ = ["Answer", "Kind", "Trial", "Wanted"]

Kind: TypeAlias = Literal["valid", "surprising", "invalid", "no JSON", "HTTP"]
"""What is wrong with the reply: nothing, nothing that is usual, or something."""

Wanted: TypeAlias = Literal["result", "error", "either"]
"""How a good client ends: with a result, with an error that it declares, or both are right."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A reply to an operation, whatever the job; `times` is to how many requests, None to all."""

    operation: str
    body: bytes
    status: int = 200
    content_type: str = "application/json; charset=utf-8"
    times: int | None = None

    @property
    def reply(self) -> Reply:
        return Reply(self.status, {"Content-Type": self.content_type}, self.body)

    @property
    def fault(self) -> Fault:
        """What gives this answer in a timeline."""
        return Fault((self.reply,), self.operation, when=When(last=self.times))


@dataclass(frozen=True, slots=True)
class Trial:
    """What a client is served. The first of the `answers` that fits a request is given.

    The first of all is the reply under test. `reasons` say what is wrong with it, and `sound` is
    its body without that, where there is such a one.
    """

    kind: Kind
    wanted: Wanted
    answers: tuple[Answer, ...]
    reasons: tuple[str, ...] = ()
    sound: bytes | None = None

    @property
    def answer(self) -> Answer:
        """The reply under test."""
        return self.answers[0]

    def is_end(self, answer: Answer) -> bool:
        """Whether this is what the operation says after the reply under test."""
        return answer is not self.answer and answer.operation == self.answer.operation

    def repaired(self) -> Trial:
        """The same with the sound body. ValueError where there is none."""
        if self.sound is None:
            raise ValueError("nothing would be the same without what is wrong with it")
        first = replace(self.answer, body=self.sound)
        return Trial("valid", "either", (first, *self.answers[1:]))
