"""Says which columns a quantity has in which table, and whether a table stays within what a row can hold."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from collector.model.quantity import QUANTITIES, Quantity

#: InnoDB refuses more than 1017 columns and more than about half a 16 KiB page a row; these leave room.
MOST_COLUMNS = 900
MOST_BYTES = 7500
#: Octets of a column of this type in a row, with its share of the record's bitmap of missing values.
_OCTETS = {"FLOAT": 4.125, "DOUBLE": 8.125, "MEDIUMINT UNSIGNED": 3.125}
#: Key, flags and what InnoDB adds to each row.
_KEY_COLUMNS, _KEY_OCTETS = 3, 40

RAW = "reading"
#: Column of table `reading`: JSON, quantity -> what its counter counted where that is no difference of two values.
COUNTED = ("counted", "TEXT")
#: Rollup tables from fine to coarse.
ROLLUPS = ("reading_1m", "reading_15m", "reading_1h", "reading_1d")


def raw_columns(name: str) -> Iterator[tuple[str, str]]:
    """(column, type) of a quantity in table `reading`."""
    yield name, "DOUBLE" if QUANTITIES[name].counts else "FLOAT"


def rollup_columns(name: str) -> Iterator[tuple[str, str]]:
    """(column, type) of a quantity in a rollup table."""
    if QUANTITIES[name].counts:
        yield f"{name}_last", "DOUBLE"
        yield f"{name}_increase", "DOUBLE"
        return
    yield f"{name}_count", "MEDIUMINT UNSIGNED"
    for part in ("mean", "min", "max"):
        yield f"{name}_{part}", "FLOAT"


def table_columns(table: str, name: str) -> Iterator[tuple[str, str]]:
    """(column, type) of a quantity in this table."""
    return raw_columns(name) if table == RAW else rollup_columns(name)


def known(columns: Iterable[str], table: str = RAW) -> list[Quantity]:
    """The quantities whose columns are among these, in the order of the closed list."""
    have = set(columns)
    return [q for q in QUANTITIES.values() if all(column in have for column, _ in table_columns(table, q.name))]


def row_size(quantities: Iterable[str]) -> list[str]:
    """What is wrong with a database that has columns for all these quantities; nothing when it fits."""
    names = list(dict.fromkeys(quantities))
    problems = []
    for table in (RAW, ROLLUPS[0]):
        types = [kind for name in names for _, kind in table_columns(table, name)]
        columns = _KEY_COLUMNS + len(types)
        octets = round(_KEY_OCTETS + sum(_OCTETS[kind] for kind in types))
        if columns > MOST_COLUMNS:
            problems.append(f"table {table} would have {columns} columns; {MOST_COLUMNS} are allowed")
        if octets > MOST_BYTES:
            problems.append(f"a row of table {table} would have {octets} bytes; {MOST_BYTES} are allowed")
    return problems
