"""Knows what the page may expect of each configured meter: its title, its quantities and how often they come."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from collector.config.settings import MeterSettings
from collector.devices.catalogue import load
from collector.devices.map import Model, When
from collector.model.quantity import QUANTITIES
from collector.pipeline.derive import quantities_of


@dataclass(frozen=True, slots=True)
class Expected:
    """One configured meter as the page sees it. `periods`: quantity -> s between two values."""

    settings: MeterSettings
    title: str
    periods: Mapping[str, float]

    @property
    def name(self) -> str:
        """Name in the configuration."""
        return self.settings.name

    @property
    def quantities(self) -> tuple[str, ...]:
        """Every quantity this meter may give, in the order in which people expect to read them."""
        return tuple(self.periods)

    @property
    def every(self) -> float:
        """s between two readings."""
        return self.settings.every


def _slow(model: Model) -> dict[str, float]:
    """Quantities of groups that are read at a pace of their own."""
    slow = (group for group in model.groups if group.when is When.PERIOD)
    return {name: group.every for group in slow for register in group.registers for name in register.quantities}


def expected(meter: MeterSettings) -> Expected:
    """What this meter's model and settings promise; ConfigError if the model is unknown."""
    model = load(meter.model)
    slow = _slow(model)
    promised = set(quantities_of(meter, model))
    periods = {name: max(meter.every, slow.get(name, 0.0)) for name in QUANTITIES if name in promised}
    return Expected(meter, model.title, periods)
