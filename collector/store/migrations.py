"""Brings the tables from what they are to what this version needs: numbered SQL files, each applied once."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from collector.errors import StoreRefused

#: In an installed wheel the files lie in the package, in a checkout at its root.
_PLACES = (Path(__file__).parents[1] / "sql", Path(__file__).parents[2] / "sql")


@dataclass(frozen=True, slots=True)
class Migration:
    """One file `NNNN_name.sql`. Every statement may run again after a crash."""

    number: int
    name: str
    sql: str

    @property
    def checksum(self) -> str:
        """Tells whether the file is still the one that was applied."""
        return hashlib.sha256(self.sql.encode()).hexdigest()

    def __str__(self) -> str:
        return f"migration {self.number:04d} {self.name}"

    @property
    def statements(self) -> list[str]:
        """The statements; each ends with a semicolon at the end of a line."""
        lines = (line for line in self.sql.splitlines() if not line.startswith("--"))
        return [part.strip() for part in "\n".join(lines).split(";\n") if part.strip(" ;\n")]


def sql_folder() -> Path:
    """Where the SQL files are; StoreRefused when the installation lacks them."""
    for place in _PLACES:
        if place.is_dir():
            return place
    raise StoreRefused("the migrations (folder sql) are missing from this installation", "install Phaselog again")


def migrations(kind: str) -> list[Migration]:
    """All migrations of "mariadb" or "sqlite", in order."""
    found = []
    for path in sorted((sql_folder() / kind).glob("[0-9][0-9][0-9][0-9]_*.sql")):
        number, _, name = path.stem.partition("_")
        found.append(Migration(int(number), name.replace("_", " "), path.read_text(encoding="utf-8")))
    return found


def unapplied(kind: str, applied: dict[int, str]) -> list[Migration]:
    """The migrations to be applied; StoreRefused when an applied one was changed since, or is from a newer version.

    `applied`: number -> checksum.
    """
    all_ = {migration.number: migration for migration in migrations(kind)}
    for number, checksum in applied.items():
        if number not in all_:
            hint = "install the newer Phaselog again"
            raise StoreRefused(f"the database was made by a newer Phaselog (migration {number:04d})", hint)
        if all_[number].checksum != checksum:
            raise StoreRefused(f"{all_[number]} was changed after it had been applied", "install Phaselog again")
    return [migration for number, migration in all_.items() if number not in applied]
