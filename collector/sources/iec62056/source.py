"""Reads one meter of IEC 62056-21 that is asked: by its read-out, or register by register."""

from __future__ import annotations

import logging
from collections.abc import Mapping

from collector.config.settings import MeterSettings
from collector.devices.map import Model
from collector.errors import BadAnswer, LineError, NoAnswer
from collector.model.ports import Ticker
from collector.model.reading import Sample
from collector.sources.iec62056.line import Caller, OpticalLine, SignOn
from collector.sources.iec62056.meaning import Meaning, serial_number
from collector.sources.statistics import Statistics
from collector.sources.telegram import Telegram

log = logging.getLogger(__name__)

#: The only block: a read-out brings everything at once.
BLOCK = "readout"
#: Where a meter says its number, when registers are asked for one by one.
_NUMBER = "0.0.0"


class OpticalSource:
    """One meter on one line (implements model.ports.Source).

    Options of the model: `registers` (ask for the model's codes one by one), `wake_up` (battery meters that sleep),
    `max_baud` (what the head or the meter can do), `unchecked` (a read-out without a block check is believed).
    """

    def __init__(self, meter: MeterSettings, model: Model, line: OpticalLine, ticker: Ticker) -> None:
        self.statistics = Statistics()
        self._meter = meter
        self._line = line
        self._ticker = ticker
        self._meaning = Meaning(model)
        self._quantities = frozenset(model.quantities())
        self._codes = [code.code for code in model.codes] if model.options.get("registers") else []
        wake_up = bool(model.options.get("wake_up"))
        max_baud, unchecked = int(model.options.get("max_baud", 19200)), bool(model.options.get("unchecked"))
        self._caller = Caller(meter.address, wake_up, max_baud, unchecked)

    @property
    def meter(self) -> str:
        """Name of the meter."""
        return self._meter.name

    @property
    def periods(self) -> Mapping[str, float]:
        """Block name -> period in s."""
        return {BLOCK: self._meter.every}

    def read(self, blocks: frozenset[str]) -> Sample:
        """See Source."""
        began = self._ticker.boot_ns()
        try:
            signed_on, telegram = self._ask()
        except NoAnswer as error:
            self.statistics.failed(error)
            raise
        except BadAnswer as error:
            self.statistics.failed(error)
            log.debug("%s: %s", self.meter, error)
            return Sample(self.meter, began, dict.fromkeys(self._quantities), self._quantities)
        self.statistics.answered(signed_on.response)
        return self._sample(signed_on, telegram)

    def _ask(self) -> tuple[SignOn, Telegram]:
        if self._codes:
            return self._line.registers(self._caller, [_NUMBER, *self._codes])
        return self._line.read_out(self._caller)

    def _sample(self, signed_on: SignOn, telegram: Telegram) -> Sample:
        understood = self._meaning.of(telegram.values)
        for doubt in understood.doubts:
            self.statistics.doubted(doubt)
        serial = serial_number(telegram.values)
        evidence = {"serial": serial} if serial else {}
        return Sample(self.meter, signed_on.boot_ns, understood.values, evidence=evidence)

    def probe(self) -> None:
        """See Source."""
        try:
            signed_on = self._line.sign_on(self._caller)
        except LineError:
            raise
        except (NoAnswer, BadAnswer) as error:
            self.statistics.failed(error)
            raise
        self.statistics.answered(signed_on.response)

    def close(self) -> None:
        """Lets go of the line; it opens again with the next reading."""
        self._line.close()
