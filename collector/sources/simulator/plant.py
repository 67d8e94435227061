"""Computes what a meter in a village with its own small turbine sees; every figure is a formula of time.

Powers are sums of slow sines and of appliances that switch, so the energy counters are their exact integrals, however
far apart two looks are. P² + Q² = S² in every phase and in total, totals of P and Q are sums, S = U I.
"""

from __future__ import annotations

import math
from random import Random

from collector.devices.map import Model
from collector.model.quantity import ANALOGS, PAIRS, PHASES, TARIFFS
from collector.sources.simulator.appliance import Appliance
from collector.sources.simulator.phasors import powers, voltages

DAY = 86400.0
#: Time 0 is 2025-01-01 00:00 UTC, and the village lies 4 h west of Greenwich. s
EPOCH, LONGITUDE = 1735689600.0, -4 * 3600.0
DEMAND_PERIOD = 900.0
#: What runs in the houses: W, period s, share of it that is on.
_APPLIANCES = (
    (95, 1500, 0.4),
    (120, 2100, 0.35),
    (1450, 3700, 0.06),
    (750, 5200, 0.25),
    (60, 86400, 0.3),
    (420, 940, 0.2),
)


def phases_of(model: Model) -> int:
    """1 for a meter that says nothing of a second phase, else 3."""
    return 3 if any("l2" in name for name in model.quantities()) or not model.quantities() else 1


