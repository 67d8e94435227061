"""Brings the store's schema to what the configuration needs, and removes what retention no longer keeps."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager

from collector.config.settings import Settings
from collector.devices import catalogue
from collector.errors import StoreRefused
from collector.model.ports import StoreMaintainer
from collector.model.reading import Reading
from collector.pipeline.derive import quantities_of, steps
from collector.store.factory import open_maintainer


def columns_of(settings: Settings) -> Mapping[str, Sequence[str]]:
    """Meter name -> every quantity that it may ever give: the columns that the store must have."""
    return {meter.name: quantities_of(meter, catalogue.load(meter.model)) for meter in settings.meters}


def rollovers_of(settings: Settings) -> dict[tuple[str, str], float]:
    """(meter, quantity) -> value after which its counter starts at 0 again, as the site counts (ratios applied)."""
    found = {}
    for meter in settings.meters:
        model = catalogue.load(meter.model)
        made = steps(meter, model)
        for offered in model.offered():
            if offered.rollover is not None:
                step = made[offered.quantity]
                found[meter.name, step.name] = offered.rollover * abs(step.factor)
    return found


@contextmanager
def _maintainer(settings: Settings) -> Iterator[StoreMaintainer]:
    """The maintainer of the store; a folder that cannot be made or read is a sentence, too."""
    store = open_maintainer(settings.store, settings.site)
    try:
        yield store
    except OSError as error:
        where = error.filename or settings.store.path
        raise StoreRefused(f"{where}: {error.strerror}", "look at store.path: can this user make it?") from error
    finally:
        store.close()


def make_room(settings: Settings, readings: Iterable[Reading]) -> None:
    """Adds the meters and columns of these readings; for what was read under another configuration and still waits."""
    columns: dict[str, list[str]] = {}
    for reading in readings:
        columns[reading.meter] = list(dict.fromkeys((*columns.get(reading.meter, ()), *reading.values)))
    with _maintainer(settings) as store:
        store.migrate(columns, int(time.time() * 1000))


def maintain(settings: Settings, *, retain: bool = True) -> list[str]:
    """Applies migrations, meters, columns and partitions, then retention; says what was done. Needs DDL rights."""
    now = int(time.time() * 1000)
    with _maintainer(settings) as store:
        done = list(store.migrate(columns_of(settings), now))
        if retain:
            done += store.retain(now, settings.store.keep_raw_days, settings.store.keep_minute_days)
        return done
