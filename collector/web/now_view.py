"""Prepares the page "now": rows with a scale each, ages, and the reason where a value is missing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from collector.model.quantity import PHASES, QUANTITIES
from collector.model.reading import Flag
from collector.web.answers import HEADLINE, meter_state
from collector.web.energy import Sums
from collector.web.language import gettext as _
from collector.web.language import marked
from collector.web.live import Snapshot, Value
from collector.web.meters import Expected
from collector.web.spark import LastHour, Spark, spark
from collector.web.wording import Scale, age, family, figure, grouped, label, scale_for, sentence, short_label

#: A value is stale when this many of its periods have passed without a new one.
STALE_PERIODS = 3
#: The bar of a voltage goes as far from nominal as a public grid may (EN 50160: 10 %).
REACH = 0.10


@dataclass(frozen=True, slots=True)
class Cell:
    """One value as it is written. `quality`: good, stale, missing or none (never seen); `why` says more."""

    quantity: str
    label: str
    short: str
    unit: str
    scale: Scale
    whole: str
    rest: str
    raw: float | None
    time: int | None
    age: str
    period: float
    quality: str
    why: str

    @property
    def family(self) -> str:
        """Quantities that change their scale together."""
        return family(self.quantity)


_REASONS = (
    (Flag.IMPLAUSIBLE, marked("The meter's last answer was impossible and was refused.")),
    (Flag.PARTIAL, marked("The request for this value failed in the last reading.")),
)

_NO_REASON = marked("The meter says that it has no value.")


def _why(value: Value | None, quality: str, period: float) -> str:
    if value is None:
        return _("No value of this quantity has come from the meter yet.")
    if value.value is None:
        return _(next((text for flag, text in _REASONS if flag in value.flags), _NO_REASON))
    if quality == "stale":
        return _("No new value came; one is due every %(seconds)s s.", seconds=format(period, "g"))
    if Flag.TIME_ESTIMATED in value.flags:
        return _("The time of day was not known when this was read.")
    return _("The meter says that it is outside its measuring range.") if Flag.OVERLOAD in value.flags else ""


def _quality(value: Value | None, now: int, period: float) -> str:
    if value is None:
        return "none"
    if now - value.time > STALE_PERIODS * period * 1000:
        return "stale"
    return "missing" if value.value is None else "good"


def cell(name: str, value: Value | None, now: int, period: float, scale: Scale) -> Cell:
    """One value of one meter."""
    number = value.value if value else None
    whole, rest = figure(number, scale)
    quality = _quality(value, now, period)
    return Cell(
        quantity=name,
        label=label(name),
        short=short_label(name),
        unit=scale.unit(QUANTITIES[name].unit),
        scale=scale,
        whole=whole,
        rest=rest,
        raw=number,
        time=value.time if value else None,
        age=age((now - value.time) / 1000) if value else "",
        period=period,
        quality=quality,
        why=_why(value, quality, period),
    )


def cells(snapshot: Snapshot, meter: Expected) -> dict[str, Cell]:
    """Every expected quantity of the meter; those of one family share a scale."""
    values = snapshot.values.get(meter.name, {})
    members: dict[str, list[str]] = {}
    for name in meter.quantities:
        members.setdefault(family(name), []).append(name)
    found = {}
    for names in members.values():
        known = [values[name].value for name in names if name in values]
        scale = scale_for(QUANTITIES[names[0]].unit, known)
        found.update({name: cell(name, values.get(name), snapshot.now, meter.periods[name], scale) for name in names})
    return {name: found[name] for name in meter.quantities}


@dataclass(frozen=True, slots=True)
class Bar:
    """A thin scale from `low` to `high` (the quantity's unit) with a tick at `nominal`."""

    low: float
    high: float
    nominal: float

    def span(self, value: float | None) -> tuple[float, float]:
        """(start, width) of the stretch between nominal and value, of 100; nothing for a missing value."""
        if value is None:
            return 50.0, 0.0
        at = min(100.0, max(0.0, (value - self.low) / (self.high - self.low) * 100))
        middle = (self.nominal - self.low) / (self.high - self.low) * 100
        return round(min(at, middle), 1), round(abs(at - middle), 1)


@dataclass(frozen=True, slots=True)
class PhaseRow:
    """One phase: voltage, current, active power, power factor; None where the meter does not offer it."""

    name: str
    cells: Sequence[Cell | None]
    bar: Bar | None


#: The columns of the phase table: what stands before and after the phase, and the heading.
COLUMNS = (
    ("voltage_{}_n", marked("Voltage")),
    ("current_{}", marked("Current")),
    ("active_power_{}", marked("Power")),
    ("power_factor_{}", marked("PF")),
)


#: Apparent power (VA) below which a power factor says nothing.
LEAST_APPARENT_POWER = 1.0


def _power_factor(phase: str, snapshot: Snapshot, meter: Expected) -> Cell | None:
    """P / S of one phase, for meters that measure both and leave the division to us."""
    known = snapshot.values.get(meter.name, {})
    active, apparent = known.get(f"active_power_{phase}"), known.get(f"apparent_power_{phase}")
    if active is None or apparent is None:
        return None
    usable = active.value is not None and apparent.value is not None and apparent.value >= LEAST_APPARENT_POWER
    ratio = active.value / apparent.value if usable and active.value is not None and apparent.value else None
    value = Value(ratio, min(active.time, apparent.time), active.flags | apparent.flags)
    period = meter.periods.get(f"apparent_power_{phase}", meter.every)
    return cell(f"power_factor_{phase}", value, snapshot.now, period, scale_for("", [ratio]))


def phases(found: Mapping[str, Cell], snapshot: Snapshot, meter: Expected) -> list[PhaseRow]:
    """The three phases, as far as the meter has them."""
    nominal = meter.settings.nominal_voltage
    bar = Bar(nominal * (1 - REACH), nominal * (1 + REACH), nominal) if nominal else None
    rows = []
    for phase in PHASES:
        *measured, factor = (found.get(name.format(phase)) for name, _ in COLUMNS)
        rows.append(PhaseRow(phase.upper(), [*measured, factor or _power_factor(phase, snapshot, meter)], bar))
    return [row for row in rows if any(row.cells)]


@dataclass(frozen=True, slots=True)
class SumRow:
    """Energy of one kind, written at one scale."""

    quantity: str
    label: str
    unit: str
    scale: Scale
    figures: Sequence[tuple[str, str]]


def sum_rows(found: Sequence[Sums]) -> list[SumRow]:
    """Today, yesterday and this month of every counter that counts."""
    rows = []
    for each in found:
        parts = (each.today, each.yesterday, each.month)
        scale = Scale(3, 1) if max((abs(part) for part in parts if part is not None), default=0) >= 1e5 else Scale(3, 2)
        rows.append(SumRow(each.quantity, each.label, scale.unit("Wh"), scale, [figure(part, scale) for part in parts]))
    return rows


@dataclass(frozen=True, slots=True)
class Choice:
    """One meter in the list of meters."""

    name: str
    state: str
    power: Cell | None
    chosen: bool


STATES = {"ok": "fine", "starting": "attention", "silent": "wrong", "failing": "wrong", "unknown": "attention"}


def choices(snapshot: Snapshot, meters: Mapping[str, Expected], chosen: str) -> list[Choice]:
    """All meters with their state and their power."""
    found = []
    for meter in meters.values():
        value = snapshot.values.get(meter.name, {}).get(HEADLINE)
        offered = HEADLINE in meter.periods
        scale = scale_for("W", [value.value if value else None])
        power = cell(HEADLINE, value, snapshot.now, meter.periods[HEADLINE], scale) if offered else None
        found.append(Choice(meter.name, meter_state(snapshot, meter), power, meter.name == chosen))
    return found


@dataclass(frozen=True, slots=True)
class Nothing:
    """Why there is no value at all, and what to do: the line cannot be opened."""

    why: str
    hint: str


def nothing(snapshot: Snapshot, meter: Expected) -> Nothing | None:
    """What stands in place of values that never came because of the line; None if that is not the reason."""
    lines = {line.name: line for line in snapshot.status.lines} if snapshot.status else {}
    line = lines.get(meter.settings.line)
    if line is None or line.open or not line.last_error or snapshot.values.get(meter.name):
        return None
    return Nothing(sentence(line.last_error), sentence(line.hint) if line.hint else "")


@dataclass(frozen=True, slots=True)
class NowView:
    """All that the template shows. `groups`: heading and values; `absent`: what never came."""

    meter: Expected
    headline: Cell | None
    spark: Spark | None
    phases: Sequence[PhaseRow]
    groups: Sequence[tuple[str, Sequence[Cell]]]
    absent: Sequence[str]
    sums: Sequence[SumRow] | None
    choices: Sequence[Choice]
    nothing: Nothing | None

    @property
    def trouble(self) -> list[Choice]:
        """Meters that are not fine."""
        return [choice for choice in self.choices if choice.state in {"silent", "failing"}]


def now_view(
    snapshot: Snapshot,
    meters: Mapping[str, Expected],
    meter: Expected,
    sums: Sequence[Sums] | None,
    hour: LastHour | None,
) -> NowView:
    """The page for one meter; `sums` and `hour` None: the store could not be asked."""
    found = cells(snapshot, meter)
    came = [name for name, each in found.items() if each.quality != "none"]
    groups = [(heading, [found[name] for name in names]) for heading, names in grouped(came)]
    rows = None if sums is None else sum_rows(sums)
    chosen = choices(snapshot, meters, meter.name) if len(meters) > 1 else []
    headline = found.get(HEADLINE)
    drawn = spark(hour, HEADLINE, headline.scale) if hour and headline else None
    absent = [label(name) for name in found if name not in came]
    rows_of_phases = phases(found, snapshot, meter)
    why = nothing(snapshot, meter)
    return NowView(meter, headline, drawn, rows_of_phases, groups, absent, rows, chosen, why)
