"""Looks at the store: does it answer, what does it hold, is its schema what this configuration needs."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime

from collector.config.duration import written_octets
from collector.config.settings import Settings
from collector.devices import catalogue
from collector.errors import StoreError
from collector.model.finding import Finding, attention, fine, wrong
from collector.model.series import StoreStatus
from collector.pipeline.derive import quantities_of
from collector.store.factory import open_maintainer, open_reader


def answer(settings: Settings) -> StoreStatus | StoreError:
    """What the store says of itself, or why it says nothing."""
    try:
        with closing(open_reader(settings.store, settings.site)) as reader:
            return reader.status()
    except StoreError as error:
        return error


def stored(found: StoreStatus | StoreError, settings: Settings) -> Iterator[Finding]:
    """How much is in it, and whether its tables are complete; nothing while it does not answer."""
    if isinstance(found, StoreError):
        return
    yield fine("stored", _described(found, settings))
    yield _schema(settings)


def _described(found: StoreStatus, settings: Settings) -> str:
    held = f"{found.kind} {found.version}, {found.readings} readings, {written_octets(found.bytes)}"
    if found.last is None:
        return held
    return f"{held}, newest {datetime.fromtimestamp(found.last / 1000, settings.site.zone):%Y-%m-%d %H:%M:%S}"


def _schema(settings: Settings) -> Finding:
    """Only questions are put, so any account that may SELECT can ask them."""
    columns = {meter.name: quantities_of(meter, catalogue.load(meter.model)) for meter in settings.meters}
    try:
        with closing(open_maintainer(settings.store, settings.site)) as maintainer:
            missing = maintainer.pending(columns, int(time.time() * 1000))
    except StoreError as error:
        return attention("schema", str(error), error.hint)
    if missing:
        seen = f"{len(missing)} changes are due: {missing[0]}" + (" ..." if len(missing) > 1 else "")
        return wrong("schema", seen, f"phaselog db migrate {settings.path}")
    return fine("schema", "current")
