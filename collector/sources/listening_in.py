"""Keeps a line going for a while so that its bytes can be captured: its meters are read, or nobody is asked."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing

from collector.config.protocols import PROTOCOLS
from collector.config.settings import LineSettings
from collector.errors import BadAnswer, MeterRefused, NoAnswer, UsageError
from collector.model.ports import Ticker
from collector.sources.channel.serial_port import SerialPort
from collector.sources.factory import Meters
from collector.sources.learned import Learned
from collector.sources.reader import LineReader

#: The least time between two rounds, s.
PAUSE = 1.0


def read_along(
    line: LineSettings, meters: Meters, ticker: Ticker, until: float, progress: Callable[[float], None]
) -> None:
    """Reads all meters again and again until then (monotonic s), whatever they answer. Raises LineError."""
    speaks = PROTOCOLS[line.protocol].speaks
    with closing(LineReader(line, meters, ticker, Learned())) as reader:
        while (left := until - ticker.monotonic()) > 0:
            progress(left)
            for meter, _ in meters:
                try:
                    reader.read(meter.name)
                except (NoAnswer, BadAnswer, MeterRefused):
                    continue  # what came is in the capture, and that is what is wanted
            if not speaks:
                ticker.sleep(min(PAUSE, max(0.0, until - ticker.monotonic())))


def listen_in(line: LineSettings, ticker: Ticker, until: float, progress: Callable[[float], None]) -> None:
    """Hears a serial port until then and sends nothing. Raises LineError."""
    channel = SerialPort(line.port or "", line.baud, line.frame, _nothing)
    channel.connect()
    with closing(channel):
        while (left := until - ticker.monotonic()) > 0:
            progress(left)
            channel.receive(min(1.0, left))


def _nothing(frame: bytes) -> None:
    raise UsageError(f"{len(frame)} bytes would be sent", "nothing is asked here")
