"""Says what listeners of one meter's telegrams on a serial line have in common: what is late, doubtful, counted."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Mapping, Sequence

from collector.config.settings import MeterSettings
from collector.devices.map import Model
from collector.model.ports import Ticker
from collector.model.reading import Sample
from collector.sources.channel.channel import Channel
from collector.sources.freshness import LATE, Freshness
from collector.sources.iec62056.meaning import Meaning
from collector.sources.statistics import Statistics
from collector.sources.telegram import Value

#: s of silence that end a telegram, whole or not: what comes after a pause never completes what came before it.
PAUSE = 0.5


class TelegramListener(ABC):
    """The one meter of a line (implements model.ports.Listener). Nothing is ever sent."""

    def __init__(self, meter: MeterSettings, model: Model, channel: Channel, ticker: Ticker) -> None:
        self._statistics = Statistics()
        self.errors: Counter[str] = Counter()
        self._meter = meter
        self._meaning = Meaning(model)
        self._channel = channel
        self._ticker = ticker
        self._freshness = Freshness(channel, ticker)
        self._joined = False  #: the telegram during which we came is over
        self._start_again()

    @property
    def statistics(self) -> Mapping[str, Statistics]:
        """See Listener."""
        return {self._meter.name: self._statistics}

    def listen(self, seconds: float) -> Sequence[Sample]:
        """See Listener."""
        if self._freshness.restored():
            self._start_again()
            self._statistics.doubted(LATE)
        try:
            if not self._channel.open:
                self._start_again()
                self._channel.connect()
            return self._hear(self._ticker.monotonic() + seconds)
        finally:
            self._freshness.listened()

    def close(self) -> None:
        """See Listener."""
        self._channel.close()
        self._start_again()

    @abstractmethod
    def _hear(self, until: float) -> Sequence[Sample]:
        """What is said until then (monotonic s), as soon as something is."""

    @abstractmethod
    def _start_again(self) -> None:
        """Forgets what was heard: the next telegram is joined somewhere."""

    def _sample(self, boot_ns: int, values: Sequence[Value], serial: str | None) -> Sample:
        understood = self._meaning.of(values)
        for doubt in understood.doubts:
            self._statistics.doubted(doubt)
        return Sample(self._meter.name, boot_ns, understood.values, evidence={"serial": serial} if serial else {})
