"""Nobody can connect."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from mockserver.documents.fields import Field
from mockserver.documents.kinds import FLAG
from mockserver.documents.member_rules import ExcludesWhen, MemberRule
from mockserver.faults.effect import Effect, read_as


@dataclass(frozen=True, slots=True)
class Refuse(Effect):
    """Nobody can connect at all while the fault's window is open."""

    member = Field(
        read_as(FLAG, lambda refuses: Refuse() if refuses else None),
        "true: nobody can connect at all while the window of `when` is open.",
        key="refuse",
    )

    @classmethod
    def rules(cls, kinds: Iterable[type[Effect]]) -> Iterable[MemberRule]:
        effects = [kind.member.key for kind in kinds if kind is not cls]
        yield ExcludesWhen(
            "refuse",
            lambda node: node.value is True,
            {"const": True},
            ("operation", "path", *effects),
            problem="{} beside refuse: who cannot connect asks for nothing",
            expected="when: {after: …, for: …} alone",
        )
        yield ExcludesWhen(
            "refuse",
            lambda node: node.value is True,
            {"const": True},
            ("request", "probability", "seed"),
            problem="`{}` beside refuse: who cannot connect makes no request",
            expected="after and for",
            inside="when",
        )

    def words(self) -> Iterable[str]:
        yield "connections are refused"

    def data(self) -> bool:
        return True

    def refuses(self) -> bool:
        return True
