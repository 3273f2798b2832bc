"""A client that is a Python callable, called in a thread of its own with a deadline."""

import asyncio
import inspect
import sysconfig
import threading
import traceback
from collections.abc import Awaitable, Callable, Iterable
from concurrent.futures import Future
from contextlib import suppress
from functools import partial
from types import AsyncGeneratorType, GeneratorType
from typing import Any, TypeAlias

from mockserver.documents.text import clipped
from mockserver.errors import visible
from mockserver.exercise.fuzz_case import ClientEnd, representation

Client: TypeAlias = Callable[..., Any]
"""Called with the base URL, and with what it is to download if it needs a second argument."""

Errors: TypeAlias = type[BaseException] | Iterable[type[BaseException]]
ErrorClasses: TypeAlias = tuple[type[BaseException], ...]

_SHOWN = 300
_GATHERED: dict[type, str] = {
    GeneratorType: "wrap it, as in lambda url: list(client(url))",
    AsyncGeneratorType: "wrap it in an async function with [state async for state in client(url)]",
}
_LIBRARIES = tuple(
    sysconfig.get_paths()[name] for name in ("stdlib", "platstdlib", "purelib", "platlib")
)


def error_classes(errors: Errors) -> ErrorClasses:
    """One class of exceptions, or several. Raises TypeError for anything else."""
    given: Any = errors
    found = (given,) if isinstance(given, type) else given
    if isinstance(found, Iterable) and not isinstance(found, str | bytes):
        classes = tuple(found)
        if all(isinstance(each, type) and issubclass(each, BaseException) for each in classes):
            return classes
    raise TypeError(f"errors are a class of exceptions, or several, not {_shown(given)}")


def takes_job(client: Client) -> bool:
    """Whether it requires a second positional argument; TypeError where neither one nor two fit."""
    try:
        signature = inspect.signature(client)
    except ValueError:  # one that is not written in Python need not say
        return False
    for arguments in (("",), ("", "")):
        with suppress(TypeError):
            signature.bind(*arguments)
            return len(arguments) == 2
    raise TypeError(f"the client is called as client(url) or client(url, job), not {signature}")


class ClientCall:
    """Calls the client at once; the thread is a daemon, so that one without an end does no harm."""

    def __init__(self, client: Client, arguments: tuple[str, ...], errors: ErrorClasses) -> None:
        self._client, self._arguments, self._errors = client, arguments, errors
        self._end: Future[ClientEnd] = Future()
        self._cancel_task: Callable[[], object] = lambda: None
        threading.Thread(target=self._run, name="mockserver:client", daemon=True).start()

    def end(self, timeout_s: float) -> ClientEnd | None:
        """How it ended; None while it runs. TypeError for a generator, which has run no code."""
        with suppress(TimeoutError):
            return self._end.result(timeout_s)
        return None

    def cancel(self) -> None:
        """Let a client that awaits something wait no longer."""
        with suppress(RuntimeError):  # it has just ended by itself
            self._cancel_task()

    def _run(self) -> None:
        try:
            self._end.set_result(self._called())
        except BaseException as error:  # not the client's; whoever asks for the end gets it
            self._end.set_exception(error)

    def _called(self) -> ClientEnd:
        try:
            result = self._client(*self._arguments)
            if inspect.isawaitable(result):
                result = asyncio.run(self._awaited(result))
        except BaseException as error:
            return _ended(error, self._errors)
        if inspect.isgenerator(result) or inspect.isasyncgen(result):
            raise TypeError(f"the client is a generator function; {_GATHERED[type(result)]}")
        return ClientEnd("result", result, _shown(result))

    async def _awaited(self, result: Awaitable[Any]) -> Any:
        loop, task = asyncio.get_running_loop(), asyncio.current_task()
        if task is not None:
            self._cancel_task = partial(loop.call_soon_threadsafe, task.cancel)
        return await result


def _ended(error: BaseException, errors: ErrorClasses) -> ClientEnd:
    name = type(error).__name__
    said = _clipped(" ".join(traceback.format_exception_only(error)[-1].split()))
    if isinstance(error, errors):
        return ClientEnd("error", words=said, cause=name)
    return ClientEnd("crash", words=said, cause=name, where=_where(error))


def _where(error: BaseException) -> str:
    """The last line of the client's own code, or of whatever it called where it has none."""
    frames = traceback.extract_tb(error.__traceback__)[1:]
    own = [frame for frame in frames if not frame.filename.startswith((*_LIBRARIES, "<frozen"))]
    for frame in reversed(own or frames):
        return f"{frame.filename}:{frame.lineno}, in {frame.name}: {_clipped(frame.line or '')}"
    return ""


def _shown(value: object) -> str:
    said = representation(value)
    return f"{type(value).__name__}, whose repr fails" if said is None else _clipped(said)


def _clipped(text: str) -> str:
    return clipped(visible(text), _SHOWN)
