"""Puts months of readings of the simulated meter into the store of a trial: `python tests/browser/months.py FOLDER`.

Run the trial once before, so that it has its configuration, and again after it: the counters go on where they stand.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import closing
from itertools import islice
from pathlib import Path

from collector.cli.options import load_settings
from collector.config.settings import Settings
from collector.model.reading import Reading
from collector.service.insight import compute
from collector.service.maintain import columns_of, maintain
from collector.sources.simulator.plant import EPOCH, Plant
from collector.store.factory import open_reader, open_writer

MINUTE = 60_000
#: Days in which the meter was read every quarter of an hour, then every minute.
COARSE, FINE = 400, 21


def _times(now: int) -> Iterator[int]:
    begin = now - now % (15 * MINUTE) - COARSE * 1440 * MINUTE
    fine = now - FINE * 1440 * MINUTE
    yield from range(begin, fine, 15 * MINUTE)
    yield from range(fine - fine % MINUTE, now - 5 * MINUTE, MINUTE)


def _readings(settings: Settings, now: int) -> Iterator[Reading]:
    plant = Plant()
    with closing(open_reader(settings.store, settings.site)) as reader:
        # A register may be one of several quantities: those count that the meter has given.
        given = {(latest.meter, latest.quantity) for latest in reader.latest()}
    for meter, columns in columns_of(settings).items():
        names = [name for name in columns if (meter, name) in given]
        for at in _times(now):
            values = plant.at(at / 1000 - EPOCH)
            yield Reading(meter, at, {name: values[name] for name in names if name in values})


def fill(settings: Settings, now: int) -> None:
    """Stores, sums up and computes everything."""
    maintain(settings, retain=False)
    writer = open_writer(settings.store, settings.site)
    readings = _readings(settings, now)
    while batch := list(islice(readings, 5_000)):
        writer.commit(batch, catching_up=True)
    while writer.roll_up(5_000):
        pass
    writer.close()
    compute(settings, 3600.0)


if __name__ == "__main__":
    fill(load_settings(Path(sys.argv[1]) / "phaselog.toml"), int(time.time() * 1000))
