"""Goes through all checks in the order in which one thing needs the other."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from collector.config.load import load
from collector.config.places import runtime_directory
from collector.config.settings import Settings
from collector.devices import catalogue
from collector.doctor import judge, machine, maps, running, storage, wires
from collector.doctor.appliance import appliance, bare
from collector.doctor.attempt import attempted
from collector.doctor.cameras import cameras
from collector.doctor.configuration import configuration, mistakes
from collector.doctor.prices import prices
from collector.doctor.software import software
from collector.errors import ConfigError, StoreError
from collector.model.finding import Finding


def examine(config: Path) -> Iterator[Finding]:
    """Every finding as soon as it is made; never raises because of what it looks at."""
    yield from attempted("software", software)
    try:
        settings = load(config, catalogue.OFFERS)
    except ConfigError as error:
        yield from mistakes(error)
        yield from bare(config)
        return
    yield from configuration(settings)
    yield machine.time_zone(settings)
    yield from attempted("collector", lambda: _at_work(settings))
    yield from attempted("cameras", lambda: cameras(settings))
    yield from attempted("page", lambda: running.page(settings))
    yield from appliance(settings)


def _at_work(settings: Settings) -> Iterator[Finding]:
    """Collector, lines, meters, store."""
    status = running.status(runtime_directory(settings.path))
    if status is None:
        yield judge.clock(machine.own_clock(settings))
        yield from wires.lines(settings)
    answer = storage.answer(settings)
    yield from judge.judge(settings, status, answer if isinstance(answer, StoreError) else None)
    yield from storage.stored(answer, settings)
    yield from attempted("maps", lambda: maps.maps(settings))
    yield from attempted("prices", lambda: prices(settings))
