"""Lists what physics says of the values of one meter at one moment, wide enough for every true installation.

S = U I and P² + Q² <= S² (IEEE 1459: the rest is distortion), sums of phases, voltages between lines, the range of a
grid's frequency, sums of energy counters. A law speaks of values that are all there; small loads drown in rounding,
so each law about powers forgives a floor.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean

from collector.model.quantity import PAIRS, PHASES, TARIFFS

Values = Mapping[str, float]

#: Public grids, Hz; with a configured frequency: what a small plant may drift to, as a share of it.
FREQUENCIES = (45.0, 65.0)
_DRIFT = (0.75, 1.35)
#: V that a wire without voltage shows; nothing follows from less.
_DEAD = 10.0
#: VA forgiven whatever the load, and the share of all that flows: values of one reading are up to 0.2 s apart.
_FLOOR, _SHARE = 15.0, 0.02
#: How far values that are measured by themselves may be apart, and those that one meter computes from another.
_MEASURED, _COMPUTED = 0.15, 0.05
#: S by distortion, and a meter's own S = sqrt(P² + Q²), may be this much less than U I.
_DISTORTED = 0.25
#: Energy counters of one meter agree to this share, or to these Wh.
_COUNTED, _COUNTED_FLOOR = 0.02, 2000.0


@dataclass(frozen=True, slots=True)
class Law:
    """One sentence of physics. `holds` gets the values of `parts`, in order."""

    says: str
    parts: tuple[str, ...]
    holds: Callable[..., bool]

    def holds_for(self, values: Values) -> bool:
        """True as well where it says nothing, because a part is missing."""
        return not all(part in values for part in self.parts) or self.holds(*(values[part] for part in self.parts))


@dataclass(frozen=True, slots=True)
class Nominal:
    """What is known of the installation. `ratio`: of the transformers, by which a small load is larger."""

    voltage: float | None = None  #: V, phase to neutral
    frequency: float | None = None  #: Hz
    ratio: float = 1.0


def laws(values: Values, nominal: Nominal) -> list[Law]:
    """Every law that speaks of these values."""
    floor = _FLOOR * nominal.ratio + _SHARE * _flowing(values)
    found = (
        *_voltages(values, nominal),
        *_phases(values, floor),
        *_totals(values, floor),
        *_single(values, nominal),
        *_energies(values),
    )
    return [law for law in found if all(part in values for part in law.parts)]


def _flowing(values: Values) -> float:
    """VA that most of the values agree on: the middle of what phases and totals say."""
    said = [abs(values[f"{word}_power_total"]) for word in ("active", "apparent") if f"{word}_power_total" in values]
    by_phase = [values.get(f"voltage_{p}_n", 0.0) * abs(values.get(f"current_{p}", 0.0)) for p in PHASES]
    said.append(sum(by_phase))
    return sorted(said)[len(said) // 2] if len(said) > 2 else min(said)


def _near(a: float, b: float, share: float, floor: float = 0.0) -> bool:
    return abs(a - b) <= share * max(abs(a), abs(b)) + floor


def _voltages(values: Values, nominal: Nominal) -> Iterator[Law]:
    alive = [f"voltage_{p}_n" for p in PHASES if values.get(f"voltage_{p}_n", 0.0) > _DEAD]
    for name in alive:
        if nominal.voltage:
            wanted = nominal.voltage
            yield Law(f"about {wanted:g} V", (name,), lambda u, n=wanted: 0.4 * n <= u <= 2.0 * n)
        others = tuple(other for other in alive if other != name)
        if others:
            yield Law("phases are alike", (name, *others), lambda u, *o: fmean(o) / 2.5 <= u <= 2.5 * fmean(o))
    for pair in PAIRS:
        first, second = pair.split("_")
        parts = (f"voltage_{pair}", f"voltage_{first}_n", f"voltage_{second}_n")
        yield Law("U between lines = √3 U to neutral", parts, _between_lines)
    for mean, names in (
        ("voltage_average_l_n", tuple(f"voltage_{p}_n" for p in PHASES)),
        ("voltage_average_l_l", tuple(f"voltage_{p}" for p in PAIRS)),
        ("current_average", tuple(f"current_{p}" for p in PHASES)),
    ):
        yield Law("a mean of three", (mean, *names), lambda m, *p: _near(m, fmean(map(abs, p)), _MEASURED, 1.0))


def _between_lines(between: float, a: float, b: float) -> bool:
    """120° apart, 180° (split phase), or the same phase twice; a dead phase says nothing."""
    if min(a, b) < _DEAD or between < _DEAD:
        return True
    third = math.sqrt(a * a + b * b + a * b)
    return _near(between, third, 0.12) or _near(between, a + b, 0.05)


def _phases(values: Values, floor: float) -> Iterator[Law]:
    """Laws of one phase; a meter of one phase may give its powers as totals only."""
    alone = [p for p in PHASES if f"current_{p}" in values or f"voltage_{p}_n" in values] == ["l1"]
    for phase in PHASES:
        u, i = f"voltage_{phase}_n", f"current_{phase}"
        end = "total" if alone and f"active_power_{phase}" not in values else phase
        yield from _power_laws(f"_{end}", (u, i), floor, lambda u, i: u * abs(i), "U I")


def _totals(values: Values, floor: float) -> Iterator[Law]:
    """Laws of all phases together."""
    for word in ("active", "reactive"):
        parts = (f"{word}_power_total", *(f"{word}_power_{p}" for p in PHASES))
        unsigned = word == "reactive"
        yield Law("total = sum of the phases", parts, lambda t, *p, u=unsigned: _sums_to(t, p, floor, u))
    parts = ("apparent_power_total", *(f"apparent_power_{p}" for p in PHASES))
    yield Law("S in total <= sum of the phases", parts, lambda t, *p: t <= sum(p) * (1 + _MEASURED) + floor)
    pairs = tuple(f"{what}_{p}{end}" for p in PHASES for what, end in (("voltage", "_n"), ("current", "")))
    if all(name in values for name in pairs):
        yield from _power_laws("_total", pairs, floor, _all_phases, "U I of all phases")


def _all_phases(*pairs: float) -> float:
    return sum(u * abs(i) for u, i in zip(pairs[::2], pairs[1::2], strict=True))


def _sums_to(total: float, phases: Sequence[float], floor: float, unsigned: bool) -> bool:
    """`unsigned`: some meters add magnitudes."""
    spread = _COMPUTED * sum(map(abs, phases)) + floor
    return abs(total - sum(phases)) <= spread or (unsigned and abs(abs(total) - sum(map(abs, phases))) <= spread)


def _power_laws(
    end: str, current: tuple[str, ...], floor: float, product: Callable[..., float], called: str
) -> Iterator[Law]:
    """P, Q, S and power factor of one phase or of all, against each other and against U I."""
    p, q, s, factor = (f"{word}{end}" for word in ("active_power", "reactive_power", "apparent_power", "power_factor"))
    more = 1 + _MEASURED
    yield Law(f"S = {called}", (s, *current),
              lambda s, *ui: _DISTORTED * product(*ui) - floor <= s <= more * product(*ui) + floor)  # fmt: skip
    yield Law(f"P <= {called}", (p, *current), lambda p, *ui: abs(p) <= more * product(*ui) + floor)
    yield Law(f"Q <= {called}", (q, *current), lambda q, *ui: abs(q) <= more * product(*ui) + floor)
    yield Law("P² + Q² <= S²", (p, q, s), lambda p, q, s: math.hypot(p, q) <= more * s + floor)
    yield Law("S² = P² + Q² and distortion", (s, p, q), lambda s, p, q: _DISTORTED * s <= math.hypot(p, q) + floor)
    yield Law("P = S PF", (p, s, factor),
              lambda p, s, f: _near(abs(p), s * abs(f), _MEASURED, floor + _COMPUTED * abs(s)))  # fmt: skip
    yield Law(f"P = {called} PF", (p, factor, *current),
              lambda p, f, *ui: _near(abs(p), product(*ui) * abs(f), 0.3, floor + 0.05 * product(*ui)))  # fmt: skip


def _single(values: Values, nominal: Nominal) -> Iterator[Law]:
    low, high = FREQUENCIES
    if nominal.frequency:
        low, high = (share * nominal.frequency for share in _DRIFT)
    alive = any(value > _DEAD for name, value in values.items() if name.startswith("voltage_") and "thd" not in name)
    if alive or not any(name.startswith("voltage_") for name in values):
        yield Law(f"{low:g} to {high:g} Hz", ("frequency",), lambda f: low <= f <= high)
    for end in (*PHASES, "total"):
        yield Law("-1 <= power factor <= 1", (f"power_factor_{end}",), lambda f: abs(f) <= 1.005)


def _energies(values: Values) -> Iterator[Law]:
    """Only what cannot be otherwise: registers of parts may have been set to zero, or some tariffs are not read."""
    for word in ("active", "reactive"):
        for way in ("import", "export"):
            total = f"{word}_energy_{way}"
            tariffs = tuple(f"{total}_{t}" for t in TARIFFS if f"{total}_{t}" in values)
            if len(tariffs) > 1:
                yield Law("tariffs add up to the total", (total, *tariffs), _adds_up)
            yield Law("phases add up to the total", (total, *(f"{total}_{p}" for p in PHASES)), _of_same_kind)


def _adds_up(total: float, *parts: float) -> bool:
    return sum(parts) <= total * (1 + _COUNTED) + _COUNTED_FLOOR and _of_same_kind(total, *parts)


def _of_same_kind(total: float, *parts: float) -> bool:
    """Not apart by a power of ten."""
    added = sum(parts)
    if min(added, total) <= _COUNTED_FLOOR:
        return True
    power = math.log10(added / total)
    return abs(power) < 0.5 or abs(power - round(power)) > 0.002
