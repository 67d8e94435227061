"""Makes up a store as retention leaves it after years: one meter at a reading a second, forty at one in 15 minutes.

Series are waves that the database itself writes; a week of them is computed as the job does, and its results are copied
back over the years.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import product
from pathlib import Path

from collector.config.settings import LineSettings, MeterSettings, Settings, SiteSettings, StoreSettings
from collector.model import calendar
from collector.model.account import Role, User
from collector.model.calendar import QUARTER
from collector.model.quantity import QUANTITIES
from collector.model.tariff import Band, Fixed, Tariff, Tax, Window
from collector.service.insight import Run
from collector.service.maintain import columns_of
from collector.store.columns import RAW, rollup_columns
from collector.store.database import Database
from collector.store.factory import open_accounts, open_insights, open_maintainer
from collector.store.mariadb import MariaDatabase
from collector.store.result_tables import RESULT_TABLES
from collector.store.sqlite import SqliteDatabase

SECOND, MINUTE, HOUR, DAY = 1000, 60_000, 3_600_000, 86_400_000
WEEK = 7 * DAY
#: Rows of one statement: a driver waits half a minute for its end.
PIECE = 50_000
HOUSE = "house"
QUANTITIES_OF_HOUSE = (
    "active_power_total",
    *(f"{name}_{phase}" for phase in ("l1", "l2", "l3") for name in ("current", "active_power")),
    *(f"voltage_{phase}_n" for phase in ("l1", "l2", "l3")),
    "frequency",
    "active_energy_import",
    "active_energy_export",
)
QUANTITIES_OF_OTHERS = ("active_power_total", "active_energy_import")
TARIFF = Tariff(
    "dual", date(2020, 1, 1), "BRL",
    (Band("night", Decimal("0.5"), windows=(Window(end=7 * 60),)), Band("day", Decimal("0.9"), Decimal("0.2"))),
    fixed=(Fixed("line", Decimal(30)),), taxes=(Tax("ICMS", Decimal(17)),),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Size:
    """How much there is. `every`: s between two raw readings of the one meter; `others`: days of the forty's results,
    minutes and quarters."""

    years: int = 5
    raw_days: int = 90
    every: int = 1
    minute_days: int = 730
    others: int = 365
    events: int = 20_000


def settings_of(folder: Path, store: StoreSettings) -> Settings:
    """The one meter and forty others, with a tariff for all of them."""
    forty = [MeterSettings(f"m{number:02d}", "siemens-pac3100", "net", every=900.0) for number in range(40)]
    house = MeterSettings(HOUSE, "siemens-pac3100", "net", nominal_voltage=220.0, nominal_frequency=60.0)
    return Settings(
        folder / "phaselog.toml", SiteSettings("Chapada", "America/Cuiaba"), store,
        lines=(LineSettings("net", host="127.0.0.1"),), meters=(house, *forty), tariffs=(TARIFF,),
    )  # fmt: skip


def _opened(store: StoreSettings) -> Database:
    if store.kind == "mariadb":
        return MariaDatabase(store)
    assert store.path is not None
    return SqliteDatabase(store.path, mode="rw")


def build(settings: Settings, now: int, size: Size) -> None:
    """Fills the store up to the hour before now (UTC ms)."""
    with closing(open_maintainer(settings.store, settings.site)) as maintainer:
        maintainer.migrate(columns_of(settings), now)
    with closing(_opened(settings.store)) as database:
        made = _Made(database, settings, now, size)
        database.transaction(made.newest)
        with closing(open_insights(settings.store, settings.site)) as store:
            assert Run(settings, store, float("inf"), lambda: now).all() == 0
        database.transaction(made.rest)


def log_in(settings: Settings, token_hash: str, now: int) -> None:
    """An admin with a session."""
    with closing(open_accounts(settings.store)) as accounts:
        accounts.put_user(User("ana", Role.ADMIN, "no password", now))
        accounts.add_session(token_hash, "ana", now)


class _Made:
    def __init__(self, database: Database, settings: Settings, now: int, size: Size) -> None:
        self._database = database
        self._zone = settings.site.zone
        self._size = size
        self._now = now
        self._end = now - now % HOUR
        self._today = calendar.local_day(now, self._zone)[0]
        #: Of these days the results are computed, the others are copies.
        self._computed = self._today - WEEK - DAY
        names = dict(database.select("SELECT name, id FROM meter"))
        self._house = int(names[HOUSE])
        self._others = [int(number) for name, number in names.items() if name != HOUSE]

    def newest(self) -> None:
        """What the job is to compute."""
        self._series(recent=True)
        self._latest()

    def rest(self) -> None:
        """Everything else."""
        self._series(recent=False)
        self._invent()
        self._results()
        self._happened()

    def _series(self, *, recent: bool) -> None:
        """The waves of the computed days, or all that is older."""
        size = self._size
        house = [(RAW, size.every * SECOND, size.raw_days), ("reading_1m", MINUTE, size.minute_days)]
        rollups = [("reading_15m", QUARTER), ("reading_1h", HOUR), ("reading_1d", DAY)]
        years = size.years * 365
        for table, step, days in (*house, *((table, step, years) for table, step in rollups)):
            self._wave(table, step, self._span(days, recent), [self._house], QUANTITIES_OF_HOUSE)
        if not recent:
            others = [(RAW, QUARTER, min(size.raw_days, size.others)), ("reading_1m", QUARTER, size.others)]
            for table, step, days in (*others, *((table, step, size.others) for table, step in rollups)):
                whole = (self._today - days * DAY, self._end)
                self._wave(table, step, whole, self._others, QUANTITIES_OF_OTHERS)

    def _span(self, days: int, recent: bool) -> tuple[int, int]:
        begin = self._today - days * DAY
        return (max(self._computed, begin), self._end) if recent else (begin, self._computed)

    def _wave(self, table: str, step: int, span: tuple[int, int], meters: Sequence[int], names: Iterable[str]) -> None:
        start, end = span
        if table == "reading_1d":
            end = min(end, self._today)
        count = (end - start) // step
        if count <= 0:
            return
        columns = dict(pair for name in names for pair in _columns(table, name, start, step))
        for meter, first in product(meters, range(0, count, PIECE)):
            time, source = self._steps(start, step, min(PIECE, count - first), first)
            sql = (
                f"INSERT INTO {table} (meter_id, time, flags, {', '.join(columns)})"
                f" SELECT {meter}, {time}, 0, {', '.join(columns.values())} FROM {source}"
            )
            self._database.execute(sql)

    def _steps(self, start: int, step: int, count: int, first: int = 0) -> tuple[str, str]:
        """SQL of the time, and of the table with the numbers n of so many steps."""
        last = first + count - 1
        if self._database.kind == "mariadb":
            time = f"TIMESTAMPADD(SECOND, {start // 1000} + n * {step // 1000}, '1970-01-01')"
            return time, f"(SELECT seq AS n FROM seq_{first}_to_{last}) AS steps"
        counted = f"SELECT {first} UNION ALL SELECT n + 1 FROM s WHERE n < {last}"
        return f"{start} + n * {step}", f"(WITH RECURSIVE s(n) AS ({counted}) SELECT n FROM s) AS steps"

    def _latest(self) -> None:
        """The newest value of everything."""
        moment = self._database.moment
        begin = moment(self._today - self._size.years * 365 * DAY)
        owned = [(self._house, name) for name in QUANTITIES_OF_HOUSE]
        owned += [(meter, name) for meter in self._others for name in QUANTITIES_OF_OTHERS]
        rows = [(meter, name, moment(self._end), 1000.0, begin) for meter, name in owned]
        self._database.bulk(self._database.newer_latest(), rows)

    def _results(self) -> None:
        """Copies of what was computed, over the years and for the others."""
        week = (self._today - WEEK, self._today)
        for table in ("energy_day", "cost_day", "quality_10m", "disturbance", "quality_day", "quality_week", "anomaly"):
            self._copy(table, week, (WEEK, self._size.years * 52), [self._house])
            self._copy(table, week, (WEEK, self._size.others // 7), self._others)
        coming = (self._end, self._end + 40 * DAY)
        self._copy("forecast_hour", (self._end, self._end + DAY), (DAY, 60), [self._house])
        self._copy("forecast_hour", coming, (DAY, 1), self._others)
        self._months()

    def _months(self) -> None:
        """This month's bill and judgement, for all months."""
        day = calendar.local_date(self._today - 1, self._zone)
        months = [calendar.month_start(day, self._zone, -back) for back in range(self._size.years * 12)]
        span = (months[0], months[0] + 1)
        for table in ("bill", "bill_line", "quality_month"):
            for back, month in enumerate(months):
                meters = [self._house, *(self._others if back < 12 else ())]
                self._copy(table, span, (months[0] - month, 1), meters, first=1)

    def _invent(self) -> None:
        """An anomaly and a disturbance: the waves have none."""
        moment, begin = self._database.moment, self._today - 3 * DAY
        rows: Mapping[str, dict[str, object]] = {
            "anomaly": {"quantity": "active_power_total", "kind": "step", "until": begin + DAY, "lasting": 0,
                        "score": 5.0, "expected": 1000.0, "difference": 300.0, "kwh": 7.0, "amount": 5.5,
                        "currency": "BRL"},
            "disturbance": {"kind": "dip", "until": begin + MINUTE, "phases": "l1", "extreme": 0.7},
        }  # fmt: skip
        for name, row in rows.items():
            table = RESULT_TABLES[name]
            sql = self._database.insert_new(name, ("meter_id", *table.columns))
            values = [moment(begin), *(moment(v) if k == "until" else v for k, v in row.items())]
            self._database.execute(sql, (self._house, *values))

    def _copy(
        self, table: str, span: tuple[int, int], back: tuple[int, int], meters: Sequence[int], first: int = 0
    ) -> None:
        """Copies the one meter's results of a span to these meters, so many times, each a step further back."""
        moment, (step, count) = self._database.moment, back
        rest = ", ".join(name for name in RESULT_TABLES[table].columns if name != "time")
        maria = self._database.kind == "mariadb"
        insert, earlier = ("IGNORE", f"INTERVAL n * {step // 1000} SECOND") if maria else ("OR IGNORE", f"n * {step}")
        _, steps = self._steps(0, step, count, first)
        sql = (
            f"INSERT {insert} INTO {table} (meter_id, time, {rest}) SELECT meter.id, time - {earlier}, {rest}"
            f" FROM {table}, meter, {steps} WHERE meter_id = {self._house} AND time >= ? AND time < ?"
            f" AND meter.id IN ({', '.join(map(str, meters))})"
        )
        self._database.execute(sql, (moment(span[0]), moment(span[1])))

    def _happened(self) -> None:
        """Events, few of them people's, and those the oldest; and alerts that are over."""
        moment, events = self._database.moment, self._size.events
        begin = self._end - events * 60 * SECOND
        kinds = ["page_login"] * (events // 100) + ["silent"] * events
        sql = "INSERT INTO event (time, kind, meter, message) VALUES (?, ?, ?, ?)"
        rows = [(moment(begin + n * MINUTE), kind, HOUSE, "it was so") for n, kind in enumerate(kinds[:events])]
        self._database.bulk(sql, rows)
        sql = "INSERT INTO alert (raised, rule, subject, meter, text, ended) VALUES (?, ?, ?, ?, ?, ?)"
        alerts = [
            (moment(begin + n * MINUTE), "silent", HOUSE, HOUSE, "no answer", moment(begin + n * MINUTE + SECOND))
            for n in range(events // 4)
        ]
        self._database.bulk(sql, alerts)


def _columns(table: str, name: str, start: int, step: int) -> Iterable[tuple[str, str]]:
    """(column, SQL of its value at step n): a day that rises to noon and falls, and something restless on it."""
    seed = sum(name.encode()) % 89
    if QUANTITIES[name].counts:
        last, each = f"{start // 1000} + n * {step // 1000}.0", f"{step // 1000}.0"
        yield from ([(name, last)] if table == RAW else [(f"{name}_last", last), (f"{name}_increase", each)])
        return
    base = {"V": 215, "Hz": 60, "A": 4}.get(QUANTITIES[name].unit, 900)
    reach = {"V": 8, "Hz": 0.05, "A": 3}.get(QUANTITIES[name].unit, 600)
    hour = f"((n * {step // 1000} + {start // 1000}) % 86400) / 86400.0"
    value = f"({base} + {reach} * (ABS({hour} - 0.5) + (n * 37 + {seed}) % 101 / 200.0))"
    if table == RAW:
        yield name, value
        return
    spread = reach / 10
    values = ("60", value, f"{value} - {spread}", f"{value} + {spread}")
    yield from zip((column for column, _ in rollup_columns(name)), values, strict=True)
