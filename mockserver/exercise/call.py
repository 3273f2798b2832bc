"""A client that is a Python callable, called in a thread of its own with a deadline."""

from __future__ import annotations

import asyncio
import inspect
import sysconfig
import threading
import traceback
from collections.abc import Awaitable, Callable
from typing import Any, TypeAlias

from mockserver.errors import visible
from mockserver.exercise.survival import End
from mockserver.timeline.words import clipped

__all__ = ["Call", "Client", "Errors", "takes_job"]

Client: TypeAlias = Callable[..., Any]
"""Called with the base URL, and with what it is to download if it takes a second argument."""

Errors: TypeAlias = type[BaseException] | tuple[type[BaseException], ...]

_SHOWN = 300
_LIBRARIES = tuple(
    sysconfig.get_paths()[name] for name in ("stdlib", "platstdlib", "purelib", "platlib")
)


def takes_job(client: Client) -> bool:
    """Whether it takes a second positional argument, without which it cannot be called.

    Raises TypeError for a callable that cannot be called with one or two.
    """
    try:
        signature = inspect.signature(client)
    except ValueError:  # one that is not written in Python need not say
        return False
    for arguments in (("",), ("", "")):
        try:
            signature.bind(*arguments)
        except TypeError:
            continue
        return len(arguments) == 2
    raise TypeError(f"the client is called as client(url) or client(url, job), not {signature}")


class Call:
    """Calls the client at once; the thread is a daemon, so that one without an end does no harm."""

    def __init__(self, client: Client, arguments: tuple[str, ...], errors: Errors) -> None:
        self._client, self._arguments, self._errors = client, arguments, errors
        self._end: End | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._task: asyncio.Task[Any] | None = None
        self._thread = threading.Thread(target=self._run, name="mockserver:client", daemon=True)
        self._thread.start()

    def end(self, timeout_s: float) -> End | None:
        """How it ended; None while it still runs when time is up."""
        self._thread.join(timeout_s)
        return None if self._thread.is_alive() else self._end

    def cancel(self) -> None:
        """Let a client that awaits something wait no longer."""
        loop, task = self._loop, self._task
        if loop is None or task is None:
            return
        try:
            loop.call_soon_threadsafe(task.cancel)
        except RuntimeError:  # it has just ended by itself
            return

    def _run(self) -> None:
        try:
            result = self._client(*self._arguments)
            if inspect.isawaitable(result):
                result = asyncio.run(self._awaited(result))
        except BaseException as error:
            self._end = _ended(error, self._errors)
        else:
            self._end = End("result", result, _clipped(repr(result)))

    async def _awaited(self, result: Awaitable[Any]) -> Any:
        self._loop, self._task = asyncio.get_running_loop(), asyncio.current_task()
        return await result


def _ended(error: BaseException, errors: Errors) -> End:
    name = type(error).__name__
    said = " ".join(traceback.format_exception_only(error)[-1].split())
    if isinstance(error, errors):
        return End("error", words=_clipped(said), likeness=name)
    return End("crash", words=_clipped(said), likeness=name, where=_where(error))


def _where(error: BaseException) -> str:
    """The last line of the client's own code, or of whatever it called where it has none."""
    frames = traceback.extract_tb(error.__traceback__)[1:]
    own = [one for one in frames if not one.filename.startswith((*_LIBRARIES, "<frozen"))]
    for frame in reversed(own or frames):
        return f"{frame.filename}:{frame.lineno}, in {frame.name}: {_clipped(frame.line or '')}"
    return ""


def _clipped(text: str) -> str:
    return clipped(visible(text), _SHOWN)
