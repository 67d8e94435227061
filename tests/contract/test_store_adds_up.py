"""Energy and cost add up as if all had come in order, whatever comes late, is exchanged or changes its tariff.

Readings go the whole way: writer, summaries, what is due, energy, bill.
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from stores import Box

from collector.config.settings import MeterSettings, Settings, SiteSettings, StoreSettings
from collector.insight.bill import Bill
from collector.insight.energy import Energy
from collector.model import calendar
from collector.model.calendar import QUARTER
from collector.model.insight import InsightStore, ResultRow
from collector.model.reading import NO_FLAGS, Flag, Reading
from collector.model.tariff import Band, Fixed, Tariff, Tax, Tier, Window
from collector.service import insight
from collector.store.factory import open_insights

pytestmark = pytest.mark.slow

COUNTER, METER, DAY = "active_energy_import", "house", 86_400_000
TABLES = ("energy_day", "cost_day", "bill", "bill_line")
#: The second of three days: 23 hours, 25 hours, a leap day, the end of a month and of a year, a midnight left out.
DAYS = [
    ("Europe/Amsterdam", date(2026, 3, 29)),
    ("Europe/Amsterdam", date(2026, 10, 25)),
    ("America/Cuiaba", date(2024, 2, 29)),
    ("Asia/Kathmandu", date(2026, 4, 30)),
    ("UTC", date(2026, 12, 31)),
    ("America/Sao_Paulo", date(2018, 11, 4)),
]
DUAL = Tariff(
    "dual", date(2000, 1, 1), "EUR",
    (Band("night", Decimal("0.1"), windows=(Window(begin=23 * 60, end=7 * 60),)), Band("day", Decimal("0.3"))),
    tiers=(Tier(Decimal("0.01"), Decimal(2)), Tier(Decimal("0.02"))),
    fixed=(Fixed("rent", Decimal(5)),), taxes=(Tax("VAT", Decimal(21)),),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Story:
    """What a meter counted in three days, in which pieces it came, and by which tariffs after each piece."""

    zone: str
    day: date
    readings: Sequence[Reading]
    pieces: Sequence[Sequence[Reading]]
    tariffs: Sequence[Sequence[Tariff]]

    @property
    def now(self) -> int:
        return calendar.midnight(self.day, ZoneInfo(self.zone)) + 4 * DAY

    @property
    def counted(self) -> float:
        """Wh: what lies between neighbours, but for the one at which another meter hung there."""
        pairs = zip(self.readings, self.readings[1:], strict=False)
        return sum(
            (other.values[COUNTER] or 0) - (one.values[COUNTER] or 0)
            for one, other in pairs
            if Flag.METER_SWAP not in other.flags
        )


@st.composite
def stories(draw: st.DrawFn) -> Story:
    zone, day = draw(st.sampled_from(DAYS))
    start = calendar.midnight(day, ZoneInfo(zone)) - DAY
    quarters = sorted(draw(st.sets(st.integers(0, 3 * 96 - 1), min_size=2, max_size=24)))
    swap = draw(st.one_of(st.none(), st.integers(1, len(quarters) - 1)))
    value, readings = float(draw(st.integers(0, 10**6))), []
    for number, quarter in enumerate(quarters):
        value = 7.0 if number == swap else value + draw(st.integers(0, 3000))
        flags = Flag.METER_SWAP if number == swap else NO_FLAGS
        readings.append(
            Reading(METER, start + quarter * QUARTER + draw(st.integers(0, 800)) * 1000, {COUNTER: value}, flags)
        )
    waiting = draw(st.permutations(readings))
    pieces = []
    while waiting:
        size = draw(st.integers(1, len(waiting)))
        pieces.append(list(waiting[:size]))
        waiting = waiting[size:]
    later = replace(DUAL, name="new", valid_from=draw(st.sampled_from([day, date(2000, 1, 2)])))
    read = replace(DUAL, billing_day=draw(st.integers(2, 28)))
    choices = st.sampled_from([[], [DUAL], [DUAL, later], [replace(DUAL, fixed=())], [read], [read, later]])
    return Story(zone, day, readings, pieces, [draw(choices) for _ in pieces])


class House:
    """A store with one meter, and the job."""

    def __init__(self, folder: str, name: str, story: Story) -> None:
        store, site = StoreSettings(path=Path(folder) / f"{name}.sqlite"), SiteSettings("House", story.zone)
        self._box = Box(store, site)
        self._box.now = self._now = story.now
        self._box.migrate({METER: [COUNTER]}, story.now)
        self.writer = self._box.writer()
        self._settings = Settings(Path("x.toml"), site=site, store=store, meters=(MeterSettings(METER, "m", "l"),))
        self.store: InsightStore = open_insights(store, site)

    def take(self, readings: Sequence[Reading], tariffs: Sequence[Tariff]) -> None:
        """Readings come, and the job runs."""
        self.writer.commit(list(readings))
        self.run(tariffs)

    def run(self, tariffs: Sequence[Tariff]) -> None:
        """The job runs."""
        while self.writer.roll_up(10_000):
            pass
        told = replace(self._settings, tariffs=tuple(tariffs))
        assert insight.Run(told, self.store, float("inf"), lambda: self._now).all() == 0

    def results(self) -> dict[str, list[ResultRow]]:
        return {table: [dict(row) for row in self.store.results(table, METER, 0, 1 << 42)] for table in TABLES}

    def close(self) -> None:
        self.store.close()
        self._box.close()


@pytest.fixture(scope="module", autouse=True)
def only_money():
    """The other calculations have tests of their own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(insight, "calculations", lambda s: (Energy(s.site.zone, s.tariffs), Bill(s.site.zone, s.tariffs)))
        yield


