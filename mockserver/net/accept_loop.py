"""The loop behind a server: it accepts, refuses as its policy says, and stops at once."""

import errno
import logging
import selectors
import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from mockserver.net import listener
from mockserver.net.connection import Connection, Handler, ShutdownSignal

_GRACE_S = 0.2
"""How long a response that is being written may take once the server stops."""
_DEADLINE_S = 2.0
"""How long a stop may take at the worst; threads that are left then are daemons."""
_PAUSE_S = 0.05
"""How long to wait once the system has had no room for one more connection, or no address."""
_NO_ROOM = (errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM)
_LONGEST_SELECT_S = 3600.0  # some systems count its milliseconds in 32 bits

_log = logging.getLogger(__name__)


class AcceptLoop:
    """Serves each connection in a thread of its own, from its beginning until it is told to stop.

    The address is a bound socket, which is duplicated. While the admission policy is closed, the
    port is reserved by one that does not listen. OSError when the address cannot be listened on.
    """

    def __init__(
        self, handler: Handler, address: socket.socket, admission: listener.AdmissionPolicy
    ) -> None:
        self._handler, self._admission = handler, admission
        self._shutdown = ShutdownSignal()
        self._address = address.getsockname()
        self._listening = address.dup()
        self._wake, self._waker = socket.socketpair()
        for end in (self._wake, self._waker):
            end.setblocking(False)
        self._is_open = self._is_full = False
        self._is_stuck = False  # it is to listen and cannot: tried again after a pause
        self._changing = threading.RLock()  # held while `_is_open` changes, or is relied upon
        self._lock = threading.Lock()
        self._open: set[socket.socket] = set()
        self._workers: list[threading.Thread] = []
        self._unsubscribe = admission.subscribe(self._follow_admission)
        try:
            with self._changing:
                self._set_open(admission.is_open())
        except OSError:
            self._close()
            raise
        self._thread = _thread(str(self._address[1]), self._run)
        self._thread.start()

    def stop(self) -> None:
        """Accept nobody any more, let responses be finished, and close the rest."""
        self._shutdown.set()
        self._wake_up()
        _join([self._thread], _DEADLINE_S)
        with self._changing:
            self._close()
        # Reading ends first: who waits for a request goes, who writes a response may finish it.
        self._shut_connections(socket.SHUT_RD)
        if not _join(self._workers, _GRACE_S):
            self._shut_connections(socket.SHUT_RDWR)
            _join(self._workers, _DEADLINE_S)

    def _run(self) -> None:
        """Accept connections, as the admission policy says."""
        has_room = True
        with selectors.DefaultSelector() as selector:
            selector.register(self._wake, selectors.EVENT_READ)
            while not self._shutdown.is_set():
                # Asked before the policy is followed, so that no change falls between the two.
                rest_s = self._admission.changes_in_s()
                self._follow_admission()
                wait_s = None if rest_s is None else min(rest_s, _LONGEST_SELECT_S)
                if self._is_stuck or not has_room:
                    wait_s = _PAUSE_S
                # Without room, clients wait in the backlog: the selector would find them at once.
                has_room = not self._is_asked(selector, wait_s, has_room) or self._accept()

    def _is_asked(
        self, selector: selectors.BaseSelector, wait_s: float | None, has_room: bool
    ) -> bool:
        """Wait for a client, for so long or until woken; whether there is one."""
        with self._changing:
            listening = self._listening if self._is_open and has_room else None
            if listening is not None:
                selector.register(listening, selectors.EVENT_READ)
        ready = [key.fileobj for key, _ in selector.select(wait_s)]
        if listening is not None:
            selector.unregister(listening)
        if self._wake not in ready:
            return bool(ready)
        with suppress(BlockingIOError):
            while self._wake.recv(4096):
                pass
        return False

    def _accept(self) -> bool:
        """Accept who waits, if anybody still does; false when the system has no room for it."""
        with self._changing:
            self._follow_admission()
            if not self._is_open:
                return True
            try:
                connection, address = self._listening.accept()
            except OSError as error:
                return error.errno not in _NO_ROOM
            connection.setblocking(True)  # some systems let it inherit the listener's mode
            try:
                self._begin(connection, address)
            except Exception:  # such as no thread to be had
                _log.exception("a connection from %s failed", address)
                self._end(connection)
        return True

    def _follow_admission(self) -> None:
        """Listen or refuse, as the admission policy says now."""
        with self._changing:
            if self._shutdown.is_set():
                return
            try:
                self._set_open(self._admission.is_open())
                self._is_stuck = False
            except OSError as error:
                if not self._is_stuck:
                    self._is_stuck = True
                    _log.error("cannot listen on %s again: %s", self._address, error)
                    self._wake_up()

    def _set_open(self, is_open: bool) -> None:
        if is_open == self._is_open:
            return
        if not is_open:
            # As before a stop: a response that is being written is finished.
            self._shut_connections(socket.SHUT_RD)
            listener.close(self._listening)
            self._is_open = False  # also when the port cannot be reserved
        if self._listening.fileno() < 0:  # closed just now, or the port could not be reserved then
            self._listening = listener.bound_socket(self._listening.family, self._address)
        if is_open:
            listener.listen(self._listening)
        self._is_open = is_open
        self._wake_up()

    def _wake_up(self) -> None:
        with suppress(OSError):  # full, so that it wakes anyway; or closed
            self._waker.send(b"x")

    def _close(self) -> None:
        self._unsubscribe()
        listener.close(self._listening)
        self._wake.close()
        self._waker.close()

    def _shut_connections(self, how: int) -> None:
        with self._lock:
            for connection in self._open:
                with suppress(OSError):  # closed by the client meanwhile
                    connection.shutdown(how)

    def _begin(self, connection: socket.socket, client: Any) -> None:
        most = self._handler.max_connections
        if len(self._open) >= 2 * most:  # even to be told so takes a thread
            listener.reset(connection)
            return
        was_full, self._is_full = self._is_full, len(self._open) >= most
        if self._is_full and not was_full:
            self._handler.on_full(most)
        worker = _thread("connection", self._serve, connection, client, self._is_full)
        with self._lock:
            self._open.add(connection)
            self._workers = [thread for thread in self._workers if thread.is_alive()]
            worker.start()
            self._workers.append(worker)

    def _serve(self, connection: socket.socket, client: Any, is_full: bool) -> None:
        try:
            served = Connection(connection, client, self._address, self._handler, self._shutdown)
            served.serve(is_full=is_full)
        except Exception:
            _log.exception("a connection from %s failed", client)
        finally:
            self._end(connection)

    def _end(self, connection: socket.socket) -> None:
        with suppress(OSError):  # ended already
            connection.shutdown(socket.SHUT_WR)
        with self._lock:
            self._open.discard(connection)
            connection.close()


def _thread(name: str, target: Callable[..., None], *arguments: Any) -> threading.Thread:
    name = f"mockserver:{name}"
    return threading.Thread(target=target, args=arguments, name=name, daemon=True)


def _join(threads: list[threading.Thread], seconds: float) -> bool:
    """Wait for the threads, but not for the one that is waiting; whether all have ended."""
    deadline = time.monotonic() + seconds
    others = [thread for thread in threads if thread is not threading.current_thread()]
    for thread in others:
        thread.join(max(0.0, deadline - time.monotonic()))
    return not any(thread.is_alive() for thread in others)
