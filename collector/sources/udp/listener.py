"""Hears the Kerrucent probes of one UDP port: only those that the configuration names are believed."""

from __future__ import annotations

import errno
import select
import socket
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from collector.config.settings import LineSettings, MeterSettings
from collector.devices.map import Model
from collector.errors import LineError, PortBusy, PortDenied
from collector.model.ports import Ticker
from collector.model.reading import Sample
from collector.sources.statistics import Statistics
from collector.sources.udp.datagram import LONGEST, decode, known_as

#: Where the probes send to.
PORT = 5005
#: Datagrams of one call: a flood does not keep the line from its other duties.
MOST = 256
#: Bytes that may wait in the kernel: some hundred probes that send in the same moment.
_BUFFER = 1 << 18


class UdpListener:
    """One UDP port; nothing is ever sent (implements model.ports.Listener)."""

    def __init__(self, line: LineSettings, meters: Mapping[str, tuple[MeterSettings, Model]], ticker: Ticker) -> None:
        self._line = line
        self._ticker = ticker
        self._socket: socket.socket | None = None
        self._meters = {known_as(meter.address or ""): (name, model) for name, (meter, model) in meters.items()}
        self._statistics = {name: Statistics() for name in meters}
        #: What belongs to no meter of this line, by kind: `stranger`, `bad_datagram`.
        self.errors: Counter[str] = Counter()

    @property
    def statistics(self) -> Mapping[str, Statistics]:
        """What happened since start, by meter."""
        return self._statistics

    def listen(self, seconds: float) -> Sequence[Sample]:
        """What was said, as soon as something was, within this time; raises LineError if the port cannot be had."""
        waiting = self._socket or self._open()
        if not select.select([waiting], [], [], max(0.0, seconds))[0]:
            return ()
        samples = (self._believed(data, boot_ns) for data, boot_ns in self._arrived(waiting))
        return [sample for sample in samples if sample is not None]

    def close(self) -> None:
        """Gives the port back; the next `listen` opens it again."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def _arrived(self, waiting: socket.socket) -> Iterator[tuple[bytes, int]]:
        """What waits, each with the time at which it was taken."""
        for _ in range(MOST):
            try:
                yield waiting.recv(LONGEST + 1), self._ticker.boot_ns()
            except BlockingIOError:
                return
            except OSError as error:
                self.close()
                raise LineError(f"{self._target}: {error.strerror}", "is the network up?") from error

    def _believed(self, data: bytes, boot_ns: int) -> Sample | None:
        telegram = decode(data)
        if not telegram.complete:
            self.errors["bad_datagram"] += 1
            return None
        if telegram.identification not in self._meters:
            self.errors["stranger"] += 1
            return None
        name, model = self._meters[telegram.identification]
        statistics = self._statistics[name]
        statistics.requests += 1
        if telegram.problems:
            statistics.doubted("impossible_value")
        heard = {value.code: value.value for value in telegram.values}
        values = {code.quantity: _number(heard.get(code.code), code.sign * code.scale) for code in model.codes}
        return Sample(name, boot_ns, values)

    @property
    def _target(self) -> str:
        return f"{self._line.host or '*'}:{self._port} udp"

    @property
    def _port(self) -> int:
        return PORT if self._line.udp_port is None else self._line.udp_port

    def _open(self) -> socket.socket:
        host = self._line.host or "0.0.0.0"  # noqa: S104 - the probes may be behind any interface
        made = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_DGRAM)
        try:
            made.setblocking(False)
            made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _BUFFER)
            made.bind((host, self._port))
        except OSError as error:
            made.close()
            raise self._refusal(error) from error
        self._socket = made
        return made

    def _refusal(self, error: OSError) -> LineError:
        if error.errno == errno.EADDRINUSE:
            return PortBusy(
                f"{self._target}: another program listens there", "`ss -lunp` tells which; perhaps the collector itself"
            )
        if error.errno in (errno.EACCES, errno.EPERM):
            return PortDenied(f"{self._target}: permission denied", "choose a udp_port of 1024 or more")
        return LineError(f"{self._target}: cannot listen ({error.strerror})", "is `host` an address of this box?")


def _number(value: float | str | None, factor: float) -> float | None:
    return value * factor if isinstance(value, float) else None
