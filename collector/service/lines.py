"""Gives each line its owner: a thread that asks, or one that hears."""

from __future__ import annotations

from collections.abc import Callable

from collector.config.protocols import PROTOCOLS
from collector.config.settings import LineSettings, Settings
from collector.devices import catalogue
from collector.model.ports import Ticker
from collector.model.reading import Sample
from collector.pipeline.schedule import LineSchedule
from collector.sources.factory import Places, open_asked, open_listener
from collector.sources.hearing import LineListener
from collector.sources.learned import Learned
from collector.sources.line import LineOwner
from collector.sources.owner import Owner


def owners(
    settings: Settings, ticker: Ticker, learned: Learned, places: Places, deliver: Callable[[Sample], None]
) -> list[Owner]:
    """One for each line on which a meter hangs; none has started."""
    origin = ticker.monotonic()
    used = [line for line in settings.lines if settings.meters_on(line.name)]
    return [
        _listener(line, settings, ticker, places, deliver)
        if PROTOCOLS[line.protocol].speaks
        else _asker(line, settings, ticker, learned, places, origin, deliver)
        for line in used
    ]


def _asker(
    line: LineSettings,
    settings: Settings,
    ticker: Ticker,
    learned: Learned,
    places: Places,
    origin: float,
    deliver: Callable[[Sample], None],
) -> Owner:
    meters = [(meter, catalogue.load(meter.model)) for meter in settings.meters_on(line.name)]

    def alive() -> None:
        owner.alive()

    sources = open_asked(line, meters, ticker, learned, alive, places.state).sources
    schedule = LineSchedule({name: source.periods for name, source in sources.items()}, origin)
    owner = LineOwner(line, sources, schedule, ticker, deliver)
    return owner


def _listener(
    line: LineSettings, settings: Settings, ticker: Ticker, places: Places, deliver: Callable[[Sample], None]
) -> Owner:
    meters = [(meter, catalogue.load(meter.model)) for meter in settings.meters_on(line.name)]
    every = {meter.name: meter.every for meter, _ in meters}
    return LineListener(line, open_listener(line, meters, ticker, places), every, ticker, deliver)
