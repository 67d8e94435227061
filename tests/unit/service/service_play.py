"""Plays a store that can be down, and a machine whose time of day is learnt late."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from collector.errors import StoreDown
from collector.model.event import Event
from collector.model.reading import Flag, Reading

START = 1_790_000_000_000  # UTC ms, 2026


class PlayStore:
    """Keeps rows in memory by the contract of model.ports.StoreWriter."""

    def __init__(self) -> None:
        self.rows: dict[tuple[str, int], Reading] = {}
        self.order: list[tuple[str, int]] = []
        self.events: list[Event] = []
        self.shifts: dict[str, int] = {}
        self.moved: dict[str, int] = {}
        self.down = False
        self.commits = 0
        self.opened = 0

    def open(self) -> PlayStore:
        self.opened += 1
        self._answer()
        return self

    def _answer(self) -> None:
        if self.down:
            raise StoreDown("the store is down", "start it")

    def commit(self, readings: Sequence[Reading], *, catching_up: bool = False) -> int:
        self._answer()
        self.commits += 1
        new = 0
        for reading in readings:
            assert reading.boot is None
            key = (reading.meter, reading.time)
            if key not in self.rows:
                self.rows[key] = reading
                self.order.append(key)
                new += 1
        return new

    def roll_up(self, limit: int = 500) -> int:
        self._answer()
        return 0

    def counters(self) -> Mapping[tuple[str, str], tuple[int, float]]:
        return {}

    def last_time(self) -> int | None:
        return max((time for _, time in self.rows), default=None)

    def add_event(self, event: Event) -> None:
        self._answer()
        self.events.append(event)

    def remember_boot(self, boot: str, shift_ms: int) -> int:
        self._answer()
        return self.shifts.setdefault(boot, shift_ms)

    def correct_boot(self, boot: str, shift_ms: int, limit: int = 5000) -> int:
        self._answer()
        if boot not in self.shifts or boot in self.moved:
            return 0
        self.moved[boot] = shift_ms
        old = self.shifts[boot]
        for key, reading in list(self.rows.items()):
            if reading.flags & Flag.TIME_ESTIMATED:
                del self.rows[key]
                time = reading.time - old + shift_ms
                while (reading.meter, time) in self.rows:
                    time += 1
                self.rows[reading.meter, time] = Reading(
                    reading.meter, time, reading.values, reading.flags & ~Flag.TIME_ESTIMATED
                )
        return 0

    def close(self) -> None:
        pass


class PlayTicker:
    """Two clocks that move only when told."""

    def __init__(self) -> None:
        self.now = 1000.0

    def monotonic(self) -> float:
        return self.now

    def boot_ns(self) -> int:
        return int(self.now * 1e9)

    def sleep(self, seconds: float) -> None:
        self.now += seconds
