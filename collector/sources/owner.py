"""Says what every line's owner thread has in common: it turns until it is stopped, hands samples on, keeps account."""

from __future__ import annotations

import logging
import threading
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from collector.config.settings import LineSettings
from collector.errors import DeviceError, LineError, PhaselogError
from collector.model.ports import Statistics, Ticker
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


class Owner(threading.Thread, ABC):
    """The only thread that uses one line; hands every sample to `deliver`."""

    def __init__(
        self, line: LineSettings, meters: Iterable[str], ticker: Ticker, deliver: Callable[[Sample], None]
    ) -> None:
        super().__init__(name=f"line-{line.name}", daemon=True)
        self.line = line
        self.account = Account()
        #: What went wrong with the line itself, by kind; what went wrong with a meter is in its statistics.
        self.errors: Counter[str] = Counter()
        self.accounts = {meter: Account() for meter in meters}
        self._ticker = ticker
        self._deliver = deliver
        self._stop_wanted = threading.Event()
        self._line_failures = 0
        self._line_not_before = 0.0
        self._keeps = True
        #: Monotonic time of the last sign of life; the watchdog's evidence.
        self.heartbeat = ticker.monotonic()
        #: Seconds in which the owner was busy with the wire since start.
        self.busy = 0.0

    @abstractmethod
    def turn(self) -> None:
        """Waits for at most one slice, or does one piece of work."""

    @abstractmethod
    def statistics(self, meter: str) -> Statistics:
        """What happened between us and this meter since start."""

    @abstractmethod
    def missed(self, meter: str) -> int:
        """Readings of this meter that should have been and were not, since start."""

    @abstractmethod
    def next_try(self, meter: str, now: float) -> float | None:
        """Seconds until a silent meter is probed again; None while it is alive, or never asked."""

    @abstractmethod
    def let_go(self) -> None:
        """Closes what was opened."""

    def stop(self) -> None:
        """Asks the thread to end after the work in hand."""
        self._stop_wanted.set()

    def alive(self) -> None:
        """Tells the watchdog that a long piece of work goes on."""
        self.heartbeat = self._ticker.monotonic()

    def run(self) -> None:
        """Turns until stopped; a defect in one attempt is logged and counted, never the end of the line."""
        while not self._stop_wanted.is_set():
            self.alive()
            try:
                self.turn()
            except Exception:
                log.exception("line %s: an attempt failed for a reason that is a defect of Phaselog", self.line.name)
                self.errors["internal"] += 1
                self._stop_wanted.wait(SLICE)
        self.let_go()

    def hand_over(self, sample: Sample) -> None:
        """Gives a sample to whoever keeps it; that it cannot be kept is said once."""
        try:
            self._deliver(sample)
        except PhaselogError as error:
            if self._keeps:  # said once: the spool goes on saying it as long as it lasts
                log.error("line %s: a reading of %s could not be kept: %s", self.line.name, sample.meter, error)
            self.errors["not_kept"] += 1
            self._keeps = False
        else:
            self._keeps = True

    def line_broke(self, error: LineError) -> None:
        """The line is gone: it is looked for again, after a while that grows."""
        if self._line_failures == 0:
            log.warning("line %s: %s%s", self.line.name, error, f" ({error.hint})" if error.hint else "")
        self.account.failed(error, "closed")
        wait = min(LONGEST_LINE_WAIT, 2.0 ** min(self._line_failures, 10))
        self._line_failures += 1
        self._line_not_before = self._ticker.monotonic() + wait

    def line_works(self) -> None:
        """The line carried something."""
        if self._line_failures:
            log.info("line %s: works again", self.line.name)
        self._line_failures = 0
        self.account.state = "open"
        self.account.last_error = self.account.hint = None


def describe(line: LineSettings) -> str:
    """What the line is, for people: `/dev/meter-rs485 19200 8N2`, `10.0.0.7:502 tcp`, `mqtt 10.0.0.7`."""
    if line.port:
        return f"{line.port} {line.baud} {line.frame}"
    if line.udp_port:
        return f"udp {line.udp_port}"
    if line.mqtt:
        return f"mqtt {line.mqtt}"
    if line.gpio:
        return line.gpio
    if line.camera:
        return f"camera {line.camera.rpartition('@')[2]}"
    return f"{line.host}:{line.tcp_port}" + (f" {line.framing}" if line.protocol == "modbus" else "")
