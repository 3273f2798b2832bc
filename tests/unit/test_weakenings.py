"""The weakenings that `tests/weakenings.py` makes are changes to what is there."""

import pytest

from weakenings import ROOT, WEAKENINGS, Weakening


@pytest.mark.parametrize("weakening", WEAKENINGS, ids=lambda weakening: weakening.what)
def test_it_changes_one_place_and_is_held_by_tests(weakening: Weakening) -> None:
    text = (ROOT / "mockserver" / weakening.module).read_text("utf-8")
    assert text.count(weakening.text) == 1
    assert weakening.text != weakening.becomes
    assert all((ROOT / "tests/unit" / name).is_file() for name in weakening.tests)


def test_there_is_more_than_a_dozen() -> None:
    assert len({weakening.what for weakening in WEAKENINGS}) > 12
