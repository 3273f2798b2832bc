"""The weakenings that `tests/weakenings.py` makes are changes to what is there."""

from __future__ import annotations

import pytest

from weakenings import ROOT, WEAKENINGS, Weakening


@pytest.mark.parametrize("one", WEAKENINGS, ids=lambda one: one.what)
def test_it_changes_one_place_and_is_held_by_tests(one: Weakening) -> None:
    text = (ROOT / "mockserver" / one.module).read_text("utf-8")
    assert text.count(one.text) == 1
    assert one.text != one.becomes
    assert all((ROOT / "tests/unit" / name).is_file() for name in one.tests)


def test_there_is_more_than_a_dozen() -> None:
    assert len({one.what for one in WEAKENINGS}) > 12
