"""Looks which units answer on a line and which model each of them looks like."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

from collector.config.settings import MeterSettings
from collector.devices.map import Block, Model, Register
from collector.errors import BadAnswer, MeterRefused, NoAnswer
from collector.model.ports import Ticker
from collector.sources.learned import Gaps
from collector.sources.modbus.decode import Decoder
from collector.sources.modbus.exceptions import GATEWAY_NO_PATH, GATEWAY_SILENCE
from collector.sources.modbus.identity import SaidIdentity, ask_identity
from collector.sources.modbus.queries import READ_HOLDING_REGISTERS, read_registers
from collector.sources.modbus.source import ModbusSource
from collector.sources.modbus.sunspec import Discovered, discover
from collector.sources.modbus.sunspec_source import SunSpecSource
from collector.sources.modbus.wire import Wire
from collector.sources.physics import judge

#: How long one unit is waited for, s: most answer within 50 ms, the slowest known ones within 250 ms.
SERIAL_PATIENCE, TCP_PATIENCE = 0.25, 1.0
#: A unit that answers everything slowly must not hold up the rest, s.
LONGEST_PER_UNIT = 20.0
#: So many likely models are read as a whole.
CONFIRMED = 8
#: What a value that breaks a law of physics takes from a score.
DOUBT = 0.1
#: What physics lets a voltage (V) and a frequency (Hz) be in a public grid.
VOLTAGES, FREQUENCIES = (90.0, 480.0), (45.0, 65.0)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A model that a unit may be. `score`: 0 to 1; `why`: what speaks for it."""

    model: str
    score: float
    why: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Found:
    """A unit that answers. `candidates`: the best first. `trouble`: why its answers cannot be read, if so."""

    unit: int
    identity: SaidIdentity
    candidates: tuple[Candidate, ...]
    trouble: str = ""


def scan(
    wire: Wire,
    units: Sequence[int],
    models: Collection[Model],
    ticker: Ticker,
    progress: Callable[[int, int], None] | None = None,
) -> Iterator[Found]:
    """Every unit that answers, as it is found; a dead one costs one short timeout.

    `progress` is told (units done, units in all). Raises LineError when the line itself is gone.
    """
    patience = wire.line.timeout or (SERIAL_PATIENCE if wire.line.serial else TCP_PATIENCE)
    for number, unit in enumerate(units):
        found = _Examination(wire, unit, patience, ticker).found(models)
        if found is not None:
            yield found
        if progress is not None:
            progress(number + 1, len(units))


