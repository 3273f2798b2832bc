"""An operation of the API as data, and its path read and written."""

import re
from dataclasses import dataclass
from typing import Literal, TypeAlias
from urllib.parse import quote, unquote

About: TypeAlias = Literal["job", "jobs", "model", "models"]
"""What a request asks about: one job, the list of them, a model to download, the models there."""

Layout: TypeAlias = Literal["compact", "pretty"]
"""How a reply's JSON is laid out: on one line, or indented over several."""


@dataclass(frozen=True, slots=True)
class Operation:
    """One HTTP operation. `path` is as the pages write it, with parameters as `:name`.

    `polls`: clients ask again and again while a job lasts. `statuses` are those that a request in
    order may get. `editions`, oldest first, are those whose pages document it.
    """

    id: str
    method: str
    path: str
    about: About | None = None
    polls: bool = False
    layout: Layout = "compact"
    statuses: tuple[int, ...] = (200,)
    editions: tuple[str, ...] = ()

    @property
    def parameters(self) -> tuple[str, ...]:
        """The names of the path's parameters."""
        return tuple(re.findall(r":(\w+)", self.path))

    @property
    def stem(self) -> str:
        """The path up to its first parameter, without a slash at the end."""
        return self.path.partition("/:")[0]

    def accepts(self, method: str) -> bool:
        """Whether the method is its own; HEAD is as good as GET."""
        return method == self.method or (method == "HEAD" and self.method == "GET")

    def match(self, path: str) -> dict[str, str] | None:
        """The parameters that the path gives, decoded; None where it is not this operation's.

        One slash or more at either end are ignored; an empty segment makes another path of it.
        """
        expected, found = segments(self.path), segments(path)
        if "//" in path.strip("/") or len(expected) != len(found):
            return None
        pairs = list(zip(expected, found, strict=True))
        if any(name != value for name, value in pairs if not name.startswith(":")):
            return None
        return {name[1:]: value for name, value in pairs if name.startswith(":")}

    def path_for(self, **parameters: str) -> str:
        """The path to send for these parameters, each escaped into one segment."""
        return re.sub(r":(\w+)", lambda found: _segment(parameters[found[1]]), self.path)


def segments(path: str) -> tuple[str, ...]:
    """The segments of a path, decoded; slashes at both ends are no part of it."""
    return tuple(unquote(segment) for segment in path.strip("/").split("/") if segment)


def _segment(text: str) -> str:
    # HTTP clients would resolve these two as relative paths.
    if text in (".", ".."):
        return text.replace(".", "%2E")
    return quote(text, safe="", errors="replace")
