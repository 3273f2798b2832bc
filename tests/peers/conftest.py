"""Tests against programs of others, some of which have to be downloaded: only when asked for."""

import os
from pathlib import Path

import pytest

VARIABLE = "MOCKSERVER_PEERS"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if os.environ.get(VARIABLE) == "1":
        return
    here = Path(__file__).parent
    for item in items:
        if item.path.is_relative_to(here):
            item.add_marker(pytest.mark.skip(reason=f"only with {VARIABLE}=1"))
