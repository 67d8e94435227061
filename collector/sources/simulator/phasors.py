"""Derives voltages, currents and powers of three phases from each other, as physics wants it."""

from __future__ import annotations

import cmath
import math

from collector.model.quantity import PAIRS, PHASES

#: Angles of L1, L2, L3.
DIRECTIONS = (0.0, -2 * math.pi / 3, 2 * math.pi / 3)


def voltages(volts: list[float]) -> dict[str, float]:
    """Everything about voltages from the three to neutral, V."""
    phasors = [cmath.rect(u, direction) for u, direction in zip(volts, DIRECTIONS, strict=True)]
    between = [abs(phasors[i] - phasors[(i + 1) % 3]) for i in range(3)]
    values = {f"voltage_{phase}_n": volts[i] for i, phase in enumerate(PHASES)}
    values |= {f"voltage_{pair}": between[i] for i, pair in enumerate(PAIRS)}
    return values | {
        "voltage_average_l_n": sum(volts) / 3,
        "voltage_average_l_l": sum(between) / 3,
        "voltage_unbalance": _unbalance(volts),
    }


def powers(volts: list[float], active: list[float], reactive: list[float]) -> dict[str, float]:
    """Everything about currents and powers from the voltages (V), active (W) and reactive (var) powers."""
    apparent = [math.hypot(p, q) for p, q in zip(active, reactive, strict=True)]
    currents = [s / u for s, u in zip(apparent, volts, strict=True)]
    angles = [math.atan2(q, p) for p, q in zip(active, reactive, strict=True)]
    total_p, total_q = sum(active), sum(reactive)
    total_s = math.hypot(total_p, total_q)
    neutral = sum(cmath.rect(currents[i], DIRECTIONS[i] - angles[i]) for i in range(3))
    values = {
        "current_n": abs(neutral),
        "current_average": sum(currents) / 3,
        "current_unbalance": _unbalance(currents),
        "active_power_total": total_p,
        "reactive_power_total": total_q,
        "apparent_power_total": total_s,
        "power_factor_total": total_p / total_s if total_s else 1.0,
        "phase_angle_total": math.degrees(math.atan2(total_q, total_p)),
    }
    for i, phase in enumerate(PHASES):
        values[f"current_{phase}"] = currents[i]
        values[f"active_power_{phase}"] = active[i]
        values[f"reactive_power_{phase}"] = reactive[i]
        values[f"apparent_power_{phase}"] = apparent[i]
        values[f"power_factor_{phase}"] = active[i] / apparent[i] if apparent[i] else 1.0
        values[f"phase_angle_{phase}"] = math.degrees(angles[i])
    return values


def _unbalance(three: list[float]) -> float:
    """Largest deviation from the mean, %."""
    mean = sum(three) / 3
    return 100 * max(abs(one - mean) for one in three) / mean if mean else 0.0
