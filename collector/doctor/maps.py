"""Checks by physics whether each meter's register map is right: on the newest stored readings, or on one just read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from itertools import chain

from collector.config.settings import MeterSettings, Settings
from collector.devices import catalogue
from collector.devices.map import Model
from collector.errors import StoreError
from collector.model.finding import Finding, attention, fine, skipped
from collector.model.ports import StoreReader
from collector.model.quantity import TARIFFS
from collector.model.series import Resolution
from collector.pipeline.derive import inverted, quantities_of, steps
from collector.sources.laws import Nominal
from collector.sources.physics import Suspicion, judge, lasting, pace
from collector.store.factory import open_reader

#: How many of the newest readings are looked at, and how far back they may lie, ms.
READINGS, REACH = 20, 60_000
HOUR = 3_600_000
ADVICE = "compare address, type and scale with the meter's manual, and the transformer ratios with its settings"
LEAST_MOVES = 3
_POWER, _COUNTERS = "active_power_total", {"active_energy_import": 1.0, "active_energy_export": -1.0}


def maps(settings: Settings) -> Iterator[Finding]:
    """One finding per meter; nothing while the store does not answer, which has a finding of its own."""
    try:
        with closing(open_reader(settings.store, settings.site)) as reader:
            newest: dict[str, int] = {}
            for row in reader.latest():
                newest[row.meter] = max(row.time, newest.get(row.meter, 0))
            for meter in settings.meters:
                yield _stored(reader, meter, newest.get(meter.name))
    except StoreError:
        return


def _stored(reader: StoreReader, meter: MeterSettings, newest: int | None) -> Finding:
    if newest is None:
        return skipped(f"map of {meter.name}", "nothing is stored yet")
    model = catalogue.load(meter.model)
    rows = [*reader.rows(meter.name, quantities_of(meter, model), newest - REACH, newest + 1)][-READINGS:]
    suspicions = lasting([judged(row.values, meter, model) for row in rows])
    return said(meter, [*suspicions, *_paces(reader, meter, model, newest)])


def said(meter: MeterSettings, suspicions: Sequence[Suspicion]) -> Finding:
    """What a person should hear of it."""
    subject = f"map of {meter.name}"
    if not suspicions:
        return fine(subject, "its values fit each other")
    more = f" (and {len(suspicions) - 1} more)" if len(suspicions) > 1 else ""
    return attention(subject, f"{suspicions[0]}{more}", ADVICE)


def judged(values: Mapping[str, float | None], meter: MeterSettings, model: Model) -> list[Suspicion]:
    """The suspicious values of one reading of this site, named as the model names them."""
    measured = {step.name: name for name, step in steps(meter, model).items()}
    own = {measured[name]: value for name, value in values.items() if name in measured}
    ratio = meter.ct_ratio * meter.vt_ratio
    return judge(own, model, Nominal(meter.nominal_voltage, meter.nominal_frequency, ratio))


def _paces(reader: StoreReader, meter: MeterSettings, model: Model, newest: int) -> Iterator[Suspicion]:
    """The counters against the power of the last hour, where energy flowed one way only."""
    own = set(quantities_of(meter, model))
    counters = {
        total: [total] if total in own else [f"{total}_{t}" for t in TARIFFS if f"{total}_{t}" in own]
        for total in _COUNTERS
    }
    if _POWER not in own or not any(counters.values()):
        return
    asked = [_POWER, *chain.from_iterable(counters.values())]
    series = reader.series(meter.name, asked, newest - HOUR, newest + 1, Resolution.MINUTE)
    if _POWER not in series.columns:
        return
    for total, sign in _COUNTERS.items():
        energies = [sign * watts / 60.0 for watts in series.columns[_POWER].value if watts is not None]
        counted = {
            name: [i for i in series.columns[name].increase if i] for name in counters[total] if name in series.columns
        }
        running = max(counted, key=lambda name: sum(counted[name]), default="")
        # A counter with coarse steps that moved once says nothing of its pace.
        if running and len(counted[running]) >= LEAST_MOVES and min(energies, default=-1.0) >= 0.0:
            name = inverted(running) if meter.invert else running
            found = pace(name, sum(map(sum, counted.values())), sum(energies), model)
            yield from [found] if found else []