class _Examination:
    """Asks one unit all there is to ask."""

    def __init__(self, wire: Wire, unit: int, patience: float, ticker: Ticker) -> None:
        self._wire = wire
        self._unit = unit
        self._patience = patience
        self._ticker = ticker
        self._until = ticker.monotonic() + LONGEST_PER_UNIT
        self._sunspec: Discovered | None = None
        self._asked: dict[tuple[int, int, int], bytes | None] = {}

    def found(self, models: Collection[Model]) -> Found | None:
        """What is there, None if nothing is."""
        for _ in range(2):
            try:
                self._wire.exchange(read_registers(self._unit, READ_HOLDING_REGISTERS, 1, 2), self._patience)
            except NoAnswer:
                return None
            except MeterRefused as error:
                if error.code in (GATEWAY_NO_PATH, GATEWAY_SILENCE):
                    return None
            except BadAnswer as error:
                trouble = str(error)
                continue
            identity = ask_identity(self._wire, self._unit, self._patience)
            if any(model.sunspec for model in models):
                self._sunspec = discover(self._wire, self._unit, self._patience)
            return Found(self._unit, self._named(identity), self._candidates(models, identity))
        return Found(self._unit, SaidIdentity(), (), trouble)

    def _named(self, identity: SaidIdentity) -> SaidIdentity:
        """What the device says of itself, where it says it only in its SunSpec chain."""
        if self._sunspec is None or identity != SaidIdentity():
            return identity
        said = self._sunspec.common
        return SaidIdentity(said.maker, said.model, said.version)

    def _candidates(self, models: Collection[Model], identity: SaidIdentity) -> tuple[Candidate, ...]:
        judged = [(self._judge(model, identity), model) for model in models]
        likely = sorted((each for each in judged if each[0].score > 0), key=lambda each: -each[0].score)
        read = [self._confirmed(candidate, model) for candidate, model in likely[:CONFIRMED]]
        read += [(candidate, 0) for candidate, _ in likely[CONFIRMED:]]
        # A model that knows only a part of what the meter says is answered just as well: the one that knows more wins.
        read.sort(key=lambda each: (-each[0].score, -each[1], each[0].model))
        return tuple(candidate for candidate, _ in read if candidate.score > 0)

    def _judge(self, model: Model, identity: SaidIdentity) -> Candidate:
        score, why = judge_words(model, identity)
        numbers = [number for number in self._sunspec.numbers if number in model.sunspec] if self._sunspec else []
        if numbers:
            score, why = score + 0.9, (*why, f"it has SunSpec model {numbers[0]}")
        value = self._probe(model)
        if value is not None:
            score, why = score + 0.3, (*why, f"{model.identity.probe} is {value:g}")
            if model.unit == self._unit:
                score, why = score + 0.05, (*why, f"{self._unit} is its factory address")
        return Candidate(model.name, _share(score), why)

    def _confirmed(self, candidate: Candidate, model: Model) -> tuple[Candidate, int]:
        """Reads all that the model would record; returns the candidate with that, and how many values came."""
        if self._ticker.monotonic() > self._until:
            return candidate, 0
        meter = MeterSettings("scan", model.name, self._wire.line.name, self._unit)
        kind = SunSpecSource if model.sunspec else ModbusSource
        source = kind(meter, model, self._wire, self._ticker, Gaps())
        values: Mapping[str, float | None] = {}
        with suppress(NoAnswer, BadAnswer, MeterRefused):
            values = source.read(frozenset(source.periods)).values
        came, wanted = sum(value is not None for value in values.values()), len(model.quantities())
        doubts = tuple(f"but {suspicion}" for suspicion in judge(values, model))
        score = candidate.score + 0.35 * came / wanted - 0.35 * (1 - came / wanted) - DOUBT * len(doubts)
        why = (*candidate.why, f"{came} of {wanted} values come", *doubts)
        return Candidate(candidate.model, _share(score), why), came

    def _probe(self, model: Model) -> float | None:
        """The value of the model's probe register, if physics allows it."""
        if not model.identity.probe:
            return None
        register = model.register(model.identity.probe)
        piece = model.block(register)
        data = self._registers(model.functions[0], piece)
        if data is None:
            return None
        decoder = Decoder([register], piece.address, piece.count, model.word_order)
        value = next(iter(decoder.values(data, {}).values()), None)
        return value if value is not None and possible(register, value) else None

    def _registers(self, function: int, piece: Block) -> bytes | None:
        """The registers' bytes; asked once, however many models want them."""
        key = (function, piece.address, piece.count)
        if key not in self._asked:
            self._asked[key] = None
            if self._ticker.monotonic() < self._until:
                with suppress(NoAnswer, BadAnswer, MeterRefused):
                    self._asked[key] = self._wire.exchange(read_registers(self._unit, *key), self._patience).pdu[2:]
        return self._asked[key]


def _share(score: float) -> float:
    return round(min(1.0, max(0.0, score)), 2)


def judge_words(model: Model, identity: SaidIdentity) -> tuple[float, tuple[str, ...]]:
    """Score and reasons by what the device says of itself; negative where its words contradict."""
    score, why = 0.0, []
    for wanted, said, points in (
        (model.identity.vendor, identity.vendor, 0.2),
        (model.identity.product, identity.product, 0.5),
        (model.identity.slave_id, identity.slave_id, 0.6),
    ):
        if wanted and wanted in said.lower():
            score += points
            why.append(f'it says "{said}"')
        elif wanted and said:
            score -= points
    return score, tuple(why)


def possible(register: Register, value: float) -> bool:
    """True for a voltage or frequency as public grids have it."""
    low, high = FREQUENCIES if register.quantity == "frequency" else VOLTAGES
    return low <= value <= high
