"""Reads the meters of one line now, for a person who waits: asks those that are asked, hears those that speak."""

from __future__ import annotations

from collector.config.protocols import PROTOCOLS
from collector.config.settings import LineSettings
from collector.errors import NoAnswer
from collector.model.ports import Listener, Ticker
from collector.model.reading import Sample
from collector.sources.factory import Asked, Meters, Places, open_asked, open_listener
from collector.sources.learned import Learned
from collector.sources.modbus.demand import Kept
from collector.sources.modbus.source import ModbusSource

#: How long a meter that speaks by itself is waited for, s: the slowest telegrams come every 10 s.
PATIENCE = 25.0


class LineReader:
    """One line, opened at first use."""

    def __init__(self, line: LineSettings, meters: Meters, ticker: Ticker, learned: Learned) -> None:
        self._line = line
        self._ticker = ticker
        self._asked: Asked | None = None
        self._listener: Listener | None = None
        if PROTOCOLS[line.protocol].speaks:
            self._listener = open_listener(line, meters, ticker, Places())
        else:
            self._asked = open_asked(line, meters, ticker, learned)
        self._heard: dict[str, Sample] = {}

    def read(self, meter: str) -> Sample:
        """All that this meter gives; raises DeviceError."""
        if self._asked is not None:
            source = self._asked.sources[meter]
            return source.read(frozenset(source.periods))
        return self._hear(meter)

    def _hear(self, meter: str) -> Sample:
        assert self._listener is not None
        until = self._ticker.monotonic() + PATIENCE
        while meter not in self._heard:
            left = until - self._ticker.monotonic()
            if left <= 0:
                hint = "is it on, and does it speak here? `phaselog record` shows what comes on the line"
                raise NoAnswer(f"{meter}: nothing was heard for {PATIENCE:.0f} s", hint)
            self._heard.update({sample.meter: sample for sample in self._listener.listen(min(1.0, left))})
        return self._heard.pop(meter)

    def kept(self, meter: str) -> list[Kept]:
        """What the meter keeps for people; empty where its protocol has no such thing. Raises DeviceError."""
        source = self._asked.sources[meter] if self._asked else None
        return source.kept() if isinstance(source, ModbusSource) else []

    def close(self) -> None:
        """Lets go of the line."""
        if self._asked is not None:
            for source in self._asked.sources.values():
                source.close()
            self._asked.close()
        if self._listener is not None:
            self._listener.close()
