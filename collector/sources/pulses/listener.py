"""Hears the pulse outputs that hang on the pins of one GPIO chip: counts energy, and tells power by their pace."""

from __future__ import annotations

import select
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

from collector.config.settings import LineSettings, MeterSettings
from collector.devices.map import Model
from collector.errors import LineError
from collector.model.ports import Ticker
from collector.model.reading import Sample
from collector.sources.pulses.gpio import open_line
from collector.sources.pulses.ledger import Ledger
from collector.sources.pulses.pin import Opener, Pin
from collector.sources.statistics import Statistics


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
        self._pins = [Pin(self._chip, meter, model, opener) for meter, model in meters.values()]
        self._due = dict.fromkeys(meters, ticker.monotonic())
        self._ledger = Ledger(line.name, {pin.meter.name: pin.weight for pin in self._pins}, state, runtime)
        self._poll = select.poll()
        #: What belongs to no meter of this line: nothing does.
        self.errors: Counter[str] = Counter()

    @property
    def statistics(self) -> Mapping[str, Statistics]:
        """What happened since start, by meter."""
        return {pin.meter.name: pin.statistics for pin in self._pins}

    def listen(self, seconds: float) -> Sequence[Sample]:
        """The samples that fell due within this time, as soon as one did; raises LineError when a pin is gone."""
        deadline = self._ticker.monotonic() + seconds
        self._open()
        while True:
            due = [self._due[pin.meter.name] for pin in self._held()]
            self._poll.poll(1000 * max(0.0, min([deadline, *due]) - self._ticker.monotonic()))
            self._count()
            now = self._ticker.monotonic()
            self._ledger.keep(now)
            samples = [self._sample(pin, now) for pin in self._held() if self._due[pin.meter.name] <= now]
            if samples or now >= deadline:
                return samples

    def close(self) -> None:
        """Lets go of the pins and writes the counts down."""
        for pin in self._pins:
            self._let_go(pin)
        self._ledger.keep(self._ticker.monotonic(), at_once=True)

    def _held(self) -> list[Pin]:
        return [pin for pin in self._pins if pin.held]

    def _open(self) -> None:
        """Asks for every pin that is not held; one that cannot be had does not silence the others."""
        now, some = self._ticker.monotonic(), bool(self._held())
        fault = None
        for pin in self._pins:
            if pin.held or (some and pin.rests(now)):
                continue
            fault = pin.open(now) or fault
            if pin.held:
                self._poll.register(pin.fd, select.POLLIN)
        if fault is not None and not self._held():
            raise fault

    def _let_go(self, pin: Pin) -> None:
        if pin.held:
            self._poll.unregister(pin.fd)
            pin.close()

    def _count(self) -> None:
        fetched = [(pin, *pin.fetch()) for pin in self._held()]
        found = {pin.meter.name: pulses for pin, pulses, _ in fetched if pulses}
        if found:
            self._ledger.add(found)
        for pin, _, fault in fetched:
            if fault is not None:
                self._let_go(pin)
                hint = "`ls /dev/gpiochip*` lists the chips"
                raise LineError(f"{self._chip}: pin {pin.meter.unit} is gone ({fault.strerror})", hint) from fault

    def _sample(self, pin: Pin, now: float) -> Sample:
        name = pin.meter.name
        self._due[name] += pin.meter.every
        if self._due[name] <= now:
            self._due[name] = now + pin.meter.every
        counted = self._ledger.told(name)
        wh = None if counted is None else 1000.0 * pin.meter.start_kwh + counted
        told = {"pulses": wh, "pace": pin.pace.power(round(now * 1e9))}
        pin.statistics.requests += 1
        values: dict[str, float | None] = {}
        for code in pin.model.codes:
            value = told.get(code.code)
            values[code.quantity] = None if value is None else value * code.scale * code.sign
        return Sample(name, self._ticker.boot_ns(), values)