class Plant:
    """Three phases of one site, the same for the same seed. Times are in s since EPOCH."""

    def __init__(
        self, seed: int = 1, voltage: float = 220.0, frequency: float = 60.0, load: float = 3600.0, phases: int = 3
    ) -> None:
        """`voltage`: V, phase to neutral. `load`: W, mean of the three phases together; negative: it feeds in.

        `phases`: on so many there is a load; a meter of one phase has nothing else to add up.
        """
        chance = Random(seed)
        self._voltage = voltage
        self._frequency = frequency
        self._sign = math.copysign(1.0, load)
        self._scale = abs(load) / 3600.0
        self._bases = [500.0 * chance.uniform(0.8, 1.2) for _ in PHASES]
        self._tangents = [chance.uniform(0.15, 0.45) for _ in PHASES]
        self._idle = [chance.uniform(20.0, 60.0) for _ in PHASES]  # var of transformers and motors without load
        self._shifts = [chance.uniform(0, 2 * math.pi) for _ in range(12)]
        self._waves = ((DAY, 0.35), (DAY / 2, 0.2), (337.0, 0.05), (41.0, 0.03))
        self._started = [chance.uniform(1e5, 9e6) for _ in PHASES]  # Wh counted before EPOCH
        loaded = [float(phase < phases) for phase in range(3)]
        for figures in (self._bases, self._tangents, self._idle, self._started):
            figures[:] = [figure * load for figure, load in zip(figures, loaded, strict=True)]
        self._appliances = [
            Appliance(phase, power, period * chance.uniform(0.8, 1.2), period * share, chance.uniform(0, period))
            for phase in range(phases)
            for power, period, share in _APPLIANCES
        ]

    def at(self, time: float) -> dict[str, float]:
        """Every quantity, in its unit."""
        values: dict[str, float] = {"frequency": self._frequency * (1 + 0.0015 * self._wander(time, 97.0, 6))}
        volts = [self._voltage * (1 + 0.02 * self._wander(time, 611.0, i) + 0.004 * self._wander(time, 23.0, i + 3))
                    for i in range(3)]  # fmt: skip
        active = [self._sign * self._power(time, i) for i in range(3)]
        reactive = [self._reactive(abs(active[i]), i) for i in range(3)]
        values.update(voltages(volts))
        values.update(powers(volts, active, reactive))
        values.update(self._quality(time))
        values.update(self._energies(time))
        values.update(self._demands(time))
        values.update({f"analog_{channel}": 10.0 * channel + self._wander(time, 83.0, channel) for channel in ANALOGS})
        return values

    def _wander(self, time: float, period: float, shift: int) -> float:
        """-1 to 1, slowly."""
        angle = 2 * math.pi * time / period + self._shifts[shift]
        return 0.7 * math.sin(angle) + 0.3 * math.sin(angle / math.e + 1.0)

    def _power(self, time: float, phase: int) -> float:
        """W drawn on a phase, never negative."""
        moment = time + LONGITUDE
        base = 1 + sum(a * math.cos(2 * math.pi * moment / p + self._lag(phase, p)) for p, a in self._waves)
        switched = sum(one.drawn(time) for one in self._appliances if one.phase == phase)
        return self._scale * (self._bases[phase] * base + switched)

    def _work(self, time: float, phase: int) -> float:
        """Wh: the integral of `_power` from time 0."""
        base = time
        for period, share in self._waves:
            rate, lag = 2 * math.pi / period, self._lag(phase, period)
            base += share / rate * (math.sin(rate * (time + LONGITUDE) + lag) - math.sin(rate * LONGITUDE + lag))
        switched = sum(one.energy(time) for one in self._appliances if one.phase == phase)
        return self._scale * (self._bases[phase] * base + switched) / 3600

    def _lag(self, phase: int, period: float) -> float:
        """People light their lamps together, but nothing faster than that is in step."""
        return -5.0 if period >= DAY / 2 else self._shifts[9 + phase]

    def _reactive(self, active: float, phase: int) -> float:
        return self._idle[phase] + self._tangents[phase] * active

    def _energies(self, time: float) -> dict[str, float]:
        work = [self._work(time, i) for i in range(3)]
        active = [self._started[i] + work[i] for i in range(3)]
        reactive = [self._tangents[i] * active[i] + self._idle[i] * time / 3600 for i in range(3)]
        inwards, outwards = ("import", "export") if self._sign > 0 else ("export", "import")
        values: dict[str, float] = {}
        for word, counted, way, other in (
            ("active", active, inwards, outwards),
            ("reactive", reactive, "import", "export"),
        ):
            total = sum(counted)
            values |= {f"{word}_energy_{way}": total, f"{word}_energy_{other}": 0.0}
            values |= {f"{word}_energy_{way}_{p}": counted[i] for i, p in enumerate(PHASES)}
            values |= {f"{word}_energy_{other}_{p}": 0.0 for p in PHASES}
            values |= {f"{word}_energy_{w}_{t}": 0.0 for w in (way, other) for t in TARIFFS}
            values |= {f"{word}_energy_{way}_t1": total, f"{word}_energy_sum": total}
            values[f"{word}_energy_net"] = total if way == "import" else -total
        apparent = math.hypot(sum(active), sum(reactive))
        return values | {f"apparent_energy_{t}": 0.0 for t in TARIFFS} | {"apparent_energy": apparent,
                                                                         "apparent_energy_t1": apparent}  # fmt: skip

    def _demands(self, time: float) -> dict[str, float]:
        """Means of the last whole demand period."""
        end = time // DEMAND_PERIOD * DEMAND_PERIOD
        before, after = self._energies(end - DEMAND_PERIOD), self._energies(end)
        values = {
            f"{word}_power_demand_{way}": (after[f"{word}_energy_{way}"] - before[f"{word}_energy_{way}"])
            * 3600 / DEMAND_PERIOD
            for word in ("active", "reactive")
            for way in ("import", "export")
        }  # fmt: skip
        return values | {"apparent_power_demand": math.hypot(*values.values())}

    def _quality(self, time: float) -> dict[str, float]:
        values = {}
        for i, phase in enumerate(PHASES):
            values[f"voltage_thd_{phase}"] = 2.5 + 0.8 * self._wander(time, 409.0, i)
            values[f"current_thd_{phase}"] = 9.0 + 3.0 * self._wander(time, 151.0, i + 3)
        for i, pair in enumerate(PAIRS):
            values[f"voltage_thd_{pair}"] = 2.2 + 0.6 * self._wander(time, 409.0, i + 6)
        return values
