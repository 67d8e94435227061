"""Takes samples from the line threads, judges them and keeps them: the way from the wire into the spool."""

from __future__ import annotations

import logging
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Mapping

from collector.config.settings import MeterSettings
from collector.devices import catalogue
from collector.model.event import Event
from collector.model.reading import Sample
from collector.pipeline.clock import SiteClock
from collector.pipeline.process import MeterPipeline
from collector.pipeline.spool import Spool

log = logging.getLogger(__name__)


class Keeper:
    """One pipeline per meter, all ending in the spool; `deliver` is called by the meter's own line thread."""

    def __init__(
        self,
        meters: Iterable[MeterSettings],
        clock: SiteClock,
        spool: Spool,
        tell: Callable[[Event], None],
    ) -> None:
        self._pipelines = {meter.name: MeterPipeline(meter, catalogue.load(meter.model), clock) for meter in meters}
        self._spool = spool
        self._tell = tell
        self._lock = threading.Lock()
        #: Meter -> UTC ms (or boot ms) of its last reading.
        self.last: dict[str, int] = {}
        #: "meter quantity reason" -> values refused since start.
        self.refused: Counter[str] = Counter()

    def deliver(self, sample: Sample) -> None:
        """Judges a sample and appends the reading to the spool; raises SpoolError."""
        processed = self._pipelines[sample.meter].process(sample)
        if len(sample.failed) < len(sample.values):  # else there is nothing but news
            self._spool.append(processed.reading)
            self.last[sample.meter] = processed.reading.time
        for event in processed.events:
            log.warning("%s", event.message)
            self._tell(event)
        if processed.refused:
            with self._lock:
                self.refused.update(f"{sample.meter} {what}" for what in processed.refused)

    def restore(self, counters: Mapping[tuple[str, str], tuple[int, float]]) -> None:
        """Gives the pipelines the last stored counters, so that a reset during a stop is recognised."""
        for name, pipeline in self._pipelines.items():
            pipeline.restore({quantity: value for (meter, quantity), value in counters.items() if meter == name})
