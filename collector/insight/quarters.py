"""Turns stored counters into the energy of each quarter of an hour; what passed during a gap is spread over it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from collector.model.calendar import QUARTER
from collector.model.insight import Stored
from collector.model.quantity import TARIFFS
from collector.model.reading import Flag
from collector.model.series import Resolution, Series

#: Of what passed before these nothing is known: it is not spread over the gap.
_BROKEN = Flag.METER_SWAP | Flag.COUNTER_RESET
#: Energy is counted in thousandths of its unit, so that sums are exact whatever their order.
PARTS = 1000
_POWER = "active_power_total"
_HOURS = QUARTER / 3_600_000


@dataclass(frozen=True, slots=True)
class Quarter:
    """Energy of one quarter in thousandths of Wh and varh; None is not known. `registers`: import by tariff register,
    `out_registers`: export.

    `estimated`: what passed in a gap, spread evenly over it.
    """

    start: int
    imported: int | None = None
    exported: int | None = None
    reactive: int | None = None
    registers: Mapping[str, int] | None = None
    out_registers: Mapping[str, int] | None = None
    estimated: bool = False

    @property
    def known(self) -> bool:
        """Whether anything is known of its active energy."""
        return self.imported is not None or self.exported is not None


@dataclass(frozen=True, slots=True)
class Counters:
    """Which quantities of a meter tell its energy; `balance`: one counter whose increase is import, whose fall export;
    `power`: none at all, so that the mean power has to do."""

    imported: tuple[str, ...] = ()
    exported: tuple[str, ...] = ()
    reactive: tuple[str, ...] = ()
    balance: bool = False
    power: bool = False

    @property
    def quantities(self) -> tuple[str, ...]:
        """All of them."""
        return (*self.imported, *self.exported, *self.reactive)

    @property
    def active(self) -> tuple[str, ...]:
        """Those that tell active energy."""
        return (*self.imported, *self.exported)


def counters(given: Sequence[str], *, registers: bool = False) -> Counters:
    """The counters of a meter that has ever given these quantities; `registers`: tariff registers before a total."""
    imported = _counted("active_energy_import", given, registers)
    exported = _counted("active_energy_export", given, registers)
    reactive = _counted("reactive_energy_import", given, registers=False)
    if imported or exported:
        return Counters(imported, exported, reactive)
    if "active_energy_net" in given:
        return Counters(("active_energy_net",), (), reactive, balance=True)
    if "active_energy_sum" in given:
        return Counters(("active_energy_sum",), (), reactive)
    return Counters((_POWER,), (), reactive, power=True) if _POWER in given else Counters()


def _counted(total: str, given: Sequence[str], registers: bool) -> tuple[str, ...]:
    parts = tuple(f"{total}_{tariff}" for tariff in TARIFFS if f"{total}_{tariff}" in given)
    if total in given and not (registers and parts):
        return (total,)
    return parts


def quarters(stored: Stored, meter: str, told: Counters, start: int, end: int) -> list[Quarter]:
    """The quarters of [start, end) of which anything is known, in order of time."""
    if not told.quantities:
        return []
    before = stored.known_at(meter, told.active, start, later=False)
    after = stored.known_at(meter, told.active, end, later=True)
    first = start if before is None else before
    last = end if after is None else after + QUARTER
    series = stored.series(meter, told.quantities, first, last, Resolution.QUARTER)
    spread = {name: _spread(series, name, start, end) for name in told.quantities if name in series.columns}
    times = sorted(set().union(*spread.values()))
    return [quarter_of(time, {name: values.get(time) for name, values in spread.items()}, told) for time in times]


#: Parts of one quarter, and whether they are estimated.
_Share = tuple[int, bool]


def _spread(series: Series, name: str, start: int, end: int) -> dict[int, _Share]:
    """What one quantity counted in the quarters of [start, end)."""
    if name == _POWER:
        means = zip(series.times, series.columns[name].value, strict=True)
        return {at: (round(v * _HOURS * PARTS), False) for at, v in means if v is not None and start <= at < end}
    found: dict[int, _Share] = {}
    previous: int | None = None
    for at, increase, flags in zip(series.times, series.columns[name].increase, series.flags, strict=True):
        if increase is None:
            continue
        count = round(increase * PARTS)
        gap = previous is not None and at - previous > QUARTER and not flags & _BROKEN
        if gap and previous is not None:
            found.update(_shares(count, previous + QUARTER, at, (start, end)))
        elif start <= at < end:
            found[at] = (count, False)
        previous = at
    return found


def _shares(count: int, first: int, last: int, window: tuple[int, int]) -> dict[int, _Share]:
    """The same for each quarter from `first` to `last`; what cannot be divided goes to the earliest ones."""
    each, rest = divmod(count, (last - first) // QUARTER + 1)
    begin = max(first, window[0])
    return {
        at: (each + ((at - first) // QUARTER < rest), True)
        for at in range(begin, min(last + QUARTER, window[1]), QUARTER)
    }


def quarter_of(start: int, shares: Mapping[str, _Share | None], told: Counters) -> Quarter:
    """One quarter from what each quantity counted in it."""
    known = {name: share[0] for name, share in shares.items() if share}
    imported = _sum(known, told.imported)
    exported = _sum(known, told.exported)
    if (told.balance or told.power) and imported is not None:
        imported, exported = max(imported, 0), max(-imported, 0)
    estimated = any(share[1] for name, share in shares.items() if share and name in told.active)
    registers, out = _by_register(known, told.imported), _by_register(known, told.exported)
    return Quarter(start, imported, exported, _sum(known, told.reactive), registers, out, estimated)


def _by_register(known: Mapping[str, int], names: Sequence[str]) -> Mapping[str, int] | None:
    return {name[-2:]: known.get(name, 0) for name in names if name[-2:] in TARIFFS} or None


def _sum(known: Mapping[str, int], names: Sequence[str]) -> int | None:
    parts = [known[name] for name in names if name in known]
    return sum(parts) if parts else None
