"""The fixture `mock_server`: a mock of LM Studio's download API for the length of a test.

Nothing heavy is imported before a test asks for it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from mockserver.server.handle import MockServer


@pytest.fixture
def mock_server() -> Iterator[MockServer]:
    """A server of the test's own, playing `healthy`: one download, completed after 20 seconds."""
    from mockserver.server.handle import MockServer

    with MockServer() as server:
        yield server
