"""Hears the meters that publish at one MQTT broker: live values only, and none of a device that is offline."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from collector.config.settings import LineSettings, MeterSettings
from collector.devices.map import Model
from collector.errors import BadAnswer, LineError, NoAnswer
from collector.model.ports import Ticker
from collector.model.reading import Sample
from collector.sources.mqtt.gathering import Gathering
from collector.sources.mqtt.payload import numbers, word
from collector.sources.mqtt.subject import Subject, subject
from collector.sources.statistics import Statistics

if TYPE_CHECKING:
    from collector.sources.mqtt.broker import Broker, Message

log = logging.getLogger(__name__)

#: s; a broker that is gone is looked for after 1, 2, 4 ... s, at most every 30 s.
SHORTEST_WAIT, LONGEST_WAIT = 1.0, 30.0


class MqttListener:
    """One connection to a broker and the meters that publish there (implements model.ports.Listener)."""

    def __init__(self, line: LineSettings, meters: Mapping[str, tuple[MeterSettings, Model]], ticker: Ticker) -> None:
        self._line = line
        self._ticker = ticker
        self._subjects = [subject(meter, model) for meter, model in meters.values()]
        self._gathered = {one.meter: Gathering(one.meter, one.codes) for one in self._subjects}
        self._statistics = {name: Statistics() for name in meters}
        self._offline: set[str] = set()
        self._broker: Broker | None = None
        self._fault: LineError | None = None
        self._wait = SHORTEST_WAIT
        self._not_before = 0.0
        #: What belongs to no meter of this line, by kind.
        self.errors: Counter[str] = Counter()

    @property
    def statistics(self) -> Mapping[str, Statistics]:
        """What happened since start, by meter."""
        return self._statistics

    def listen(self, seconds: float) -> Sequence[Sample]:
        """What was published, as soon as a meter's values are together, within this time; raises LineError."""
        deadline = self._ticker.monotonic() + seconds
        broker = self._broker or self._connect(seconds)
        while True:
            left = deadline - self._ticker.monotonic()
            try:
                messages = broker.hear(min([left, *self._windows()]))
            except LineError as error:
                raise self._lost(error) from error
            samples = [sample for message in messages for sample in self._told(message)]
            samples += self._gathered_by_now()
            self._note_refusals(broker)
            if samples or left <= 0:
                return samples

    def close(self) -> None:
        """Leaves the broker; the next `listen` comes back."""
        if self._broker is not None:
            self._broker.close()
            self._broker = None
        self._offline.clear()

    def _connect(self, seconds: float) -> Broker:
        """A broker is not asked again and again: until its time the last fault is told once more."""
        left = self._not_before - self._ticker.monotonic()
        if self._fault is not None and left > 0:
            self._ticker.sleep(min(left, seconds))
            raise self._fault
        # Only here, so that a box without such a line needs neither the package nor the memory.
        from collector.sources.mqtt.broker import Broker  # noqa: PLC0415

        topics = {one.meter: one.topics for one in self._subjects}
        try:
            self._broker = Broker(self._line, topics, self._ticker)
        except LineError as error:
            raise self._lost(error) from error
        return self._broker

    def _lost(self, error: LineError) -> LineError:
        self.close()
        self._fault = error
        self._not_before = self._ticker.monotonic() + self._wait
        self._wait = min(LONGEST_WAIT, 2 * self._wait)
        return error

    def _note_refusals(self, broker: Broker) -> None:
        while broker.refused:
            meter = broker.refused.pop()
            self._statistics[meter].doubted("subscription_refused")
            log.warning("line %s: the broker does not let %s hear %s", self._line.name, self._line.user, meter)

    def _windows(self) -> Iterator[float]:
        now = self._ticker.boot_ns()
        yield from (left for one in self._gathered.values() if (left := one.left(now)) is not None)

    def _gathered_by_now(self) -> Iterator[Sample]:
        now = self._ticker.boot_ns()
        for one in self._gathered.values():
            left = one.left(now)
            if left is not None and (one.whole or left <= 0):
                yield from self._finished(one.take())

    def _finished(self, sample: Sample | None) -> Iterator[Sample]:
        if sample is not None:
            self._statistics[sample.meter].requests += 1
            yield sample

    def _told(self, message: Message) -> Iterator[Sample]:
        self._wait = SHORTEST_WAIT  # the broker works
        known = False
        for one in self._subjects:
            known = known or message.topic in one.topics
            try:
                if one.availability is not None and message.topic == one.availability.topic:
                    self._changed(one, word(message.payload, one.availability.path))
                if message.topic in one.places:
                    yield from self._said(one, message)
            except BadAnswer as error:
                self._statistics[one.meter].failed(error)
        if not known:
            self.errors["unknown_topic"] += 1

    def _changed(self, one: Subject, state: str) -> None:
        assert one.availability is not None
        if state == one.availability.online:
            self._offline.discard(one.meter)
        elif state != one.availability.offline:
            self._statistics[one.meter].doubted("unknown_state")
        elif one.meter not in self._offline:
            self._offline.add(one.meter)
            self._statistics[one.meter].failed(NoAnswer(f"{one.meter}: the broker says that it is offline"))

    def _said(self, one: Subject, message: Message) -> Iterator[Sample]:
        """The values of a live message; what the broker kept may be days old, and a device that is off says nothing."""
        statistics = self._statistics[one.meter]
        if message.retained:
            statistics.doubted("retained")
            return
        if one.meter in self._offline:
            statistics.doubted("offline")
            return
        places = one.places[message.topic]
        heard = {places[path]: value for path, value in numbers(message.payload, tuple(places))}
        if None in heard.values():
            statistics.doubted("no_number")
        if heard:
            yield from self._finished(self._gathered[one.meter].add(heard, message.boot_ns))
