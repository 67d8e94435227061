"""Says where at the broker a meter's values and its state are, from the codes of its model.

A code is `SUBTOPIC#JSON.PATH` under the meter's topic, either may be empty: `emeter/0/power`, `SENSOR#ENERGY.Power`,
`#voltage`. `../` at the beginning goes one level up, for the state of a device of which the meter is one channel.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from collector.config.settings import MeterSettings
from collector.devices.map import Code, Model
from collector.errors import ConfigError


@dataclass(frozen=True, slots=True)
class Availability:
    """Where a device says that it is there, or its last will that it is not. `path`: into JSON, where it is JSON."""

    topic: str
    path: str
    online: str
    offline: str


@dataclass(frozen=True, slots=True)
class Subject:
    """One meter at the broker. `places`: topic -> path -> the codes there."""

    meter: str
    codes: tuple[Code, ...]
    places: Mapping[str, Mapping[str, str]]
    availability: Availability | None

    @property
    def topics(self) -> tuple[str, ...]:
        """Every topic to subscribe to."""
        own = (self.availability.topic,) if self.availability else ()
        return tuple(dict.fromkeys((*own, *self.places)))


def subject(meter: MeterSettings, model: Model) -> Subject:
    """Where this meter's values are; ConfigError if that is no topic."""
    places: dict[str, dict[str, str]] = {}
    for code in model.codes:
        topic, path = _placed(meter.topic or "", code.code)
        places.setdefault(topic, {})[path] = code.code
    return Subject(meter.name, model.codes, places, _availability(meter.topic or "", model))


def _availability(base: str, model: Model) -> Availability | None:
    said = model.options.get("availability")
    if said is None:
        return None
    topic, path = _placed(base, str(said))
    words = (str(model.options.get(name, name)) for name in ("online", "offline"))
    return Availability(topic, path, *words)


def _placed(base: str, code: str) -> tuple[str, str]:
    subtopic, _, path = code.partition("#")
    levels = base.split("/")
    while subtopic.startswith("../") and len(levels) > 1:
        subtopic = subtopic[3:]
        levels.pop()
    topic = "/".join((*levels, subtopic) if subtopic else levels)
    if not topic or set("+#\0") & set(topic):
        raise ConfigError(f'"{topic}" is no MQTT topic', hint="one topic has neither + nor # in it")
    return topic, path
