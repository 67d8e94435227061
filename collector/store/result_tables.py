"""Lists the tables of results: what `insight` may write, and how each column is kept."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum
from typing import Any

from collector.model.insight import ResultRow, Value
from collector.store.database import Database, Row


class Kept(Enum):
    """How a column is kept. TIME: UTC ms outside; DECIMAL: exact, as text in SQLite."""

    TIME = "time"
    TEXT = "text"
    INTEGER = "integer"
    REAL = "real"
    DECIMAL = "decimal"


@dataclass(frozen=True, slots=True)
class ResultTable:
    """One table: `meter_id`, `time`, the rest of its key, its values."""

    name: str
    key: Mapping[str, Kept]
    values: Mapping[str, Kept]

    @property
    def columns(self) -> Mapping[str, Kept]:
        """All columns but `meter_id`, in the order in which they are written."""
        return {"time": Kept.TIME, **self.key, **self.values}

    @property
    def order(self) -> str:
        """ORDER BY its key."""
        return ", ".join(("time", *self.key))

    def selected(self, database: Database) -> str:
        """Its columns as SQL hands them out."""
        handed = {Kept.TIME: database.ms, Kept.REAL: database.exact}
        return ", ".join(handed.get(kept, str)(name) for name, kept in self.columns.items())

    def read(self, rows: Iterable[Row]) -> Sequence[ResultRow]:
        """Rows as they were selected: both databases hand out everything as it is kept, but SQLite decimals as text."""
        names = list(self.columns)
        exact = [name for name, kept in self.columns.items() if kept is Kept.DECIMAL]
        found: list[dict[str, Value]] = [dict(zip(names, row, strict=True)) for row in rows]
        for row in found if exact else ():
            row.update({name: Decimal(value) for name in exact if (value := row[name]) is not None})
        return found

    def written(self, database: Database, row: ResultRow) -> list[Any]:
        """The values of a row as this database takes them; a column that the row does not tell is NULL."""
        return [_in(database, kept, row.get(name)) for name, kept in self.columns.items()]


def _in(database: Database, kept: Kept, value: Value) -> Any:
    if value is None:
        return None
    if kept is Kept.TIME:
        return database.moment(int(value))
    return format(value, "f") if isinstance(value, Decimal) else value


_TARIFF = {"tariff": Kept.TEXT}
_KWH = {"import_kwh": Kept.DECIMAL, "export_kwh": Kept.DECIMAL}
_COUNT = {"quarters": Kept.INTEGER, "estimated": Kept.INTEGER}

#: What is said of a period's quality, by figure and limit.
_QUALITY = (
    {"figure": Kept.TEXT, "number": Kept.INTEGER},
    {
        **dict.fromkeys(("low", "high", "share"), Kept.REAL),
        **dict.fromkeys(("expected", "measured", "inside", "good"), Kept.INTEGER),
        **dict.fromkeys(("mean", "lowest", "highest", "p5", "p95"), Kept.REAL),
        "method": Kept.TEXT,
        "worst": Kept.TEXT,
    },
)
_TEN_MINUTES = (
    *(f"voltage_{part}" for part in ("l1_n", "l2_n", "l3_n", "l1_l2", "l2_l3", "l3_l1")),
    *(f"{name}_{phase}" for name in ("current", "voltage_thd") for phase in ("l1", "l2", "l3")),
    *("frequency", "frequency_low", "frequency_high"),
    *(f"{name}_power_total" for name in ("active", "reactive", "apparent")),
    *("voltage_unbalance", "unbalance_voltage", "unbalance_current"),
)

#: Every table that results may go to, by name.
RESULT_TABLES = {
    table.name: table
    for table in (
        ResultTable(
            "energy_day",
            {**_TARIFF, "band": Kept.TEXT},
            {
                **_KWH,
                "reactive_kvarh": Kept.DECIMAL,
                **_COUNT,
                "peak_kw": Kept.DECIMAL,
                "peak_time": Kept.TIME,
                "market_import": Kept.DECIMAL,
                "market_export": Kept.DECIMAL,
                "unpriced_kwh": Kept.DECIMAL,
                "unpriced_export_kwh": Kept.DECIMAL,
            },
        ),
        ResultTable(
            "cost_day",
            {**_TARIFF, "kind": Kept.TEXT, "label": Kept.TEXT},
            {"quantity": Kept.DECIMAL, "amount": Kept.DECIMAL, "currency": Kept.TEXT},
        ),
        ResultTable(
            "bill_line",
            {**_TARIFF, "number": Kept.INTEGER},
            {
                "kind": Kept.TEXT,
                "label": Kept.TEXT,
                "quantity": Kept.DECIMAL,
                "unit": Kept.TEXT,
                "price": Kept.DECIMAL,
                "amount": Kept.DECIMAL,
            },
        ),
        ResultTable(
            "bill",
            _TARIFF,
            {
                "currency": Kept.TEXT,
                "until": Kept.TIME,
                "days": Kept.INTEGER,
                **_KWH,
                "total": Kept.DECIMAL,
                "expected": Kept.DECIMAL,
                "expected_by": Kept.TEXT,
                **_COUNT,
                "expected_quarters": Kept.INTEGER,
                "unpriced_kwh": Kept.DECIMAL,
            },
        ),
        ResultTable("quality_10m", {}, {**dict.fromkeys(_TEN_MINUTES, Kept.REAL), "unbalance_method": Kept.TEXT}),
        ResultTable(
            "disturbance",
            {"kind": Kept.TEXT},
            {"until": Kept.TIME, "phases": Kept.TEXT, "extreme": Kept.REAL},
        ),
        ResultTable(
            "forecast_hour",
            {"quantity": Kept.TEXT},
            {**dict.fromkeys(("value", "low", "high"), Kept.REAL), "made": Kept.TIME},
        ),
        ResultTable(
            "forecast_model",
            {"quantity": Kept.TEXT, "season": Kept.TEXT},
            dict.fromkeys(("level", "day", "week", "memory", "error"), Kept.REAL),
        ),
        ResultTable(
            "anomaly",
            {"quantity": Kept.TEXT, "kind": Kept.TEXT},
            {
                "until": Kept.TIME,
                "lasting": Kept.INTEGER,
                **dict.fromkeys(("score", "expected", "difference", "kwh", "amount"), Kept.REAL),
                "currency": Kept.TEXT,
            },
        ),
        *(ResultTable(f"quality_{period}", *_QUALITY) for period in ("day", "week", "month")),
    )
}
