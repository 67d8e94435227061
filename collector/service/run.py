"""Runs the collector until SIGTERM: lines, writer, and the main loop that watches them."""

from __future__ import annotations

import logging
import signal
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from types import FrameType

from collector.config.places import runtime_directory, state_directory
from collector.config.settings import Settings
from collector.errors import PhaselogError
from collector.model.ports import StoreWriter, Ticker
from collector.model.reading import Reading
from collector.pipeline.clock import SiteClock
from collector.pipeline.spool import Spool
from collector.service.keeper import Keeper
from collector.service.lines import owners
from collector.service.maintain import maintain, make_room, rollovers_of
from collector.service.notify import notify
from collector.service.reporter import Reporter
from collector.service.writer import Writer
from collector.sources.factory import Places
from collector.sources.learned import Learned
from collector.sources.ticker import SystemTicker
from collector.store.factory import open_writer

log = logging.getLogger(__name__)

#: The main loop turns this often, s.
TURN = 1.0
#: Every part must have turned within this time (s), or the watchdog is not fed (WatchdogSec=60).
ALIVE_WITHIN = 45.0
WATCHDOG_EVERY = 10.0
CLOCK_EVERY = 10.0
#: Retention of the embedded store: soon after the start, for a logger that is switched off every night, then daily.
FIRST_RETENTION, RETENTION_EVERY = 600.0, 86400.0
FIRST_ANSWER = 2.0
#: A line gets so long to end its request, s.
LAST_REQUEST = 10.0


@dataclass(slots=True)
class _Every:
    """True once per period when asked in a loop."""

    period: float
    due: float = 0.0

    def now(self, now: float) -> bool:
        if now < self.due:
            return False
        self.due = now + self.period
        return True


class Service:
    """All parts of the running collector and their life."""

    def __init__(self, settings: Settings, ticker: Ticker) -> None:
        self._settings = settings
        self._ticker = ticker
        runtime, state = runtime_directory(settings.path), state_directory(settings.path)
        self._spool = Spool(runtime, state, settings.spool)
        self._clock = SiteClock(settings.clock, state, ticker)
        self._writer = Writer(
            self._spool,
            self._open_store,
            self._clock,
            ticker,
            settings.store.commit_every,
            self._on_store,
            self._make_room,
        )
        self._keeper = Keeper(settings.meters, self._clock, self._spool, self._writer.add_event)
        self._owners = owners(settings, ticker, Learned(state), Places(state, runtime), self._keeper.deliver)
        self._reporter = Reporter(
            settings, runtime, ticker, self._clock, self._spool, self._writer, self._keeper, self._owners
        )
        self._stop = threading.Event()

    def _open_store(self) -> StoreWriter:
        if self._settings.store.kind == "sqlite":
            # The embedded store has no maintainer of its own: the file belongs to this process. Each time, because it
            # may not have been there, or not writable, when the service started.
            maintain(self._settings, retain=False)
        return open_writer(self._settings.store, self._settings.site, rollovers_of(self._settings))

    def _make_room(self, readings: Sequence[Reading]) -> bool:
        if self._settings.store.kind != "sqlite":
            return False  # only `phaselog db migrate` has the rights
        make_room(self._settings, readings)
        return True

    def _on_store(self, store: StoreWriter) -> None:
        self._keeper.restore(store.counters())

    def stop(self, *_: object) -> None:
        """Ends the main loop."""
        self._stop.set()

    def run(self) -> None:
        """Starts everything, watches it, ends it in order."""
        self._watch_clock()
        self._writer.start()
        # The last stored counters should be known before the first reading, so that a reset during a stop is seen;
        # but a store that is down must not keep the meters waiting.
        self._writer.asked.wait(FIRST_ANSWER)
        for owner in self._owners:
            owner.start()
        self._say_hello()
        notify("READY=1")
        try:
            self._loop()
        finally:
            notify("STOPPING=1")
            self._end()

    def _say_hello(self) -> None:
        for warning in self._settings.warnings:
            log.warning("%s", warning)
        if not self._owners:
            log.warning("no meter is configured in %s: nothing is read until one is", self._settings.path)
        else:
            log.info("reading %d meters on %d lines", len(self._settings.meters), len(self._owners))

    def _loop(self) -> None:
        clock, feed = _Every(CLOCK_EVERY), _Every(WATCHDOG_EVERY)
        retention = _Every(RETENTION_EVERY, self._ticker.monotonic() + FIRST_RETENTION)
        while not self._stop.wait(TURN):
            now = self._ticker.monotonic()
            if feed.now(now) and self._alive(now):
                notify("WATCHDOG=1")
            if retention.now(now) and self._settings.store.kind == "sqlite":
                # A thread of its own: removing a month takes minutes on a card, and somebody must feed the watchdog.
                threading.Thread(target=self._retain, name="retention", daemon=True).start()
            try:
                if clock.now(now):
                    self._watch_clock()
                self._reporter.write()
            except Exception:
                log.exception("a look at the clock or the status failed for a reason that is a defect of Phaselog")

    def _watch_clock(self) -> None:
        for event in self._clock.poll():
            log.info("%s", event.message)
            self._writer.add_event(event)

    def _alive(self, now: float) -> bool:
        """Every line and the writer turned lately; who did not is named, so that the restart can be understood."""
        turned = {part.name: part.heartbeat for part in self._owners} | {self._writer.name: self._writer.heartbeat}
        late = [name for name, heartbeat in turned.items() if now - heartbeat > ALIVE_WITHIN]
        for name in late:
            log.error("%s has not turned for %.0f s: the watchdog is not fed", name, ALIVE_WITHIN)
        return not late

    def _end(self) -> None:
        for owner in self._owners:
            owner.stop()
        until = self._ticker.monotonic() + LAST_REQUEST
        for owner in self._owners:
            owner.join(timeout=max(0.0, until - self._ticker.monotonic()))
        self._writer.stop()
        self._writer.finish()
        self._spool.close()
        self._reporter.forget()

    def _retain(self) -> None:
        try:
            for line in maintain(self._settings):
                log.info("%s", line)
        except PhaselogError as error:
            log.error("retention: %s%s", error, f" ({error.hint})" if error.hint else "")


def run(settings: Settings) -> int:
    """Runs the collector until SIGTERM or SIGINT; 0 after an orderly end. Raises UsageError when one runs already."""
    service = Service(settings, SystemTicker())

    def on_signal(number: int, frame: FrameType | None) -> None:
        service.stop()

    signal.signal(signal.SIGTERM, on_signal)
    signal.signal(signal.SIGINT, on_signal)
    service.run()
    return 0
