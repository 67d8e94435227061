"""Owns a line of meters that speak by themselves: hears everything, records each meter at its own pace."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from collector.config.settings import LineSettings
from collector.errors import LineError, NoAnswer
from collector.model.ports import Listener, Statistics, Ticker
from collector.model.reading import Sample
from collector.sources.owner import SLICE, Owner

#: A meter that said nothing for so many of its periods, and at least so many s, is silent.
SILENT_PERIODS, SILENT_SECONDS = 3.0, 30.0


class LineListener(Owner):
    """Hears one line. `every`: meter -> s between two readings that are recorded."""

    def __init__(
        self,
        line: LineSettings,
        listener: Listener,
        every: Mapping[str, float],
        ticker: Ticker,
        deliver: Callable[[Sample], None],
    ) -> None:
        super().__init__(line, every, ticker, deliver)
        self._listener = listener
        self.errors = listener.errors
        self._every = dict(every)
        self._paces: dict[str, dict[str, Pace]] = {meter: {} for meter in every}
        now = ticker.monotonic()
        self._heard = dict.fromkeys(every, now)

    def statistics(self, meter: str) -> Statistics:
        """See Owner."""
        return self._listener.statistics[meter]

    def missed(self, meter: str) -> int:
        """See Owner: nobody is asked here, so no slot can be missed."""
        return 0

    def next_try(self, meter: str, now: float) -> float | None:
        """See Owner: nobody is asked here."""
        return None

    def let_go(self) -> None:
        """See Owner."""
        self._listener.close()

    def turn(self) -> None:
        """See Owner: listens for at most one slice."""
        now = self._ticker.monotonic()
        if self._line_not_before > now:
            self._stop_wanted.wait(min(SLICE, self._line_not_before - now))
            return
        try:
            samples = self._listener.listen(SLICE)
        except LineError as error:
            self.errors[error.kind] += 1
            self.line_broke(error)
            return
        self.line_works()
        for sample in samples:
            self._take(sample)
        self._look_for_silence()

    def _take(self, sample: Sample) -> None:
        account = self.accounts[sample.meter]
        self._heard[sample.meter] = self._ticker.monotonic()
        account.state, account.last_error, account.hint = "ok", None, None
        paces, time = self._paces[sample.meter], sample.boot_ns / 1e9
        values = {
            name: value
            for name, value in sample.values.items()
            if paces.setdefault(name, Pace(self._every[sample.meter])).due(time)
        }
        if values:
            account.readings += 1
            self.hand_over(replace(sample, values=values))

    def _look_for_silence(self) -> None:
        now = self._ticker.monotonic()
        for meter, period in self._every.items():
            silence = now - self._heard[meter]
            if silence > max(SILENT_SECONDS, SILENT_PERIODS * period):
                hint = "is it on, and does it speak here? `phaselog record` shows what comes on the line"
                self.accounts[meter].failed(NoAnswer(f"{meter}: nothing heard for {silence:.0f} s", hint), "silent")


class Pace:
    """Chooses what is recorded of a meter that speaks more often than it is wanted; never two of one period."""

    def __init__(self, every: float) -> None:
        self.every = every
        self._next: float | None = None

    def due(self, time: float) -> bool:
        """True when what came at this time (s) is to be recorded; a quarter of a period early is in time."""
        if self._next is None:
            self._next = time + self.every
            return True
        if time < self._next - self.every / 4:
            return False
        if time >= self._next + self.every:
            self._next = time
        self._next += self.every
        return True
