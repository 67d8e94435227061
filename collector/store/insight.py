"""Keeps what is computed from stored series, and which days wait for which calculation."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from collector.errors import SchemaOutdated
from collector.model.event import Event
from collector.model.insight import Computed, Due, MarketPrice, PriceList, Replacement, ResultRow
from collector.model.series import Latest, Resolution, Series
from collector.store.buckets import DAY
from collector.store.database import Database
from collector.store.reader import Reader
from collector.store.result_tables import RESULT_TABLES

_DAY_MS = DAY.width


class Insights:
    """Implements `InsightStore`: reads like the page, writes to the result tables; used by one thread."""

    def __init__(self, database: Database, reader: Reader) -> None:
        self._database = database
        self._reader = reader

    def series(self, meter: str, quantities: Sequence[str], start: int, end: int, resolution: Resolution) -> Series:
        """Values of [start, end) (UTC ms)."""
        return self._reader.series(meter, quantities, start, end, resolution)

    def latest(self) -> Sequence[Latest]:
        """The newest stored value of every quantity of every meter."""
        return self._reader.latest()

    def known_at(self, meter: str, quantities: Sequence[str], time: int, *, later: bool) -> int | None:
        """The nearest quarter before this moment, or at or after it, that has a value."""
        return self._reader.known_at(meter, quantities, time, later=later)

    def results(self, table: str, meter: str, start: int, end: int) -> Sequence[ResultRow]:
        """Rows of a result table."""
        return self._reader.results(table, meter, start, end)

    def prices(self, source: str, start: int, end: int) -> Sequence[MarketPrice]:
        """What is known of a source's prices."""
        return self._reader.prices(source, start, end)

    def price_list(self, source: str) -> PriceList | None:
        """How it stands with a source of prices."""
        return self._reader.price_list(source)

    def enroll(self, name: str, follows: str | None, fingerprint: str) -> bool:
        """Makes a calculation known; whether it is new or other than it was."""
        sql = "SELECT follows, fingerprint FROM insight_calculation WHERE name = ?"
        if [tuple(row) for row in self._database.select(sql, (name,))] == [(follows, fingerprint)]:
            return False
        self._database.transaction(lambda: self._enroll(name, follows, fingerprint))
        return True

    def _enroll(self, name: str, follows: str | None, fingerprint: str) -> None:
        database = self._database
        sql = database.upsert("insight_calculation", ("name", "follows", "fingerprint"), ("name",))
        database.execute(sql, (name, follows, fingerprint))
        self._mark_all(name)

    def _mark_all(self, name: str) -> None:
        """Both ends of each stored day: where the site's zone changed they lie in two days of today's counting."""
        sql = (
            f"SELECT meter_id, {self._database.ms('time')} FROM reading_1d UNION"
            f" SELECT meter_id, {self._database.ms('time')} FROM rollup_due WHERE level = ?"
        )
        for meter_id, start in self._database.select(sql, (DAY.number,)):
            for moment in (start, start + _DAY_MS - 1):
                self._mark(name, meter_id, moment)

    def _mark(self, calculation: str, meter_id: int, time: int) -> None:
        sql = self._database.mark_due("name = ?")
        self._database.execute(sql, (meter_id, self._database.moment(time), calculation))

    def due(self, calculation: str, limit: int) -> Sequence[Due]:
        """The newest days that wait for a calculation."""
        sql = (
            f"SELECT name, {self._database.ms('time')}, version FROM insight_due"
            " JOIN meter ON meter.id = insight_due.meter_id WHERE calculation = ?"
            f" ORDER BY time DESC, meter_id LIMIT {int(limit)}"
        )
        return [Due(name, time, version) for name, time, version in self._database.select(sql, (calculation,))]

    def save(self, computed: Sequence[Computed]) -> None:
        """Stores results and takes the days that they are of off the list."""

        def work() -> None:
            meters = {str(name): int(number) for number, name in self._database.select("SELECT id, name FROM meter")}
            for each in computed:
                self._save(meters, each)

        self._database.transaction(work)

    def _save(self, meters: Mapping[str, int], computed: Computed) -> None:
        database = self._database
        following = database.mark_due("follows = ?")
        for result in computed.results:
            meter_id = meters.get(result.meter)
            if meter_id is None:
                if not result.rows:
                    continue
                raise SchemaOutdated(f"meter {result.meter} is not in the database", "phaselog db migrate")
            for time in sorted(self._replace(meter_id, result)):
                database.execute(following, (meter_id, database.moment(time), computed.calculation))
        sql = "DELETE FROM insight_due WHERE calculation = ? AND meter_id = ? AND time = ? AND version = ?"
        for due in computed.done:
            database.execute(sql, (computed.calculation, meters[due.meter], database.moment(due.time), due.version))

    def _replace(self, meter_id: int, result: Replacement) -> set[int]:
        """The times whose rows are others now; those that are as they were are left alone: it spares the card."""
        database, table = self._database, RESULT_TABLES[result.table]
        there = _by_time(self._reader.results(result.table, result.meter, result.start, result.end))
        wanted = _by_time([{name: row.get(name) for name in table.columns} for row in result.rows])
        order = ("time", *table.key)
        changed = {
            time
            for time in there.keys() | wanted.keys()
            if _sorted(there.get(time, ()), order) != _sorted(wanted.get(time, ()), order)
        }
        sql = database.upsert(table.name, ("meter_id", *table.columns), ("meter_id", *order))
        for time in changed:
            database.execute(
                f"DELETE FROM {table.name} WHERE meter_id = ? AND time = ?", (meter_id, database.moment(time))
            )
            if rows := wanted.get(time):
                database.bulk(sql, [[meter_id, *table.written(database, row)] for row in rows])
        return changed

    def mark(self, calculation: str, meters: Sequence[str], times: Sequence[int]) -> None:
        """The days that hold these moments are due."""
        known = {name: number for number, name in self._database.select("SELECT id, name FROM meter")}

        def work() -> None:
            for meter in meters:
                for time in times:
                    if meter in known:
                        self._mark(calculation, known[meter], time)

        self._database.transaction(work)

    def keep_prices(self, source: str, prices: Sequence[MarketPrice]) -> Sequence[MarketPrice]:
        """Adds prices, or corrects them; returns those that are news."""
        if not prices:
            return []
        database = self._database
        start, end = min(price.start for price in prices), max(price.end for price in prices)
        known = set(self.prices(source, start, end))
        news = [price for price in prices if price not in known]
        sql = database.upsert("market_price", ("source", "time", "until", "price"), ("source", "time"))
        moment = database.moment
        rows = [(source, moment(each.start), moment(each.end), format(each.price, "f")) for each in news]
        if rows:
            database.transaction(lambda: database.bulk(sql, rows))
        return news

    def note_prices(self, now: PriceList, event: Event | None) -> None:
        """Writes down how it stands with a source of prices, and the event that this is."""
        database = self._database
        names = ("source", "asked", "fetched", "failing", "problem")
        times = [None if at is None else database.moment(at) for at in (now.asked, now.fetched, now.failing)]

        def work() -> None:
            database.execute(database.upsert("price_list", names, ("source",)), (now.source, *times, now.problem))
            if event is not None:
                values = (database.moment(event.time), event.kind, event.meter or "", event.message)
                database.execute("INSERT INTO event (time, kind, meter, message) VALUES (?, ?, ?, ?)", values)

        database.transaction(work)

    def close(self) -> None:
        """Closes the connections."""
        self._reader.close()
        self._database.close()


def _by_time(rows: Iterable[ResultRow]) -> dict[int, list[ResultRow]]:
    found: dict[int, list[ResultRow]] = {}
    for row in rows:
        found.setdefault(int(str(row["time"])), []).append(row)
    return found


def _sorted(rows: Iterable[ResultRow], key: Sequence[str]) -> list[ResultRow]:
    return sorted(rows, key=lambda row: [str(row[name]) for name in key])