def told(story: Story) -> dict[str, list[ResultRow]]:
    """The results when all came piece by piece, the job between; checked against those when all came at once."""
    with tempfile.TemporaryDirectory() as folder:
        with closing(House(folder, "late", story)) as late:
            for piece, tariffs in zip(story.pieces, story.tariffs, strict=True):
                late.take(piece, tariffs)
            found = late.results()
        with closing(House(folder, "ordered", story)) as ordered:
            ordered.take(story.readings, story.tariffs[-1])
            assert found == ordered.results()
    return found


@settings(max_examples=40, deadline=None)
@given(stories())
def test_late_data_tariffs_and_exchanged_meters_leave_one_bill(story: Story) -> None:
    found = told(story)
    kwh = sum((row["import_kwh"] or 0 for row in found["energy_day"]), Decimal(0))
    assert kwh == pytest.approx(Decimal(story.counted) / 1000, abs=Decimal("0.000001"))
    if story.tariffs[-1]:
        assert sum((bill["import_kwh"] or 0 for bill in found["bill"]), Decimal(0)) == kwh
        for bill in found["bill"]:
            mine = [
                line for line in found["bill_line"] if (line["time"], line["tariff"]) == (bill["time"], bill["tariff"])
            ]
            assert bill["total"] == sum((line["amount"] for line in mine), Decimal(0))
    else:
        assert found["bill"] == found["bill_line"] == found["cost_day"] == []


@settings(max_examples=25, deadline=None)
@given(stories(), st.integers(-3 * 86_400, 86_400), st.integers(1, 9))
def test_a_clock_that_becomes_known_leaves_one_bill(story: Story, wrong: int, limit: int) -> None:
    """The rest of the readings came after a start without a clock, and were stored where it was believed to be."""
    before, rest = story.readings[:1], story.readings[1:]
    begin, tariffs = rest[0].time, story.tariffs[-1]
    with tempfile.TemporaryDirectory() as folder:
        with closing(House(folder, "lost", story)) as lost:
            lost.take(before, tariffs)
            estimate = lost.writer.remember_boot("b", begin + wrong * 1000)
            held = [replace(r, time=estimate + r.time - begin, flags=r.flags | Flag.TIME_ESTIMATED) for r in rest]
            lost.take(held, tariffs)
            while lost.writer.correct_boot("b", begin, limit=limit):
                lost.run(tariffs)
            lost.run(tariffs)
            found = lost.results()
        with closing(House(folder, "ordered", story)) as ordered:
            ordered.take(story.readings, tariffs)
            assert found == ordered.results()
