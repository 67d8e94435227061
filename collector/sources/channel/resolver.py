"""Finds the address of a gateway by name without waiting for a name server that does not answer (getaddrinfo(3))."""

from __future__ import annotations

import socket
import threading

#: s; a lookup goes on in the background after that and is asked for again.
PATIENCE = 5.0


class Resolver:
    """The addresses of one host. getaddrinfo knows no deadline and may take a minute: it gets a thread of its own."""

    def __init__(self, host: str, port: int) -> None:
        self._target = (host, port)
        self._lookup: threading.Thread | None = None
        self._addresses: list[str] = []
        self._error: OSError | None = None

    def addresses(self) -> list[str]:
        """Every address, best first. Raises OSError, TimeoutError too."""
        host, port = self._target
        try:
            return _found(host, port, socket.AI_NUMERICHOST)
        except OSError:
            pass  # a name
        if self._lookup is None:
            self._lookup = threading.Thread(target=self._look_up, name=f"name of {host}", daemon=True)
            self._lookup.start()
        self._lookup.join(PATIENCE)
        if self._lookup.is_alive():
            raise TimeoutError(f"no name server tells the address of {host}")
        self._lookup = None
        if self._error is not None:
            raise self._error
        return self._addresses

    def _look_up(self) -> None:
        try:
            self._addresses, self._error = _found(*self._target, 0), None
        except OSError as error:
            self._error = error
        except UnicodeError as error:
            self._error = OSError(str(error))


def _found(host: str, port: int, flags: int) -> list[str]:
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=flags)
    return list(dict.fromkeys(str(address[0]) for *_, address in found))
