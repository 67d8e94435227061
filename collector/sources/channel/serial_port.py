"""Opens a serial port, exclusively and by the name the configuration gives (EIA-485 by pyserial)."""

from __future__ import annotations

import errno
import termios
from contextlib import suppress
from pathlib import Path

import serial

from collector.errors import LineError, PortBusy, PortDenied, PortMissing
from collector.sources.channel.channel import Channel, Permit
from collector.sources.ports import device_of

_MISSING = {errno.ENOENT, errno.ENODEV, errno.ENXIO}
_DENIED = {errno.EACCES, errno.EPERM}
_BUSY = {errno.EBUSY, errno.EAGAIN}


class SerialPort(Channel):
    """A serial port; looked up again by its name each time it is opened, so that a replugged adapter is found."""

    def __init__(self, port: str, baud: int, frame: str, permit: Permit) -> None:
        """`frame` is written like "8N2": data bits, parity, stop bits."""
        super().__init__(port, permit)
        self._port = port
        self._baud = baud
        self._frame = frame
        self._serial: serial.Serial | None = None

    def _connect(self) -> int:
        self.target = device_of(self._port)
        # A pseudo-terminal has neither parity nor 7 bits, and refuses them when nothing else would change.
        pseudo = Path(self.target).resolve().is_relative_to("/dev/pts")
        bits, parity, stops = tuple("8N1" if pseudo else self._frame)
        try:
            self._serial = serial.Serial(
                self.target,
                self._baud,
                bytesize=int(bits),
                parity=parity,
                stopbits=int(stops),
                timeout=0,
                exclusive=True,
            )
        except (OSError, ValueError, termios.error) as error:  # the last: an adapter without this speed or frame
            raise self._refusal(error) from error
        # An FTDI adapter holds bytes back for 16 ms otherwise; other adapters and pseudo-terminals know no such thing.
        with suppress(OSError, ValueError, AttributeError):
            self._serial.set_low_latency_mode(True)
        return int(self._serial.fileno())

    def change_speed(self, baud: int) -> None:
        """Speaks and listens at `baud` once everything sent has left the adapter; LineError if it cannot."""
        assert self._serial is not None
        try:
            self._serial.flush()
            self._serial.baudrate = baud
        except (OSError, ValueError) as error:
            raise self.lost(str(error)) from error

    def _refusal(self, error: Exception) -> LineError:
        code = getattr(error, "errno", None)
        if code in _MISSING:
            return PortMissing(f"{self.target}: no such port", "is the adapter plugged in? `phaselog ports` lists them")
        if code in _DENIED:
            return PortDenied(f"{self.target}: permission denied", "add the user to group dialout, then log in again")
        if code in _BUSY:
            return PortBusy(f"{self.target}: another program holds it", "stop that program, or the other collector")
        return LineError(f"{self.target}: cannot be opened as a serial port ({error})", "`phaselog ports` lists them")

    def _close(self) -> None:
        if self._serial is not None:
            with suppress(OSError):
                self._serial.close()
            self._serial = None

    def _lost(self, reason: str) -> LineError:
        return PortMissing(f"{self.target}: the port is gone ({reason})", "is the adapter still plugged in?")
