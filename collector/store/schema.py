"""Knows what the writer must know of the stored schema: the meters' numbers and the columns that there are."""

from __future__ import annotations

from collections.abc import Mapping

from collector.errors import SchemaOutdated
from collector.store.columns import COUNTED, RAW, known
from collector.store.database import Database

MIGRATE = "phaselog db migrate adds what is missing"


class Schema:
    """What was in the database when this was made; made anew after every StoreError."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.meters: dict[str, int] = {name: number for number, name in database.select("SELECT id, name FROM meter")}
        self.names = {number: name for name, number in self.meters.items()}
        columns = database.columns(RAW)
        self.quantities = {quantity.name: quantity for quantity in known(columns)}
        self.counts = COUNTED[0] in columns

    def meter_id(self, meter: str) -> int:
        """The number of this meter, which is added if the database does not know it.

        Readings of a meter that was renamed or removed before it was ever stored may still wait in the spool: they
        must not hold up all that waits behind them.
        """
        if meter not in self.meters:
            self._database.execute(self._database.insert_new("meter", ("name",)), (meter,))
            ((number,),) = self._database.select("SELECT id FROM meter WHERE name = ?", (meter,))
            self.meters[meter] = number
            self.names[number] = meter
        return self.meters[meter]

    def require(self, quantities: Mapping[str, object]) -> None:
        """Raises SchemaOutdated if one of these quantities has no column."""
        if missing := quantities.keys() - self.quantities.keys():
            raise SchemaOutdated(f"table {RAW} has no column {min(missing)}", MIGRATE)

    def require_counted(self) -> None:
        """Raises SchemaOutdated if there is no column for what a counter counted."""
        if not self.counts:
            raise SchemaOutdated(f"table {RAW} has no column {COUNTED[0]}", MIGRATE)
