"""Turns a sample into a reading: its time, the site's values, what is impossible taken out, counters judged, flags."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from collector.config.settings import MeterSettings
from collector.devices.map import Model
from collector.model.event import Event
from collector.model.quantity import QUANTITIES
from collector.model.reading import NO_FLAGS, Flag, Reading, Sample
from collector.pipeline.clock import SiteClock
from collector.pipeline.counter import Change
from collector.pipeline.counters import Counters, Verdict
from collector.pipeline.derive import apply, derive, quantities_of, rules, steps
from collector.pipeline.plausibility import Plausibility
from collector.pipeline.trusted_time import BUILD_DATE

_FLAGS = {
    Change.RESET: Flag.COUNTER_RESET,
    Change.ROLLOVER: Flag.COUNTER_ROLLOVER,
    Change.SWAP: Flag.METER_SWAP,
    Change.SCALE: Flag.COUNTER_SCALE,
    Change.EXCHANGE: Flag.TARIFF_EXCHANGE,
}
_KINDS = {change: str(flag.name).lower() for change, flag in _FLAGS.items()}
_WORDS = {
    Change.RESET: "counts from zero again",
    Change.ROLLOVER: "passed its highest value",
    Change.SWAP: "goes on from another value (another meter, or it was set)",
}
#: How a setting of the meter is called among the evidence.
SETTING = "setting "
#: The meter's own news that a person may want to find later.
_NEWS = {
    "restart": ("meter_restarted", "the meter was restarted"),
    "restart_count": ("meter_restarted", "the meter was restarted"),
    "parameter_changes": ("meter_settings", "the settings of the meter were changed"),
    "serial": ("meter_swap", "a meter with another serial number answers"),
}


@dataclass(frozen=True, slots=True)
class Processed:
    """A reading, what happened, and what was refused ("quantity reason" of each value)."""

    reading: Reading
    events: list[Event] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)


class MeterPipeline:
    """Judges the samples of one meter, in order of time; used by one thread (`restore` by any)."""

    def __init__(self, meter: MeterSettings, model: Model, clock: SiteClock) -> None:
        quantities = quantities_of(meter, model)
        self._meter = meter.name
        self._clock = clock
        self._steps = steps(meter, model)
        self._rules = rules(step.name for step in self._steps.values())
        self._plausibility = Plausibility(meter, quantities)
        self._counters = Counters(meter, model)
        self._restored: Mapping[str, tuple[int, float]] = {}
        self._settings: dict[str, float | str] = {}

    def restore(self, stored: Mapping[str, tuple[int, float]]) -> None:
        """Quantity -> (UTC ms, value) last stored, so that a reset while nobody looked is recognised."""
        self._restored = stored

    def process(self, sample: Sample) -> Processed:
        """The reading that this sample makes; never raises for anything that a meter can say."""
        now = sample.boot_ns / 1e9
        time, boot = self._clock.stamp(sample.boot_ns)
        if self._restored:
            self._take_restored(now, None if boot else time)
        moved = self._counters.notice(sample.evidence, now)
        changed = self._changed_settings(sample.evidence)
        values = apply(self._steps, sample.values)
        refused, verdicts = self._judge(values, now)
        derive(self._rules, values)
        flags = _flags(sample, refused, verdicts)
        counted = {verdict.quantity: verdict.added for verdict in verdicts if verdict.change in _KINDS}
        # Events go to the store at once: without a known time they get one that is at least not absurd.
        at = time if boot is None else BUILD_DATE + time
        events = self._events(at, verdicts, moved, changed) if verdicts or moved else []
        events += [Event(at, kind, f"{self._meter}: {said}", self._meter) for kind, said in sample.news.items()]
        return Processed(Reading(self._meter, time, values, flags, boot, counted), events, refused)

    def _take_restored(self, now: float, utc: int | None) -> None:
        restored, self._restored = self._restored, {}
        for quantity, (stored, value) in restored.items():
            age = None if utc is None else max(0.0, (utc - stored) / 1000)
            self._counters.restore(quantity, value, None if age is None else now - age)

    def _judge(self, values: dict[str, float | None], now: float) -> tuple[list[str], list[Verdict]]:
        if self._counters.all_zero(values, now):
            refused = [f"{name} all_zero" for name, value in values.items() if value is not None]
            values.update(dict.fromkeys(values))
            return refused, []
        refused = self._plausibility.refuse(values)
        verdicts = self._counters.judge(values, now)
        refused += [f"{verdict.quantity} unconfirmed" for verdict in verdicts if verdict.change is Change.HELD]
        return refused, verdicts

    def _changed_settings(self, evidence: Mapping[str, float | str]) -> list[str]:
        """What a person set otherwise at the meter: "primary_current 100 -> 200"."""
        found = {name: value for name, value in evidence.items() if name.startswith(SETTING)}
        known = self._settings
        changed = [
            f"{name.removeprefix(SETTING)} {known[name]:.15g} -> {value:.15g}"
            for name, value in found.items()
            if name in known and known[name] != value
        ]
        known.update(found)
        return changed

    def _events(
        self, time: int, verdicts: Iterable[Verdict], moved: Iterable[str], changed: Iterable[str]
    ) -> list[Event]:
        texts: dict[str, list[str]] = {}
        for verdict in verdicts:
            if verdict.change in _KINDS:
                texts.setdefault(_KINDS[verdict.change], []).append(_sentence(verdict))
        for kind, text in (_NEWS[name] for name in sorted(moved) if name in _NEWS):
            texts.setdefault(kind, []).append(text)
        for text in changed:
            texts.setdefault("meter_settings", []).append(text)
        # The store knows an event by time, kind and meter: one of a kind says everything.
        return [Event(time, kind, f"{self._meter}: {'; '.join(said)}", self._meter) for kind, said in texts.items()]


def _sentence(verdict: Verdict) -> str:
    """What, from what to what, what was assumed, and what it comes to."""
    unit = QUANTITIES[verdict.quantity].unit
    words = verdict.assumed or _WORDS[verdict.change]
    return (
        f"{verdict.quantity} {words}: {verdict.before:.15g} {unit}, now {verdict.said:.15g} {unit};"
        f" {verdict.added:.6g} {unit} counted in between"
    )


def _flags(sample: Sample, refused: Iterable[str], verdicts: Iterable[Verdict]) -> Flag:
    flags = Flag.PARTIAL if sample.failed else NO_FLAGS
    if refused:
        flags |= Flag.IMPLAUSIBLE
    for verdict in verdicts:
        flags |= _FLAGS.get(verdict.change, NO_FLAGS)
    if sample.evidence and any(value for name, value in sample.evidence.items() if "overload" in name):
        flags |= Flag.OVERLOAD
    return flags
