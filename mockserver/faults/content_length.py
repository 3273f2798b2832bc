"""The Content-Length is not that of the body."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import ClassVar, Literal, TypeAlias

from mockserver.documents.fields import Field
from mockserver.documents.kinds import Kind, words
from mockserver.faults.effect import Effect, Scope, read_as
from mockserver.http.message import Response

_Announced: TypeAlias = Literal["longer", "shorter"]
_ANNOUNCED: Kind[_Announced] = words("longer", "shorter")
_LONGER_BY = 100
"""Bytes that are announced beyond the body."""


@dataclass(frozen=True, slots=True)
class ContentLength(Effect):
    """A longer or a shorter body is announced than is sent."""

    announces: _Announced

    member = Field(
        read_as(_ANNOUNCED, lambda word: ContentLength(word)),
        "What the Content-Length announces: a longer or a shorter body than is sent.",
        key="content_length",
    )
    excludes: ClassVar[Mapping[str, str]] = {"truncate": "one length is announced"}
    changes_reply: ClassVar[bool] = True
    hinders: ClassVar[bool] = True

    def words(self) -> Iterable[str]:
        yield f"announces a {self.announces} body than it sends"

    def data(self) -> str:
        return self.announces

    def change(self, response: Response, scope: Scope) -> Response:
        size = response.body.size
        length = size + _LONGER_BY if self.announces == "longer" else size // 2
        headers = response.headers.replaced("Content-Length", str(length))
        return replace(response, headers=headers)
