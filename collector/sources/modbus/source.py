"""Reads one Modbus meter: the blocks of its plan, what their meaning depends on, and what the meter says of itself."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field

from collector.config.settings import MeterSettings
from collector.devices.map import Model
from collector.errors import BadAnswer, DeviceError, LineError, MeterRefused, NoAnswer
from collector.model.ports import Ticker
from collector.model.reading import Sample
from collector.sources.learned import Gaps, Hole
from collector.sources.modbus.decode import Decoder, all_zero
from collector.sources.modbus.demand import Kept, SettingsWatch, kept
from collector.sources.modbus.exceptions import ILLEGAL_ADDRESS, ILLEGAL_VALUE
from collector.sources.modbus.meaning import Meaning
from collector.sources.modbus.scales import Scales
from collector.sources.modbus.status import StatusBits
from collector.sources.modbus.trial import try_hole
from collector.sources.modbus.unit import Unit, fences
from collector.sources.modbus.wire import Wire
from collector.sources.plan import Plan, Request, plan, untried
from collector.sources.statistics import Statistics

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, eq=False)
class _Block:
    """One request of the plan and how its answer is decoded."""

    request: Request
    decoder: Decoder

    @property
    def measures(self) -> bool:
        """False for status words and change counters, which are 0 most of the time."""
        return any(register.quantities for register in self.request.registers)

    @property
    def names(self) -> frozenset[str]:
        """The names of its registers."""
        return frozenset(register.name for register in self.request.registers)


@dataclass(slots=True)
class _Harvest:
    """What one tick brought, block by block."""

    boot_ns: int = 0
    data: list[tuple[_Block, bytes]] = field(default_factory=list)
    failed: list[_Block] = field(default_factory=list)
    evidence: dict[str, float | str] = field(default_factory=dict)


class ModbusSource:
    """One meter on one wire (implements model.ports.Source)."""

    def __init__(self, meter: MeterSettings, model: Model, wire: Wire, ticker: Ticker, gaps: Gaps) -> None:
        self.statistics = Statistics()
        self._meter = meter
        self._line = wire.line
        self._ticker = ticker
        self._gaps = gaps
        self._unit = Unit(wire, meter.unit, model.functions, self.statistics, ticker)
        self._exponents = model.exponents()
        self._scales = Scales()
        self._blocks: list[_Block] = []
        self._untried: list[Hole] = []
        self._zeros: set[str] = set()
        self._plan = Plan(())
        self._adopt(model)
        # A plan that has learned keeps the names of the first one: its requests are found by their pace.
        self._periods = {request.block: request.period for request in self._plan.requests}

    @property
    def meter(self) -> str:
        """Name of the meter."""
        return self._meter.name

    @property
    def periods(self) -> Mapping[str, float]:
        """Block name -> period in s."""
        return self._periods

    @property
    def plan(self) -> Plan:
        """The requests as they are sent now."""
        return self._plan

    def _adopt(self, model: Model) -> None:
        """Reads by this map from now on; nothing is known of the meter yet."""
        self._model = model
        self._status = StatusBits(model, self._meter.unit, self._unit)
        self._meaning = Meaning(model, self._unit)
        self._watch = SettingsWatch(model, self._unit)
        self._scales.forget()
        self._zeros.clear()
        self._make_plan()

    def _make_plan(self) -> None:
        self._plan = plan(self._model, self._line, self._meter, self._gaps)
        self._untried = list(untried(self._model, self._line, self._meter, self._gaps))
        blocks = [_Block(request, self._decoder(request)) for request in self._plan.requests]
        # What scales others comes last: see Scales.
        self._blocks = sorted(blocks, key=lambda block: bool(self._exponents & block.names))
        pieces = [self._model.block(register) for register in self._model.registers()]
        values = sorted({(piece.address, piece.end) for piece in pieces})
        taken = {request.count for request in self._plan.requests} | self._meaning.lengths | self._watch.lengths
        self._unit.fence_with(fences(values, taken))

    def _decoder(self, request: Request) -> Decoder:
        return Decoder(request.registers, request.address, request.count, self._model.word_order, self._exponents)

    def read(self, blocks: frozenset[str]) -> Sample:
        """See Source."""
        paces = {self._periods[name] for name in blocks}
        harvest = self._fetch([block for block in self._blocks if block.request.period in paces])
        self._drop_the_dead(harvest)
        sample = self._sample(harvest)
        if harvest.data and not harvest.failed:
            self._try_one()
        return sample

    def _fetch(self, due: list[_Block]) -> _Harvest:
        """One block after the other; a silent meter is not asked again in this tick."""
        harvest = _Harvest()
        for number, block in enumerate(due):
            try:
                self._fetch_one(block, harvest)
            except (MeterRefused, BadAnswer) as error:
                harvest.failed.append(block)
                self._note(block.request, error)
            except (NoAnswer, LineError):
                self._meaning.forget()
                self._scales.forget()
                if number == 0:
                    raise
                harvest.failed += due[number:]
                break
        return harvest

    def _fetch_one(self, block: _Block, harvest: _Harvest) -> None:
        request = block.request
        if not request.registers:
            harvest.evidence.update(self._status.read(request.address, request.count))
            return
        answer = self._unit.registers(request.address, request.count)
        harvest.boot_ns = harvest.boot_ns or answer.boot_ns
        harvest.data.append((block, answer.pdu[2:]))

    def _note(self, request: Request, error: DeviceError) -> None:
        """A block with holes that the meter refuses after all is not asked for like this again."""
        log.debug("%s: block %s: %s", self.meter, request.block, error)
        if request.holes and isinstance(error, MeterRefused) and error.code in (ILLEGAL_ADDRESS, ILLEGAL_VALUE):
            self._gaps.learn(request.holes, answered=False)
            self._make_plan()

    def _drop_the_dead(self, harvest: _Harvest) -> None:
        """A gateway that lost its meter may answer nothing but zeros: then no zero of this tick is believed.

        It may lose it between two blocks, too: a block that is suddenly all zero is believed when it says so twice.
        """
        zero = {block.request.block for block, data in harvest.data if block.measures and all_zero(data)}
        dead = any(block.decoder.dead(data) for block, data in harvest.data)
        doubted = zero if dead else zero - self._zeros
        self._zeros -= {block.request.block for block, _ in harvest.data}
        self._zeros |= set() if dead else zero
        if doubted:
            harvest.failed += [block for block, _ in harvest.data if block.request.block in doubted]
            harvest.data = [(block, data) for block, data in harvest.data if block.request.block not in doubted]
            self.statistics.doubted("bad_answer_all_zero")

    def _sample(self, harvest: _Harvest) -> Sample:
        for block, data in harvest.data:
            harvest.evidence.update(block.decoder.evidence(data))
        self._meaning.look_at(harvest.evidence)
        if harvest.data:
            self._find_meaning()
            harvest.evidence.update(self._watch.look(harvest.evidence))
        names = frozenset[str]().union(*(block.names for block in harvest.failed)) & self._exponents
        values = self._values(harvest, names)
        lost = [register for block in harvest.failed for register in block.request.registers]
        lost += [r for block, _ in harvest.data for r in block.request.registers if r.scale_register in names]
        failed = frozenset(quantity for register in lost for quantity in self._meaning.possible(register))
        values.update(dict.fromkeys(failed))
        return Sample(self.meter, harvest.boot_ns or self._ticker.boot_ns(), values, failed, harvest.evidence)

    def _values(self, harvest: _Harvest, lost: frozenset[str]) -> dict[str, float | None]:
        """What was measured. `lost`: the exponents that did not come."""
        held = [(block, data, block.decoder.exponents(data)) for block, data in harvest.data]
        settled = self._scales.learn({name: value for _, _, own in held for name, value in own.items()}, lost)
        values: dict[str, float | None] = {}
        for block, data, own in held:
            mine = {name: value for name, value in own.items() if value is not None}
            values.update(block.decoder.values(data, {**self._meaning.settings, **settled, **mine}))
        return values

    def _find_meaning(self) -> None:
        try:
            self._meaning.learn()
        except (NoAnswer, LineError) as error:
            log.debug("%s: settings: %s", self.meter, error)

    def _try_one(self) -> None:
        """One hole a tick, until all that would make the plan cheaper are known."""
        if not self._untried:
            return
        hole = self._untried.pop(0)
        try:
            try_hole(hole, self._model, self._unit, self._gaps)
        except DeviceError as error:
            log.debug("%s: hole %s: %s", self.meter, hole, error)
        if not self._untried:
            self._make_plan()

    def kept(self) -> list[Kept]:
        """What the meter keeps for people: maxima, minima, settings, status words. Raises NoAnswer or LineError."""
        return list(kept(self._model, self._unit))

    def probe(self) -> None:
        """See Source."""
        self._unit.fence()

    def close(self) -> None:
        """Nothing is held: the wire is the line's."""
