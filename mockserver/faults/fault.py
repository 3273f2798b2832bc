"""A fault: which requests it strikes, and what becomes of them."""

import re
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

from mockserver.documents.text import plain
from mockserver.faults.effect import Break, Effect, Scope
from mockserver.faults.reply import Reply
from mockserver.faults.when import ALWAYS, When
from mockserver.http.message import Response


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault. It strikes requests of `operation` (or to `path`; any, when both are None).

    A `*` in `path` stands for any characters. `effects`, each of another kind and in the order of
    the registry, are what is done to the requests that `when` names.

    `by_test`: a test gives the reply while a block of its code runs. What clients make of it is for
    the test to say, and no mistake by the timeline's lights.
    """

    effects: tuple[Effect, ...] = ()
    operation: str | None = None
    path: str | None = None
    when: When = ALWAYS
    by_test: bool = field(default=False, compare=False)

    def concerns(self, operation: str | None, path: str) -> bool:
        """Whether a request of this operation (None: of none), to this decoded path, matches.

        One slash at the end of a path is ignored, as it is for the operations.
        """
        if self.operation is not None:
            return self.operation == operation
        return self.path is None or _matches(self.path, _plain(path))

    # What its effects make of a request together: see `Effect`.

    @property
    def refuse(self) -> bool:
        return any(effect.refuses for effect in self.effects)

    @property
    def delay_ms(self) -> int:
        return sum(effect.wait_ms for effect in self.effects)

    @property
    def drip_ms(self) -> int:
        return sum(effect.drip_ms for effect in self.effects)

    @property
    def disconnect(self) -> Break | None:
        return next((effect for effect in self.effects if isinstance(effect, Break)), None)

    @property
    def reply(self) -> Reply | None:
        """What is answered in place of the real reply, as the fault says it."""
        return next((effect for effect in self.effects if isinstance(effect, Reply)), None)

    @property
    def hinders(self) -> bool:
        return any(effect.hinders for effect in self.effects)

    def answer(self) -> Response | None:
        return next(filter(None, (effect.answer() for effect in self.effects)), None)

    def change(self, response: Response, scope: Scope) -> Response | None:
        """The reply as it goes out; None when there is nothing in it that the fault strikes."""
        is_struck = False
        for effect in self.effects:
            changed = effect.change(response, scope)
            if changed is not None:
                response, is_struck = changed, True
        return response if is_struck else None

    def data(self) -> dict[str, Any]:
        """The fault as a file has it; read again, it is this one."""
        place = {"operation": self.operation, "path": self.path, "when": self.when.data() or None}
        effects = {type(effect).member.key: effect.data() for effect in self.effects}
        return {key: value for key, value in place.items() if value is not None} | effects

    def words(self) -> str:
        """`3rd job_status request: 503 Service Unavailable, Retry-After: 2`."""
        if self.refuse:
            return f"{self.effects_in_words()}{self.when.window_in_words()}"
        what = "request" if self.path is None else f"request to {self.path}"
        if self.operation is not None:
            what = f"{self.operation} request"
        return plain(f"{self.when.words(what)}: {self._parts()}")

    def effects_in_words(self) -> str:
        """What it does, without to which requests: `503 Service Unavailable, Retry-After: 2`."""
        return "a reply that the test made up" if self.by_test else plain(self._parts())

    def _parts(self) -> str:
        return ", ".join(effect.words() for effect in self.effects)


def _matches(pattern: str, path: str) -> bool:
    """Whether the path is the pattern's. A `*` as a character is written `%2A`."""
    *pieces, last = [unquote(piece) for piece in pattern.split("*")]
    if not pieces:
        return _plain(last) == path
    first, *middle = map(re.escape, pieces)
    # The leftmost place of each piece leaves the most room for those after it.
    between = "".join(f"(?>.*?{piece})" for piece in middle)
    end = re.escape(last.removesuffix("/"))
    return re.fullmatch(f"(?s:{first}{between}.*{end})", path) is not None


def _plain(path: str) -> str:
    return path.removesuffix("/") or "/"
