"""Connects to a gateway or meter over TCP and notices when the other side is gone."""

from __future__ import annotations

import socket
from contextlib import suppress

from collector.errors import GatewayDown, LineError
from collector.sources.channel.channel import Channel, Permit
from collector.sources.channel.resolver import Resolver

#: s; a gateway in the same house answers in some ms.
CONNECT_TIMEOUT = 2.0
#: A name with more addresses than that is no gateway: the watchdog waits.
MOST_ADDRESSES = 4
#: A connection on which nothing is acknowledged for this long (ms) is dead.
_USER_TIMEOUT = 10_000
_OPTIONS = (
    (socket.IPPROTO_TCP, socket.TCP_NODELAY, 1),
    (socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1),
    (socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, 30),
    (socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, 10),
    (socket.IPPROTO_TCP, socket.TCP_KEEPCNT, 3),
    (socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, _USER_TIMEOUT),
)


class TcpSocket(Channel):
    """A TCP connection."""

    def __init__(self, host: str, tcp_port: int, permit: Permit) -> None:
        super().__init__(f"{host}:{tcp_port}", permit)
        self._port = tcp_port
        self._resolver = Resolver(host, tcp_port)
        self._socket: socket.socket | None = None

    def _connect(self) -> int:
        try:
            self._socket = self._first_that_answers()
        except (OSError, UnicodeError) as error:
            hint = "is it on, are address and tcp_port right, does a firewall stand between?"
            raise GatewayDown(f"{self.target}: no connection ({error})", hint) from error
        self._socket.setblocking(False)
        for option in _OPTIONS:
            self._socket.setsockopt(*option)
        return self._socket.fileno()

    def _first_that_answers(self) -> socket.socket:
        """A connection to the first address that takes one; OSError if none does."""
        error: OSError = ConnectionError("it has no address")
        for address in self._resolver.addresses()[:MOST_ADDRESSES]:
            try:
                return socket.create_connection((address, self._port), CONNECT_TIMEOUT)
            except OSError as failure:
                error = failure
        raise error

    def _close(self) -> None:
        if self._socket is not None:
            with suppress(OSError):
                self._socket.close()
            self._socket = None

    def _lost(self, reason: str) -> LineError:
        return GatewayDown(
            f"{self.target}: the connection broke ({reason})", "is it on? does it allow one more client?"
        )
