"""An event loop in a thread of its own, so that anything can be asked for with a deadline.

Whoever waits for it may do so in a thread that has a loop already, and several threads may.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine
from typing import Any, TypeVar

__all__ = ["Background"]

_T = TypeVar("_T")
_END_S = 2.0


class Background:
    """Runs coroutines from its making until `close`."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        # A daemon, because a look-up of a host's name cannot be ended.
        self._thread = threading.Thread(
            target=self._loop.run_forever, name="mockserver:remote", daemon=True
        )
        self._thread.start()

    def run(self, coroutine: Coroutine[Any, Any, _T]) -> _T:
        """What the coroutine returns or raises; it is cancelled when the wait is interrupted."""
        future = asyncio.run_coroutine_threadsafe(coroutine, self._loop)
        try:
            return future.result()
        except BaseException:
            future.cancel()
            raise

    def close(self) -> None:
        """End all that still runs."""
        if self._loop.is_closed():
            return
        asyncio.run_coroutine_threadsafe(_cancel_others(), self._loop).result(_END_S)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(_END_S)
        if not self._thread.is_alive():
            self._loop.close()


async def _cancel_others() -> None:
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)
