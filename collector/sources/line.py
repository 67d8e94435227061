"""Owns a line of meters that are asked: the only thread that speaks on it, one request at a time (EIA-485).

A meter that is silent is only probed, at growing intervals, and costs its neighbours nothing more.
A line that is gone (adapter unplugged, gateway down) is looked for again every few seconds.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from collector.config.settings import LineSettings
from collector.errors import DeviceError, LineError
from collector.model.ports import Schedule, Source, Statistics, Ticker
from collector.model.reading import Sample
from collector.sources.owner import SLICE, Owner


class LineOwner(Owner):
    """Runs the meters of one line by their schedule."""

    def __init__(
        self,
        line: LineSettings,
        sources: Mapping[str, Source],
        schedule: Schedule,
        ticker: Ticker,
        deliver: Callable[[Sample], None],
    ) -> None:
        super().__init__(line, sources, ticker, deliver)
        self.sources = sources
        self.schedule = schedule
        #: Meters whose last attempt broke a line that had worked until then.
        self._breakers: set[str] = set()

    def statistics(self, meter: str) -> Statistics:
        """See Owner."""
        return self.sources[meter].statistics

    def missed(self, meter: str) -> int:
        """See Owner: slots that could not be kept."""
        return self.schedule.missed(meter)

    def next_try(self, meter: str, now: float) -> float | None:
        """See Owner."""
        return self.schedule.next_try(meter, now)

    def let_go(self) -> None:
        """See Owner."""
        for source in self.sources.values():
            source.close()

    def turn(self) -> None:
        """See Owner: makes at most one attempt."""
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
                self.alive()
            sample = source.read(blocks)
        except LineError as error:
            self._line_failed(meter, error)
            return
        except DeviceError as error:
            self.line_works()  # it carried the question; that nobody answered is the meter's affair
            account.failed(error, "silent")
            self.schedule.done(meter, self._ticker.monotonic(), alive=False)
            return
        self.line_works()
        self._breakers.discard(meter)
        self.schedule.done(meter, self._ticker.monotonic(), alive=True)
        account.state = "failing" if sample.failed else "ok"
        account.last_error = sample.trouble or (account.last_error if sample.failed else None)
        for earlier in sample.earlier:
            self.hand_over(earlier)
        if len(sample.failed) < len(sample.values):
            account.readings += 1
            self.hand_over(sample)
        elif sample.news:
            self.hand_over(sample)

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
        self.line_broke(error)
