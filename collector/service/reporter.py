"""Writes what the collector knows of itself to the runtime directory, for the page and for doctor."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from collector import __version__
from collector.config.settings import Settings
from collector.model.ports import Ticker
from collector.model.status import STATUS_FILE, CollectorStatus, LineStatus, MeterStatus
from collector.pipeline.clock import SiteClock
from collector.pipeline.spool import Spool
from collector.service.keeper import Keeper
from collector.service.writer import Writer
from collector.sources.owner import Owner, describe

#: Line utilisation is the share of this many seconds.
WINDOW = 60.0


@dataclass(slots=True)
class _Busy:
    """(monotonic, busy seconds so far) of the last minute of one line."""

    marks: deque[tuple[float, float]] = field(default_factory=deque)

    def utilisation(self, now: float, busy: float) -> float:
        self.marks.append((now, busy))
        while len(self.marks) > 2 and now - self.marks[0][0] > WINDOW:
            self.marks.popleft()
        since, before = self.marks[0]
        return round(min(1.0, (busy - before) / (now - since)), 4) if now > since else 0.0


class Reporter:
    """Collects the status of all parts and writes it atomically."""

    def __init__(
        self,
        settings: Settings,
        runtime: Path,
        ticker: Ticker,
        clock: SiteClock,
        spool: Spool,
        writer: Writer,
        keeper: Keeper,
        owners: Sequence[Owner],
    ) -> None:
        self._settings = settings
        self._path = runtime / STATUS_FILE
        self._ticker = ticker
        self._clock = clock
        self._spool = spool
        self._writer = writer
        self._keeper = keeper
        self._owners = owners
        self._busy = {owner.line.name: _Busy() for owner in owners}
        self._began = ticker.boot_ns()

    def _now(self) -> int:
        return self._clock.stamp(self._ticker.boot_ns())[0]

    def status(self) -> CollectorStatus:
        """Everything as it is now."""
        now = self._ticker.monotonic()
        return CollectorStatus(
            time=self._now(),
            # Anew each time: at the start nobody may have known the time.
            started=self._clock.stamp(self._began)[0],
            version=__version__,
            pid=os.getpid(),
            site=self._settings.site.name,
            meters=tuple(self._meter(owner, name, now) for owner in self._owners for name in owner.accounts),
            lines=tuple(self._line(owner, now) for owner in self._owners),
            spool=self._spool.status(),
            writer=self._writer.status,
            clock=self._clock.status(),
            refused=dict(self._keeper.refused),
        )

    def _meter(self, owner: Owner, name: str, now: float) -> MeterStatus:
        settings = next(meter for meter in self._settings.meters if meter.name == name)
        account = owner.accounts[name]
        statistics = owner.statistics(name)
        return MeterStatus(
            name=name,
            line=owner.line.name,
            model=settings.model,
            every=settings.every,
            state=account.state,
            last_reading=self._keeper.last.get(name),
            last_error=account.last_error,
            next_try=owner.next_try(name, now),
            readings=account.readings,
            missed=owner.missed(name),
            errors=dict(statistics.errors),
            response_ms=statistics.response_ms(),
        )

    def _line(self, owner: Owner, now: float) -> LineStatus:
        errors = dict(owner.errors)
        told = [owner.statistics(meter) for meter in owner.accounts]
        for statistics in told:
            # A copy: its line counts on while this is summed up.
            for kind, count in dict(statistics.errors).items():
                errors[kind] = errors.get(kind, 0) + count
        return LineStatus(
            name=owner.line.name,
            target=describe(owner.line),
            open=owner.account.state == "open",
            utilisation=self._busy[owner.line.name].utilisation(now, owner.busy),
            requests=sum(statistics.requests for statistics in told),
            errors=errors,
            last_error=owner.account.last_error,
            hint=owner.account.hint,
            alive=owner.is_alive(),
        )

    def write(self) -> None:
        """Replaces the status file in one step; a full disk is no reason to stop."""
        part = self._path.with_suffix(".part")
        try:
            part.write_text(self.status().to_json(), encoding="utf-8")
            part.replace(self._path)
        except OSError:
            return

    def forget(self) -> None:
        """Removes the file: nothing runs any more."""
        self._path.unlink(missing_ok=True)
