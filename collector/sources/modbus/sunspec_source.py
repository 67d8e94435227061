"""Reads a SunSpec meter: finds its registers first, and again when they are no longer there or it is another device."""

from __future__ import annotations

import logging
from dataclasses import replace

from collector.config.settings import MeterSettings
from collector.devices.map import Model
from collector.errors import BadAnswer, LineError, NoAnswer
from collector.model.ports import Ticker
from collector.model.reading import Sample
from collector.sources.learned import Gaps
from collector.sources.modbus.demand import Kept
from collector.sources.modbus.source import ModbusSource
from collector.sources.modbus.sunspec import BASES, Common, Entry, identify, located, walk
from collector.sources.modbus.wire import Wire

log = logging.getLogger(__name__)

#: Evidence by which each reading shows that the model is still where it was.
HEADER = ("sunspec_model", "sunspec_length")


class SunSpecSource(ModbusSource):
    """One SunSpec meter on one wire (implements model.ports.Source)."""

    def __init__(self, meter: MeterSettings, model: Model, wire: Wire, ticker: Ticker, gaps: Gaps) -> None:
        super().__init__(meter, model, wire, ticker, gaps)
        self._offered = model
        self._entry: Entry | None = None
        self._common: Common | None = None
        self._doubtful = False
        self._fence_at_the_bases()

    def _fence_at_the_bases(self) -> None:
        """Until the registers are known: three of them or more have no other question's length."""
        self._unit.fence_with([(base, count) for base in BASES[:2] for count in (3, 4, 5)])

    def read(self, blocks: frozenset[str]) -> Sample:
        """See Source. What the meter says where its model was is believed only if that model is still there."""
        self._find()
        try:
            sample = super().read(blocks)
        except (NoAnswer, LineError):
            self._doubtful = True
            raise
        header = tuple(sample.evidence.get(name) for name in HEADER)
        entry = self._entry
        if entry is None or header not in ((None, None), (entry.number, entry.length)):
            self._forget()
            raise BadAnswer(f"{self.meter}: its SunSpec models have moved; they are looked for again", "sunspec_chain")
        if sample.values and len(sample.failed) == len(sample.values):
            self._doubtful = True
        evidence = {name: value for name, value in sample.evidence.items() if name not in HEADER}
        if self._common and self._common.serial:
            evidence["serial"] = self._common.serial
        return replace(sample, evidence=evidence)

    def kept(self) -> list[Kept]:
        """See ModbusSource."""
        self._find()
        return super().kept()

    def _forget(self) -> None:
        self._entry = None
        self._fence_at_the_bases()

    def _find(self) -> None:
        """Looks for the meter's registers if they are not known, or may be another device's."""
        if self._doubtful and self._entry and not self._still_there(self._entry):
            self._forget()
        self._doubtful = False
        if self._entry is None:
            self._locate()

    def _still_there(self, entry: Entry) -> bool:
        """The same device with the same chain: nothing less may be read as before."""
        found = self._look()
        return found is not None and found == (entry, self._common)

    def _locate(self) -> None:
        found = self._look()
        if found is None:
            hint = "is it another kind of meter? `phaselog scan` shows what answers"
            raise BadAnswer(f"{self.meter}: no SunSpec meter (models {self._wanted}) is there", "sunspec_chain", hint)
        self._entry, self._common = found
        log.info("%s: SunSpec model %d at register %d", self.meter, self._entry.number, self._entry.address)
        self._adopt(located(self._offered, self._entry))

    def _look(self) -> tuple[Entry, Common | None] | None:
        chain = walk(self._registers)
        entry = chain.entry(self._offered.sunspec) if chain else None
        if chain is None or entry is None:
            return None
        common = chain.common(entry)
        return entry, identify(self._registers, common) if common else None

    def _registers(self, address: int, count: int) -> bytes:
        return self._unit.registers(address, count).pdu[2:]

    @property
    def _wanted(self) -> str:
        return ", ".join(map(str, self._offered.sunspec))
