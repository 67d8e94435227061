"""Owns one line: the only thread that speaks on it, one request at a time (EIA-485 has one master).

A meter that is silent is only probed, at growing intervals, and costs its neighbours nothing more.
A line that is gone (adapter unplugged, gateway down) is looked for again every few seconds.
"""

from __future__ import annotations

import logging
import threading
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from collector.config.settings import LineSettings
from collector.errors import DeviceError, LineError, PhaselogError
from collector.model.ports import Schedule, Source, Ticker
from collector.model.reading import Sample

log = logging.getLogger(__name__)

#: The loop turns at least this often (s): the watchdog looks at it.
SLICE = 1.0
#: A missing line is looked for again after 1, 2, 4 and then every 5 s.
LONGEST_LINE_WAIT = 5.0


@dataclass(slots=True)
class Account:
    """What happened to one meter (or line) since start; written by the owner thread, read by the status."""

    readings: int = 0
    state: str = "starting"
    last_error: str | None = None
    hint: str | None = None  #: what to do about it

    def failed(self, error: DeviceError, state: str) -> None:
        """Keeps the words of an error."""
        self.last_error = str(error)
        self.hint = error.hint or None
        self.state = state


class LineOwner(threading.Thread):
    """Runs the meters of one line by their schedule and hands every sample to `deliver`."""

    def __init__(
        self,
        line: LineSettings,
        sources: Mapping[str, Source],
        schedule: Schedule,
        ticker: Ticker,
        deliver: Callable[[Sample], None],
    ) -> None:
        super().__init__(name=f"line-{line.name}", daemon=True)
        self.line = line
        self.sources = sources
        self.schedule = schedule
        self.account = Account()
        #: What went wrong with the line itself, by kind; what went wrong with a meter is in its source's statistics.
        self.errors: Counter[str] = Counter()
        self.accounts = {meter: Account() for meter in sources}
        self._ticker = ticker
        self._deliver = deliver
        self._stop_wanted = threading.Event()
        self._line_failures = 0
        self._line_not_before = 0.0
        #: Meters whose last attempt broke a line that had worked until then.
        self._breakers: set[str] = set()
        self._keeps = True
        #: Monotonic time of the last turn of the loop; the watchdog's evidence.
        self.heartbeat = ticker.monotonic()
        #: Seconds in which the owner was busy with the wire since start.
        self.busy = 0.0

    def stop(self) -> None:
        """Asks the thread to end after the request in flight."""
        self._stop_wanted.set()

    def run(self) -> None:
        """Turns until stopped; a defect in one attempt is logged and counted, never the end of the line."""
        while not self._stop_wanted.is_set():
            self.heartbeat = self._ticker.monotonic()
            try:
                self.turn()
            except Exception:
                log.exception("line %s: an attempt failed for a reason that is a defect of Phaselog", self.line.name)
                self.errors["internal"] += 1
                self._stop_wanted.wait(SLICE)
        for source in self.sources.values():
            source.close()

    def turn(self) -> None:
        """Waits for at most one slice, or makes one attempt."""
        now = self._ticker.monotonic()
        due = max(self.schedule.next_due(), self._line_not_before)
        if due > now:
            self._stop_wanted.wait(min(SLICE, due - now))
            return
        taken = self.schedule.take(now)
        if taken is not None:
            self._attempt(*taken)
            self.busy += self._ticker.monotonic() - now

    def _attempt(self, meter: str, blocks: frozenset[str]) -> None:
        source, account = self.sources[meter], self.accounts[meter]
        try:
            if self.schedule.probing(meter):
                source.probe()
                self.heartbeat = self._ticker.monotonic()
            sample = source.read(blocks)
        except LineError as error:
            self._line_failed(meter, error)
            return
        except DeviceError as error:
            self._line_works()  # it carried the question; that nobody answered is the meter's affair
            account.failed(error, "silent")
            self.schedule.done(meter, self._ticker.monotonic(), alive=False)
            return
        self._line_works()
        self._breakers.discard(meter)
        self.schedule.done(meter, self._ticker.monotonic(), alive=True)
        account.state = "failing" if sample.failed else "ok"
        if not sample.failed:
            account.last_error = None
        if len(sample.failed) < len(sample.values):
            account.readings += 1
            self._hand_over(sample)

    def _hand_over(self, sample: Sample) -> None:
        try:
            self._deliver(sample)
        except PhaselogError as error:
            if self._keeps:  # said once: the spool goes on saying it as long as it lasts
                log.error("line %s: a reading of %s could not be kept: %s", self.line.name, sample.meter, error)
            self.errors["not_kept"] += 1
            self._keeps = False
        else:
            self._keeps = True

    def _line_failed(self, meter: str, error: LineError) -> None:
        """The meter is not to blame: it keeps its slots, the line is tried again soon.

        Unless the line works for the others and breaks each time at this one: some gateways close the connection when
        a meter does not answer. Then that meter is silent, and its neighbours need not wait.
        """
        self.errors[error.kind] += 1
        self.accounts[meter].failed(error, "silent")
        if self._line_failures == 0:
            if meter in self._breakers:
                self.schedule.done(meter, self._ticker.monotonic(), alive=False)
                return
            self._breakers.add(meter)
            log.warning("line %s: %s%s", self.line.name, error, f" ({error.hint})" if error.hint else "")
        self.account.failed(error, "closed")
        wait = min(LONGEST_LINE_WAIT, 2.0 ** min(self._line_failures, 10))
        self._line_failures += 1
        self._line_not_before = self._ticker.monotonic() + wait

    def _line_works(self) -> None:
        if self._line_failures:
            log.info("line %s: works again", self.line.name)
        self._line_failures = 0
        self.account.state = "open"
        self.account.last_error = self.account.hint = None


def describe(line: LineSettings) -> str:
    """What the line is, for people: `/dev/meter-rs485 19200 8N2` or `10.0.0.7:502 tcp`."""
    if line.serial:
        return f"{line.port} {line.baud} {line.frame}"
    return f"{line.host}:{line.tcp_port} {line.framing}"
