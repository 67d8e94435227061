"""Keeps all counters of one meter: what they were, what the meter says of resets, what each new value means."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from collector.config.settings import MeterSettings
from collector.devices.map import Model
from collector.model.quantity import QUANTITIES, Kind
from collector.pipeline.counter import Change, Counter, Power
from collector.pipeline.derive import steps
from collector.pipeline.tariffs import families

#: s for which the meter's word on a reset explains a fall before or after it.
EVIDENCE_HOLDS = 300.0
#: Evidence that begins so and moves (a count that grows, a bit that comes) means that counters were set to zero ...
RESET_EVIDENCE = "energy_reset"
#: ... and this one, that the meter is another one.
SWAP_EVIDENCE = "serial"
_POWERS = ("apparent_power_total", "active_power_total")


@dataclass(frozen=True, slots=True)
class Verdict:
    """What happened to a counter where it was no increment. `before`, `after`: its values.

    `said`: the last one as the meter says it. `added`: what it counted between them.
    `assumed`: how that was understood, where there is more to say.
    """

    quantity: str
    change: Change
    before: float
    after: float
    said: float
    added: float = 0.0
    assumed: str = ""


class Counters:
    """All counters of one meter."""

    def __init__(self, meter: MeterSettings, model: Model) -> None:
        self.power = Power.of(meter)
        self._counters = dict(_counters(meter, model, self.power))
        self._tariffs = list(families(self._counters))
        self._evidence: dict[str, float | str] = {}
        self._reset_at: float | None = None
        self._swapped = False

    def restore(self, quantity: str, value: float, time: float | None) -> None:
        """A stored value and when it was (None: unknown); what is already known is newer and stays."""
        counter = self._counters.get(quantity)
        if counter is not None and counter.value is None:
            counter.value, counter.time = value, time

    def notice(self, evidence: Mapping[str, float | str], now: float) -> frozenset[str]:
        """Takes the meter's own words on resets and identity; returns the names whose value moved."""
        self._swapped = False
        if not evidence:
            return frozenset()
        known = self._evidence
        # A bit that goes is no news.
        moved = frozenset(name for name, value in evidence.items() if value and known.get(name, value) != value)
        known.update(evidence)
        if any(name.startswith(RESET_EVIDENCE) for name in moved):
            self._reset_at = now
        self._swapped = SWAP_EVIDENCE in moved
        return moved

    def _reset_lately(self, now: float) -> bool:
        return self._reset_at is not None and now - self._reset_at <= EVIDENCE_HOLDS

    def all_zero(self, values: Mapping[str, float | None], now: float) -> bool:
        """True when every value is 0 though a counter has counted: a gateway that invents its answers."""
        if any(values.values()) or self._reset_lately(now):
            return False
        return any(values.get(name) is not None and counter.value for name, counter in self._counters.items())

    def judge(self, values: dict[str, float | None], now: float) -> list[Verdict]:
        """Judges the counters among the values and makes those missing that are not believed yet."""
        self._see_power(values)
        reset = self._reset_lately(now)
        verdicts = [] if self._swapped else self._exchanged(values, now)
        done = {verdict.quantity for verdict in verdicts}
        for name, counter in self._counters.items():
            value = values.get(name)
            if value is None or name in done:
                continue
            before = counter.value or 0.0
            change = counter.judge(value, now, reset=reset, swap=self._swapped)
            values[name] = after = None if change is Change.HELD else counter.value
            if change is not Change.NORMAL:
                verdicts.append(Verdict(name, change, before, after or value, value, counter.added, counter.assumed))
        for verdict in verdicts:
            if verdict.change is Change.HELD:
                values[verdict.quantity] = None
        return verdicts

    def _exchanged(self, values: dict[str, float | None], now: float) -> list[Verdict]:
        """The tariffs' counters that go on where another one stood."""
        found = [exchange for tariffs in self._tariffs for exchange in tariffs.look(values, now)]
        verdicts = []
        for exchange in found:
            counter, said = self._counters[exchange.counter], values[exchange.counter] or 0.0
            before, after = counter.value or 0.0, said * counter.factor
            change = Change.HELD if exchange.held else Change.EXCHANGE
            assumed = f"goes on where {exchange.other} stood"
            verdicts.append(Verdict(exchange.counter, change, before, after, said, exchange.added, assumed))
        for verdict in verdicts:
            if verdict.change is Change.EXCHANGE:
                self._counters[verdict.quantity].believe(verdict.after, now)
                values[verdict.quantity] = verdict.after
        return verdicts

    def _see_power(self, values: Mapping[str, float | None]) -> None:
        for name in _POWERS:
            power = values.get(name)
            if power is not None:
                self.power.see(power)
                return


def _counters(meter: MeterSettings, model: Model, power: Power) -> Iterable[tuple[str, Counter]]:
    made = steps(meter, model)
    for offered in model.offered():
        quantity = QUANTITIES[offered.quantity]
        if not quantity.counts:
            continue
        step = made[quantity.name]
        factor = abs(step.factor)
        rollover = None if offered.rollover is None else offered.rollover * factor
        balance = quantity.kind is Kind.BALANCE
        yield step.name, Counter(power, balance, rollover, resolution=max(1.0, offered.step) * factor, ratio=factor)
