"""Whether processes that a test cannot see, those of a client, have ended."""

import socket

from support.process import DEADLINE_S


class Beacon:
    """Hears of each process that connects, and whether it is still there."""

    def __init__(self) -> None:
        self._socket = socket.create_server(("127.0.0.1", 0))
        self._socket.settimeout(DEADLINE_S)
        self._heard: list[socket.socket] = []

    @property
    def lines(self) -> str:
        """Python that connects, and keeps the connection for as long as its process lives."""
        port = self._socket.getsockname()[1]
        return (
            "import os, signal, socket, sys\n"
            f"beacon = socket.create_connection(('127.0.0.1', {port}))\n"
            "os.set_inheritable(beacon.fileno(), True)\n"
        )

    def wait(self) -> None:
        """Until one more process has connected."""
        heard, _ = self._socket.accept()
        heard.settimeout(DEADLINE_S)
        self._heard.append(heard)

    def are_gone(self) -> bool:
        """Whether nobody has any of the connections any more; waits for that until the deadline."""
        for connection in self._heard:
            try:
                while connection.recv(100):
                    pass
            except ConnectionResetError:
                continue
            except TimeoutError:
                return False
        return len(self._heard) > 0

    def close(self) -> None:
        for connection in [*self._heard, self._socket]:
            connection.close()
