"""Makes the views for people and the ancestor's table `chapada_imperial.multimedidor` out of the files in sql/views."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence

from collector.config.settings import StoreSettings
from collector.errors import StoreRefused
from collector.store.columns import RAW
from collector.store.database import Database
from collector.store.migrations import sql_folder

ANCESTOR_DATABASE = "chapada_imperial"
ANCESTOR_TABLE = "multimedidor"
#: Column of the ancestor -> quantity, in the ancestor's order; the first column is `datahora`.
ANCESTOR_COLUMNS = {
    "tensao_L1_N": "voltage_l1_n",
    "tensao_L2_N": "voltage_l2_n",
    "tensao_L3_N": "voltage_l3_n",
    "tensao_L1_L2": "voltage_l1_l2",
    "tensao_L2_L3": "voltage_l2_l3",
    "tensao_L3_L1": "voltage_l3_l1",
    "corrente_L1": "current_l1",
    "corrente_L2": "current_l2",
    "corrente_L3": "current_l3",
    "potencia_aparente_L1": "apparent_power_l1",
    "potencia_aparente_L2": "apparent_power_l2",
    "potencia_aparente_L3": "apparent_power_l3",
    "potencia_ativa_L1": "active_power_l1",
    "potencia_ativa_L2": "active_power_l2",
    "potencia_ativa_L3": "active_power_l3",
    "potencia_reativa_L1": "reactive_power_l1",
    "potencia_reativa_L2": "reactive_power_l2",
    "potencia_reativa_L3": "reactive_power_l3",
    "corrente_condutor_neutro": "current_n",
    "frequencia": "frequency",
}
_ZONE = re.compile(r"[A-Za-z0-9_+/-]+\Z")


def views(database: Database, timezone: str) -> Iterator[tuple[str, str]]:
    """(name, SQL) of every view for people; what they need and the tables lack is NULL in them."""
    there = database.columns("reading_1d")
    if not _ZONE.match(timezone):
        raise ValueError(timezone)
    for path in sorted((sql_folder() / "views").glob("*.sql")):
        text = path.read_text(encoding="utf-8").replace("{timezone}", timezone)
        yield path.stem, re.sub(r"\{(\w+)\}", lambda found: found[1] if found[1] in there else "NULL", text)


def ancestor(database: Database, name: str, meter_id: int, timezone: str) -> str:
    """SQL of the ancestor's table as a view of one meter: site-local time, two decimals as there."""
    there = database.columns(RAW)
    if not _ZONE.match(timezone):
        raise ValueError(timezone)
    parts = [f"CAST(CONVERT_TZ(time, 'UTC', '{timezone}') AS DATETIME) AS datahora"]
    for column, quantity in ANCESTOR_COLUMNS.items():
        parts.append(f"CAST(ROUND({quantity if quantity in there else 'NULL'}, 2) AS DECIMAL(12,2)) AS {column}")
    return (
        f"CREATE OR REPLACE SQL SECURITY INVOKER VIEW {ANCESTOR_DATABASE}.{ANCESTOR_TABLE} AS"
        f" SELECT {', '.join(parts)} FROM `{name}`.{RAW} WHERE meter_id = {int(meter_id)}"
    )


def chosen(meters: Sequence[str], wanted: str | None) -> str | None:
    """The meter that the ancestor's view shows: the configured one, else the first."""
    if wanted in meters:
        return wanted
    return meters[0] if meters else None


def put(database: Database, meters: Sequence[str], settings: StoreSettings, timezone: str) -> list[str]:
    """Makes every view that is missing or not as it should be; says which."""
    made = [f"view {name}" for name, sql in views(database, timezone) if _put(database, name, sql)]
    return made + _put_ancestor(database, chosen(meters, settings.compatible_meter), settings, timezone)


def _put(database: Database, name: str, sql: str) -> bool:
    checksum = hashlib.sha256(sql.encode()).hexdigest()
    if database.select("SELECT 1 FROM view_definition WHERE name = ? AND checksum = ?", (name, checksum)):
        return False
    database.execute(sql)
    database.execute(database.upsert("view_definition", ("name", "checksum"), ("name",)), (name, checksum))
    return True


def _put_ancestor(database: Database, meter: str | None, settings: StoreSettings, timezone: str) -> list[str]:
    """The ancestor's view; its own table is never touched, and who may not make a second database goes without."""
    found = database.select("SELECT id FROM meter WHERE name = ?", (meter,)) if meter else []
    if not found:
        return []
    name = f"{ANCESTOR_DATABASE}.{ANCESTOR_TABLE}"
    if is_table(database):
        return [f"view {name} left out: the earlier logger's table is there (phaselog db import-multimedidor)"]
    sql = ancestor(database, settings.database.replace("`", "``"), found[0][0], timezone)
    try:
        database.execute(f"CREATE DATABASE IF NOT EXISTS {ANCESTOR_DATABASE}")
        return [f"view {name} of meter {meter}"] if _put(database, name, sql) else []
    except StoreRefused:
        return [f"view {name} left out: this user may not make it"]


def is_table(database: Database) -> bool:
    """True while the earlier logger's own table is there."""
    sql = "SELECT table_type FROM information_schema.tables WHERE table_schema = ? AND table_name = ?"
    return [kind for (kind,) in database.select(sql, (ANCESTOR_DATABASE, ANCESTOR_TABLE))] == ["BASE TABLE"]
