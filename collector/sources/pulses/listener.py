"""Hears the pulse outputs that hang on the pins of one GPIO chip: counts energy, and tells power by their pace."""

from __future__ import annotations

import os
import select
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from collector.config.settings import LineSettings, MeterSettings
from collector.devices.map import Model
from collector.errors import ConfigError, LineError
from collector.model.ports import Ticker
from collector.model.reading import Sample
from collector.sources.pulses.gpio import edges, open_line
from collector.sources.pulses.ledger import Ledger
from collector.sources.pulses.pace import Pace
from collector.sources.statistics import Statistics

#: A pulse output closes for 30 ms at least (IEC 62053-31); a relay contact bounces for some ms.
DEBOUNCE_MS = 5
#: (chip, pin, debounce in µs) -> file descriptor of its edges.
Opener = Callable[[str, int, int], int]


@dataclass(slots=True)
class _Input:
    """One meter on its pin."""

    meter: MeterSettings
    model: Model
    pace: Pace
    due: float  #: monotonic s of its next sample
    fd: int = -1
    number: int = 0  #: of the last edge

    @property
    def debounce_us(self) -> int:
        """From the model; the kernel's unit."""
        return round(1000 * float(self.model.options.get("debounce_ms", DEBOUNCE_MS)))


class PulseListener:
    """The pins of one chip (implements model.ports.Listener).

    Pulses that come while no program holds the pin, as during a restart, are counted by nobody.
    """

    def __init__(  # noqa: PLR0913, PLR0917 - a listener's three, its two folders, and the kernel
        self,
        line: LineSettings,
        meters: Mapping[str, tuple[MeterSettings, Model]],
        ticker: Ticker,
        state: Path | None,
        runtime: Path | None,
        opener: Opener = open_line,
    ) -> None:
        """`state`, `runtime`: folders on disk and in RAM; see Ledger."""
        self._chip = line.gpio or ""
        self._ticker = ticker
        self._opener = opener
        weights = {name: _weight(meter) for name, (meter, _) in meters.items()}
        now = ticker.monotonic()
        self._inputs = [_Input(meter, model, Pace(weights[name]), now) for name, (meter, model) in meters.items()]
        self._ledger = Ledger(line.name, weights, state, runtime)
        self._statistics = {name: Statistics() for name in meters}
        self._poll = select.poll()
        #: What belongs to no meter of this line: nothing does.
        self.errors: Counter[str] = Counter()

    @property
    def statistics(self) -> Mapping[str, Statistics]:
        """What happened since start, by meter."""
        return self._statistics

    def listen(self, seconds: float) -> Sequence[Sample]:
        """The samples that fell due within this time, as soon as one did; raises LineError when a pin is gone."""
        deadline = self._ticker.monotonic() + seconds
        self._open()
        while True:
            now = self._ticker.monotonic()
            wait = min([deadline, *(one.due for one in self._inputs)]) - now
            self._poll.poll(max(0.0, wait) * 1000)
            self._count()
            now = self._ticker.monotonic()
            self._ledger.keep(now)
            samples = [self._sample(one, now) for one in self._inputs if one.due <= now]
            if samples or now >= deadline:
                return samples

    def close(self) -> None:
        """Lets go of the pins and writes the counts down."""
        for one in self._inputs:
            self._let_go(one)
        self._ledger.keep(self._ticker.monotonic(), at_once=True)

    def _open(self) -> None:
        for one in self._inputs:
            if one.fd < 0:
                one.fd = self._opener(self._chip, one.meter.unit, one.debounce_us)
                one.number = 0
                self._poll.register(one.fd, select.POLLIN)

    def _let_go(self, one: _Input) -> None:
        if one.fd >= 0:
            self._poll.unregister(one.fd)
            os.close(one.fd)
            one.fd = -1
            one.pace.forget()

    def _count(self) -> None:
        found = Counter[str]()
        try:
            for one in self._inputs:
                self._fetch(one, found)
        finally:
            if found:
                self._ledger.add(found)

    def _fetch(self, one: _Input, found: Counter[str]) -> None:
        """Pulses of one pin since the last time, those included that the kernel numbered but could not keep."""
        name = one.meter.name
        try:
            for edge in edges(one.fd):
                pulses = (edge.number - one.number) & 0xFFFFFFFF
                one.number = edge.number
                one.pace.pulse(edge.monotonic_ns, pulses)
                found[name] += pulses
                if pulses > 1:
                    self._statistics[name].doubted("edges_not_fetched")
        except OSError as error:
            self._let_go(one)
            hint = "`ls /dev/gpiochip*` lists the chips"
            raise LineError(f"{self._chip}: pin {one.meter.unit} is gone ({error.strerror})", hint) from error

    def _sample(self, one: _Input, now: float) -> Sample:
        one.due += one.meter.every
        if one.due <= now:
            one.due = now + one.meter.every
        counted = self._ledger.told(one.meter.name)
        wh = None if counted is None else 1000.0 * one.meter.start_kwh + counted
        told = {"pulses": wh, "pace": one.pace.power(round(now * 1e9))}
        self._statistics[one.meter.name].requests += 1
        values: dict[str, float | None] = {}
        for code in one.model.codes:
            value = told.get(code.code)
            values[code.quantity] = None if value is None else value * code.scale * code.sign
        return Sample(one.meter.name, self._ticker.boot_ns(), values)


def _weight(meter: MeterSettings) -> float:
    if meter.pulses_per_kwh is None:
        raise ConfigError(f"meter {meter.name}: pulses_per_kwh is missing", hint="the meter prints it, as imp/kWh")
    return meter.pulses_per_kwh
